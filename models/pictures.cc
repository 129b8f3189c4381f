// SPDX-License-Identifier: Apache-2.0
#include "models/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/stimulus.h"

namespace systole {
namespace {

constexpr std::int64_t kColours = 3, kMaxCount = 4096, kMaxSize = 4096;
using Colour = std::array<std::int64_t, kColours>;

Colour AnyColour(Stimulus& random) {
  Colour colour;
  for (std::int64_t& part : colour) part = random.Between(0, 255);
  return colour;
}

/// A picture under construction; coordinates are in 1/256 of its size, so that any size shows the
/// same things.
class Picture {
 public:
  Picture(std::int64_t size, Stimulus& random)
      : size_(size), random_(random), pixels_(static_cast<std::size_t>(size * size)) {}

  /// From one colour at the top left to another at the bottom right.
  void Ground() {
    const Colour from = AnyColour(random_), to = AnyColour(random_);
    ForEach([&](std::int64_t x, std::int64_t y, Colour& pixel) {
      for (std::size_t c = 0; c < kColours; ++c) {
        pixel[c] = from[c] + (to[c] - from[c]) * (x + y) / 512;
      }
    });
  }

  void Disc() {
    const Colour colour = AnyColour(random_);
    const std::int64_t mx = random_.Between(0, 255), my = random_.Between(0, 255);
    const std::int64_t radius = random_.Between(10, 90);
    ForEach([&](std::int64_t x, std::int64_t y, Colour& pixel) {
      const std::int64_t distance = (x - mx) * (x - mx) + (y - my) * (y - my);
      if (distance < radius * radius) pixel = colour;
    });
  }

  void Bars() {
    const Colour colour = AnyColour(random_);
    const std::int64_t dx = random_.Between(-3, 3), dy = random_.Between(-3, 3);
    const std::int64_t period = random_.Between(20, 120), from = random_.Between(0, 255);
    const std::int64_t to = from + random_.Between(30, 120);
    ForEach([&](std::int64_t x, std::int64_t y, Colour& pixel) {
      const std::int64_t phase = (dx * x + dy * y + 4 * 1024) % period;
      if (y >= from && y < to && phase < period / 2) pixel = colour;
    });
  }

  void Grain() {
    ForEach([&](std::int64_t, std::int64_t, Colour& pixel) {
      for (std::int64_t& part : pixel) part += random_.Between(-8, 8);
    });
  }

  void CopyTo(std::span<float> out) const {
    for (std::size_t c = 0; c < kColours; ++c) {
      for (std::size_t i = 0; i < pixels_.size(); ++i) {
        const std::int64_t value = std::clamp<std::int64_t>(pixels_[i][c], 0, 255);
        out[c * pixels_.size() + i] = static_cast<float>(value) / 255.0F;
      }
    }
  }

 private:
  template <typename Draw>
  void ForEach(const Draw& draw) {
    for (std::int64_t y = 0; y < size_; ++y) {
      for (std::int64_t x = 0; x < size_; ++x) {
        draw(x * 256 / size_, y * 256 / size_, pixels_[static_cast<std::size_t>(y * size_ + x)]);
      }
    }
  }

  std::int64_t size_;
  Stimulus& random_;
  std::vector<Colour> pixels_;
};

}  // namespace

Tensor BlackPictures(std::int64_t count, std::int64_t size) {
  if (count < 1 || count > kMaxCount || size < 1 || size > kMaxSize) {
    throw RequestError(fmt::format("{} pictures of {}x{}: 1 to {} of 1 to {} are possible", count,
                                   size, size, kMaxCount, kMaxSize));
  }
  return {ElementType::kFloat32, {count, kColours, size, size}};
}

Tensor DrawPictures(std::int64_t count, std::int64_t size, std::uint64_t seed) {
  Tensor pictures = BlackPictures(count, size);
  const auto plane = static_cast<std::size_t>(kColours * size * size);
  for (std::int64_t i = 0; i < count; ++i) {
    Stimulus random(seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(i));
    Picture picture(size, random);
    picture.Ground();
    for (std::int64_t things = random.Between(2, 6); things > 0; --things) {
      random.Chance(160) ? picture.Disc() : picture.Bars();
    }
    picture.Grain();
    picture.CopyTo(pictures.As<float>().subspan(static_cast<std::size_t>(i) * plane, plane));
  }
  return pictures;
}

Tensor Normalized(Tensor pictures) {
  for (float& pixel : pictures.As<float>()) pixel = (pixel - 0.5F) * 4.0F;
  return pictures;
}

}  // namespace systole
