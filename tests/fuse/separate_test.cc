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

TEST(RankOne, GivesAKernelOfOneLineBack) {
  const Kernel row{3, 3, {0, 0, 0, 1, -2, 5, 0, 0, 0}}, column{3, 3, {0, 4, 0, 0, -2, 0, 0, 1, 0}};
  EXPECT_THAT(RankOne(row).values, Pointwise(DoubleNear(1e-14), row.values));
  EXPECT_THAT(RankOne(column).values, Pointwise(DoubleNear(1e-14), column.values));
}

TEST(LeastSquaresLines, AreMiddleLinesForWhiteInputsAndSumsForFlatOnes) {
  const Kernel kernel{3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
  EXPECT_THAT(LeastSquaresLines(kernel, 0).row, ElementsAre(4, 5, 6));
  EXPECT_THAT(LeastSquaresLines(kernel, 0).column, ElementsAre(2, 5, 8));
  EXPECT_THAT(LeastSquaresLines(kernel, 1).row, ElementsAre(12, 15, 18));
  EXPECT_THAT(LeastSquaresLines(kernel, 0.5).column, ElementsAre(4, 10, 16));
}

/// Covariance of the error (kernel less approximation) with the pixel at (row, col).
double ErrorCovariance(const Kernel& kernel, const Kernel& approximation, double rho,
                       std::int64_t row, std::int64_t col) {
  double sum = 0;
  for (std::int64_t i = 0; i < kernel.rows; ++i) {
    for (std::int64_t j = 0; j < kernel.cols; ++j) {
      const auto distance = static_cast<double>(std::abs(i - row) + std::abs(j - col));
      sum += std::pow(rho, distance) * (kernel.At(i, j) - approximation.At(i, j));
    }
  }
  return sum;
}

// The normal equations: the error of a least-squares approximation has nothing in common with the
// pixels that the approximation reads.
TEST(LeastSquares, LeaveAnErrorThatIsUncorrelatedWithTheirPixels) {
  Stimulus random(3);
  for (int trial = 0; trial < 100; ++trial) {
    const Kernel kernel =
        RandomKernel(1 + 2 * random.Between(1, 3), 1 + 2 * random.Between(1, 3), random);
    const double rho = static_cast<double>(random.Between(0, 19)) / 20;
    SCOPED_TRACE(
        fmt::format("seed 3, trial {}: {}x{}, rho {}", trial, kernel.rows, kernel.cols, rho));
    const std::int64_t middle = kernel.rows / 2, center = kernel.cols / 2;
    const auto place = [&](const Lines& lines, double row_part, double column_part) {
      Kernel placed{kernel.rows, kernel.cols, std::vector<double>(kernel.values.size(), 0.0)};
      for (std::int64_t j = 0; j < kernel.cols; ++j) {
        placed.values[static_cast<std::size_t>(middle * kernel.cols + j)] +=
            row_part * lines.row[static_cast<std::size_t>(j)];
      }
      for (std::int64_t i = 0; i < kernel.rows; ++i) {
        placed.values[static_cast<std::size_t>(i * kernel.cols + center)] +=
            column_part * lines.column[static_cast<std::size_t>(i)];
      }
      return placed;
    };
    const Lines lines = LeastSquaresLines(kernel, rho), cross = LeastSquaresCross(kernel, rho);
    const Kernel row = place(lines, 1, 0), column = place(lines, 0, 1),
                 both = place(cross, 0.5, 0.5);
    for (std::int64_t j = 0; j < kernel.cols; ++j) {
      EXPECT_NEAR(ErrorCovariance(kernel, row, rho, middle, j), 0, 1e-10);
      EXPECT_NEAR(ErrorCovariance(kernel, both, rho, middle, j), 0, 1e-10);
    }
    for (std::int64_t i = 0; i < kernel.rows; ++i) {
      EXPECT_NEAR(ErrorCovariance(kernel, column, rho, i, center), 0, 1e-10);
      EXPECT_NEAR(ErrorCovariance(kernel, both, rho, i, center), 0, 1e-10);
    }
  }
}

TEST(LeastSquaresCross, HasTheCrossAsItsMean) {
  const Kernel kernel{3, 5, {0, 0, 1, 0, 0, 2, 3, 4, 5, 6, 0, 0, 7, 0, 0}};
  const Lines lines = LeastSquaresCross(kernel, 0.7);
  EXPECT_THAT(lines.row, ElementsAre(4, 6, 4, 10, 12));
  EXPECT_THAT(lines.column, ElementsAre(2, 4, 14));
}

}  // namespace
}  // namespace systole::fuse
