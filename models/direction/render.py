#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Renders text lines as the text-direction classifier takes them, upright and turned around.

Writes beside itself samples.npy with labels.npy (0 upright, 1 turned by 180 degrees),
calibration.npy (other words, for the quantizer) and samples.png (the samples, to look at). The recipe of the committed files, not
a dependency of Systole: needs Debian's python3-pil, python3-numpy and fonts-dejavu-core.

Preprocessing is PaddleOCR's: height 48, width by aspect ratio up to 192, (x / 255 - 0.5) / 0.5,
zeros right of the line.
"""
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SEED = 1
HEIGHT, WIDTH = 48, 192
FONTS = pathlib.Path("/usr/share/fonts/truetype/dejavu")
HERE = pathlib.Path(__file__).resolve().parent

# Text, font, colour of the text, colour of the paper, turned.
SAMPLES = [
    ("Systolic array", "DejaVuSans.ttf", (20, 20, 30), (235, 232, 220), 0),
    ("Keep left", "DejaVuSans-Bold.ttf", (250, 250, 250), (20, 60, 140), 1),
    ("Invoice 2041", "DejaVuSerif.ttf", (60, 30, 20), (246, 240, 228), 1),
    ("Way out 3", "DejaVuSans-Bold.ttf", (245, 250, 245), (10, 120, 60), 0),
    ("14 Maple Street", "DejaVuSerif-Bold.ttf", (30, 30, 60), (210, 214, 220), 0),
    ("Total: 37.50", "DejaVuSansMono.ttf", (15, 15, 15), (240, 240, 236), 1),
]
CALIBRATION = [
    ("Platform 9", "DejaVuSans-Bold.ttf", (240, 240, 230), (30, 30, 40), 0),
    ("Fragile", "DejaVuSerif-Bold.ttf", (170, 20, 20), (230, 210, 180), 1),
    ("Chapter seven", "DejaVuSerif.ttf", (25, 25, 25), (250, 246, 235), 1),
    ("Room 118", "DejaVuSans.ttf", (40, 40, 90), (200, 220, 235), 0),
    ("Open daily", "DejaVuSans.ttf", (200, 40, 30), (250, 235, 160), 0),
    ("0.062 kg", "DejaVuSansMono.ttf", (10, 30, 10), (190, 205, 190), 1),
]


def render(line, random):
    """The line as an image of height 48: uneven light, slight blur and sensor noise."""
    text, font_name, ink, paper, turned = line
    font = ImageFont.truetype(str(FONTS / font_name), 30)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGB", (right - left + 16, HEIGHT), paper)
    ImageDraw.Draw(image).text((8 - left, (HEIGHT - (bottom - top)) // 2 - top), text, font=font,
                               fill=ink)
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    width = min(WIDTH, image.width)
    image = image.resize((width, HEIGHT), Image.BILINEAR)
    light = np.linspace(0.9, 1.05, width)[None, :, None]
    pixels = np.asarray(image, np.float64) * light + random.normal(0, 4, (HEIGHT, width, 3))
    pixels = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    return pixels[::-1, ::-1] if turned else pixels


def prepare(pixels):
    """[3, 48, 192], blue first as OpenCV reads images."""
    out = np.zeros((3, HEIGHT, WIDTH), np.float32)
    half = np.float32(0.5)
    scaled = (pixels[:, :, ::-1].astype(np.float32) / np.float32(255) - half) / half
    out[:, :, :pixels.shape[1]] = scaled.transpose(2, 0, 1)
    return out


def main():
    random = np.random.RandomState(SEED)
    images = [render(line, random) for line in SAMPLES]
    others = [render(line, random) for line in CALIBRATION]
    np.save(HERE / "samples.npy", np.stack([prepare(image) for image in images]))
    np.save(HERE / "labels.npy", np.array([line[4] for line in SAMPLES], np.int64))
    np.save(HERE / "calibration.npy", np.stack([prepare(image) for image in others]))
    sheet = np.full((len(images) * (HEIGHT + 4), WIDTH, 3), 128, np.uint8)
    for i, image in enumerate(images):
        sheet[i * (HEIGHT + 4):i * (HEIGHT + 4) + HEIGHT, :image.shape[1]] = image
    Image.fromarray(sheet).save(HERE / "samples.png")


if __name__ == "__main__":
    main()
