// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/separate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/stimulus.h"

namespace systole::fuse {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

Kernel RandomKernel(std::int64_t rows, std::int64_t cols, Stimulus& random) {
  Kernel kernel{rows, cols, {}};
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    kernel.values.push_back(static_cast<double>(random.Between(-1000, 1000)) / 256);
  }
  return kernel;
}

Kernel Outer(const std::vector<double>& column, const std::vector<double>& row) {
  Kernel kernel{
      static_cast<std::int64_t>(column.size()), static_cast<std::int64_t>(row.size()), {}};
  for (const double c : column) {
    for (const double r : row) kernel.values.push_back(c * r);
  }
  return kernel;
}

double SquaredDistance(const Kernel& a, const Kernel& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    sum += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  }
  return sum;
}

Kernel Product(const Separation& s) {
  Kernel kernel = Outer(s.column, s.row);
  for (double& value : kernel.values) value *= s.gain;
  return kernel;
}

TEST(Separate, GivesASeparableKernelBack) {
  Stimulus random(1);
  for (int trial = 0; trial < 200; ++trial) {
    const auto rows = random.Between(1, 9), cols = random.Between(1, 9);
    SCOPED_TRACE(fmt::format("seed 1, trial {}: {}x{}", trial, rows, cols));
    const Kernel column = RandomKernel(rows, 1, random), row = RandomKernel(1, cols, random);
    const Kernel kernel = Outer(column.values, row.values);
    EXPECT_THAT(Product(Separate(kernel)).values, Pointwise(DoubleNear(1e-12), kernel.values));
  }
}

// The residue of the best rank-1 approximation is orthogonal to both factors, and no other rank-1
// kernel is nearer: neither nearby ones nor the best from any row or column.
TEST(Separate, LeavesTheSmallestResidue) {
  Stimulus random(2);
  for (int trial = 0; trial < 200; ++trial) {
    const Kernel kernel = RandomKernel(random.Between(2, 7), random.Between(2, 7), random);
    SCOPED_TRACE(fmt::format("seed 2, trial {}", trial));
    const Separation best = Separate(kernel);
    const double residue = SquaredDistance(kernel, Product(best));
    for (int other = 0; other < 20; ++other) {
      // The best column for a row vector: alternating least squares from anywhere ends no lower.
      Kernel row = RandomKernel(1, kernel.cols, random);
      Kernel column{kernel.rows, 1, {}};
      for (int step = 0; step < 30; ++step) {
        column.values.assign(static_cast<std::size_t>(kernel.rows), 0);
        double norm = 0;
        for (const double r : row.values) norm += r * r;
        for (std::int64_t i = 0; i < kernel.rows; ++i) {
          for (std::int64_t j = 0; j < kernel.cols; ++j) {
            column.values[static_cast<std::size_t>(i)] += kernel.At(i, j) * row.At(0, j) / norm;
          }
        }
        norm = 0;
        for (const double c : column.values) norm += c * c;
        row.values.assign(static_cast<std::size_t>(kernel.cols), 0);
        for (std::int64_t i = 0; i < kernel.rows; ++i) {
          for (std::int64_t j = 0; j < kernel.cols; ++j) {
            row.values[static_cast<std::size_t>(j)] += kernel.At(i, j) * column.At(i, 0) / norm;
          }
        }
      }
      EXPECT_LE(residue,
                SquaredDistance(kernel, Outer(column.values, row.values)) * (1 + 1e-9) + 1e-12);
    }
  }
}

// The largest row is orthogonal to the dominant vector: power iteration from it would stay there.
TEST(Separate, FindsTheDominantVectorFromAnyKernel) {
  const Kernel kernel{3, 3, {0, 0, 1.2, 1, 0, 0, 1, 0, 0}};
  EXPECT_NEAR(Separate(kernel).gain, std::sqrt(2.0), 1e-12);
}

TEST(Separate, TakesTwoEqualSingularValuesAndZerosAndExtremes) {
  EXPECT_NEAR(Separate({2, 2, {1, 0, 0, 1}}).gain, 1, 1e-12);
  EXPECT_EQ(Separate({3, 3, std::vector<double>(9, 0.0)}).gain, 0);
  const double huge = std::numeric_limits<float>::max();
  EXPECT_NEAR(Separate({2, 2, {huge, 0, 0, 0}}).gain / huge, 1, 1e-12);
  const double tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_NEAR(Separate({2, 2, {tiny, 0, 0, 0}}).gain / tiny, 1, 1e-12);
}

TEST(SeparatedLines, AreExactForAKernelThatIsOneLine) {
  const Lines row = SeparatedLines({3, 3, {0, 0, 0, 1, -2, 5, 0, 0, 0}});
  EXPECT_THAT(row.row,
              ElementsAre(DoubleNear(1, 1e-14), DoubleNear(-2, 1e-14), DoubleNear(5, 1e-14)));
  const Lines column = SeparatedLines({3, 3, {0, 4, 0, 0, -2, 0, 0, 1, 0}});
  EXPECT_THAT(column.column,
              ElementsAre(DoubleNear(4, 1e-14), DoubleNear(-2, 1e-14), DoubleNear(1, 1e-14)));
}

// What the lines promise: on an input that does not change along the height a separable kernel
// works as its column sums.
TEST(SeparatedLines, KeepTheSumsOfASeparableKernel) {
  const Lines lines = SeparatedLines(Outer({1, 2, -1}, {3, -1, 4, 0.5, 2}));
  EXPECT_THAT(lines.row, Pointwise(DoubleNear(1e-12), std::vector<double>{6, -2, 8, 1, 4}));
  EXPECT_THAT(lines.column, Pointwise(DoubleNear(1e-12), std::vector<double>{8.5, 17, -8.5}));
}

TEST(ProjectedLines, AreMiddleLinesForWhiteInputsAndSumsForFlatOnes) {
  const Kernel kernel{3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
  EXPECT_THAT(ProjectedLines(kernel, 0).row, ElementsAre(4, 5, 6));
  EXPECT_THAT(ProjectedLines(kernel, 0).column, ElementsAre(2, 5, 8));
  EXPECT_THAT(ProjectedLines(kernel, 1).row, ElementsAre(12, 15, 18));
  EXPECT_THAT(ProjectedLines(kernel, 0.5).column, ElementsAre(4, 10, 16));
}

TEST(CrossLines, HaveTheCrossAsTheirMean) {
  const Kernel kernel{3, 5, {9, 9, 1, 9, 9, 2, 3, 4, 5, 6, 9, 9, 7, 9, 9}};
  const Lines lines = CrossLines(kernel);
  EXPECT_THAT(lines.row, ElementsAre(4, 6, 4, 10, 12));
  EXPECT_THAT(lines.column, ElementsAre(2, 4, 14));
}

}  // namespace
}  // namespace systole::fuse
