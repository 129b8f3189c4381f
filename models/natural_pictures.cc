// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/stimulus.h"
#include "models/pictures.h"

namespace systole {
namespace {

using Field = std::vector<double>;

/// About normal, of variance 1: the sum of four uniform values.
double Bell(Stimulus& random) {
  const std::uint64_t bits = random.Next();
  const std::uint64_t sum =
      (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
  return (static_cast<double>(sum) - 2 * 65535.0) * std::sqrt(3.0) / 65536.0;
}

/// Where a pixel lies between the points of a lattice.
struct Place {
  std::size_t point;
  double share;  ///< of the next point
};

std::vector<Place> PlacesOf(std::int64_t size, std::int64_t cells) {
  std::vector<Place> places;
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t at = i * cells;
    const double t = static_cast<double>(at % size) / static_cast<double>(size);
    places.push_back({static_cast<std::size_t>(at / size), t * t * (3 - 2 * t)});
  }
  return places;
}

/// Adds noise of `cells` waves, more or less, along each side.
void AddOctave(std::int64_t size, std::int64_t cells, Stimulus& random, Field& field) {
  const auto points = static_cast<std::size_t>(cells + 1);
  Field lattice(points * points);
  for (double& value : lattice) value = Bell(random);
  const std::vector<Place> places = PlacesOf(size, cells);
  std::size_t at = 0;
  for (const Place& y : places) {
    for (const Place& x : places) {
      const double* corner = lattice.data() + y.point * points + x.point;
      const double above = corner[0] + x.share * (corner[1] - corner[0]);
      const double below = corner[points] + x.share * (corner[points + 1] - corner[points]);
      field[at++] += above + y.share * (below - above);
    }
  }
}

/// Equal power in every octave up to that of two pixels a cell, mean 0 and variance 1 over the
/// field; all 0 below 4x4 pixels.
Field NaturalField(std::int64_t size, Stimulus& random) {
  Field field(static_cast<std::size_t>(size * size), 0.0);
  for (std::int64_t cells = 2; 2 * cells <= size; cells *= 2) AddOctave(size, cells, random, field);
  double sum = 0, squares = 0;
  for (const double value : field) sum += value;
  const double mean = sum / static_cast<double>(field.size());
  for (double& value : field) {
    value -= mean;
    squares += value * value;
  }
  const double scale =
      squares > 0 ? 1 / std::sqrt(squares / static_cast<double>(field.size())) : 0.0;
  for (double& value : field) value *= scale;
  return field;
}

}  // namespace

Tensor NaturalPictures(std::int64_t count, std::int64_t size, std::uint64_t seed) {
  constexpr double kMean = 0.45, kDeviation = 0.2;
  // Luminance, red against green, both against blue; the last rows sum to 0.
  constexpr std::array<std::array<double, 3>, 3> kColours = {
      {{1.0, 0.3, 0.15}, {1.0, -0.3, 0.15}, {1.0, 0.0, -0.3}}};
  Tensor pictures = BlackPictures(count, size);
  float* out = pictures.As<float>().data();
  for (std::int64_t i = 0; i < count; ++i) {
    Stimulus random(seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(i) + (1ULL << 32));
    const Field light = NaturalField(size, random), red = NaturalField(size, random),
                blue = NaturalField(size, random);
    for (const auto& [a, b, c] : kColours) {
      for (std::size_t at = 0; at < light.size(); ++at) {
        const double value = kMean + kDeviation * (a * light[at] + b * red[at] + c * blue[at]);
        *out++ = std::floor(static_cast<float>(std::clamp(value, 0.0, 1.0) * 255 + 0.5)) / 255.0F;
      }
    }
  }
  return pictures;
}

}  // namespace systole
