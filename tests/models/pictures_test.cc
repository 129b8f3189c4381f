// SPDX-License-Identifier: Apache-2.0
#include "models/pictures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::int64_t kSize = 128;

/// One plane of the pictures.
std::vector<double> Plane(const Tensor& pictures, std::int64_t index) {
  const auto size = static_cast<std::size_t>(pictures.shape()[2] * pictures.shape()[3]);
  const auto part = pictures.As<float>().subspan(static_cast<std::size_t>(index) * size, size);
  return {part.begin(), part.end()};
}

/// Means of blocks of 2x2.
std::vector<double> Halved(const std::vector<double>& plane, std::size_t size) {
  std::vector<double> half;
  for (std::size_t y = 0; y < size; y += 2) {
    for (std::size_t x = 0; x < size; x += 2) {
      const double* at = plane.data() + y * size + x;
      half.push_back((at[0] + at[1] + at[size] + at[size + 1]) / 4);
    }
  }
  return half;
}

double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ma += a[i] / static_cast<double>(a.size());
    mb += b[i] / static_cast<double>(a.size());
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

// Power that falls with the square of the frequency is equal in every octave.
TEST(NaturalPictures, HaveEqualPowerInEveryOctave) {
  const Tensor pictures = NaturalPictures(8, kSize, 1);
  std::vector<double> octaves(4);
  for (std::int64_t i = 0; i < 8; ++i) {
    std::vector<double> plane = Plane(pictures, 3 * i);
    std::size_t size = kSize;
    for (double& power : octaves) {
      const std::vector<double> half = Halved(plane, size);
      for (std::size_t at = 0; at < plane.size(); ++at) {
        const double detail = plane[at] - half[at / size / 2 * (size / 2) + at % size / 2];
        power += detail * detail / static_cast<double>(plane.size());
      }
      plane = half;
      size /= 2;
    }
  }
  for (std::size_t i = 2; i < octaves.size(); ++i) {
    EXPECT_NEAR(octaves[i] / octaves[1], 1.0, 0.35) << "octave " << i;
  }
}

TEST(NaturalPictures, HaveNeighboursAndColoursAsAlikeAsPhotographs) {
  const Tensor pictures = NaturalPictures(8, kSize, 2);
  double neighbours = 0, colours = 0;
  for (std::int64_t i = 0; i < 8; ++i) {
    const std::vector<double> red = Plane(pictures, 3 * i), blue = Plane(pictures, 3 * i + 2);
    colours += Correlation(red, blue) / 8;
    neighbours += Correlation({red.begin(), red.end() - 1}, {red.begin() + 1, red.end()}) / 8;
  }
  EXPECT_GT(neighbours, 0.85);
  EXPECT_LT(neighbours, 0.99);
  EXPECT_NEAR(colours, 0.85, 0.06);
}

TEST(NaturalPictures, AreMultiplesOf255thsFromSeedAndIndexOnly) {
  const Tensor pictures = NaturalPictures(3, 17, 5);
  EXPECT_EQ(pictures.shape(), (Shape{3, 3, 17, 17}));
  for (const float pixel : pictures.As<float>()) {
    EXPECT_GE(pixel, 0.0F);
    EXPECT_LE(pixel, 1.0F);
    EXPECT_EQ(std::nearbyint(pixel * 255.0F) / 255.0F, pixel);
  }
  EXPECT_EQ(Plane(NaturalPictures(1, 17, 5), 2), Plane(pictures, 2));
  EXPECT_NE(Plane(pictures, 0), Plane(pictures, 3));
  EXPECT_NE(NaturalPictures(1, 17, 6), NaturalPictures(1, 17, 5));
  const Tensor smallest = NaturalPictures(1, 1, 1);
  for (const float pixel : smallest.As<float>()) EXPECT_EQ(pixel, 115 / 255.0F);
  EXPECT_THROW(NaturalPictures(0, 8, 1), RequestError);
  EXPECT_THROW(NaturalPictures(1, 4097, 1), RequestError);
}

}  // namespace
}  // namespace systole
