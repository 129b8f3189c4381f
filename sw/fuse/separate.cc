// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/separate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace systole::fuse {
namespace {

using Vector = std::vector<double>;

double Norm(const Vector& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

void Scale(Vector& v, double factor) {
  for (double& x : v) x *= factor;
}

Kernel Transposed(const Kernel& kernel) {
  Kernel result{kernel.cols, kernel.rows, {}};
  for (std::int64_t j = 0; j < kernel.cols; ++j) {
    for (std::int64_t i = 0; i < kernel.rows; ++i) result.values.push_back(kernel.At(i, j));
  }
  return result;
}

/// kernel * v
Vector Times(const Kernel& kernel, const Vector& v) {
  Vector result;
  for (std::int64_t i = 0; i < kernel.rows; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < kernel.cols; ++j) {
      sum += kernel.At(i, j) * v[static_cast<std::size_t>(j)];
    }
    result.push_back(sum);
  }
  return result;
}

/// a * a for a symmetric matrix, divided by its largest element.
Kernel NormalizedSquare(const Kernel& a) {
  Kernel result{a.rows, a.cols, {}};
  double largest = 0;
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < a.cols; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < a.cols; ++k) sum += a.At(i, k) * a.At(j, k);
      result.values.push_back(sum);
      largest = std::max(largest, std::abs(sum));
    }
  }
  if (largest > 0) Scale(result.values, 1 / largest);
  return result;
}

/// A right singular vector of the largest singular value. Squaring the Gram matrix turns it into
/// the projector on those vectors: unlike power iteration no start vector can be orthogonal to
/// them, and values that are equal within rounding give one of equally good vectors.
Vector LargestRight(const Kernel& kernel) {
  Kernel gram{kernel.cols, kernel.cols, {}};
  const Kernel columns = Transposed(kernel);
  for (std::int64_t i = 0; i < kernel.cols; ++i) {
    for (std::int64_t j = 0; j < kernel.cols; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < kernel.rows; ++k) sum += columns.At(i, k) * columns.At(j, k);
      gram.values.push_back(sum);
    }
  }
  constexpr int kSquarings = 24;
  for (int i = 0; i < kSquarings; ++i) gram = NormalizedSquare(gram);
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < gram.rows; ++i) {
    if (gram.At(i, i) > gram.At(best, best)) best = i;
  }
  Vector v;
  for (std::int64_t j = 0; j < gram.cols; ++j) v.push_back(gram.At(best, j));
  Scale(v, 1 / Norm(v));
  return v;
}

/// rho to the power of the distance from the middle.
Vector Correlations(std::int64_t length, double rho) {
  Vector result;
  for (std::int64_t i = 0; i < length; ++i) {
    result.push_back(std::pow(rho, static_cast<double>(std::abs(i - length / 2))));
  }
  return result;
}

}  // namespace

Separation Separate(const Kernel& kernel) {
  Separation result{0, Vector(static_cast<std::size_t>(kernel.rows)),
                    Vector(static_cast<std::size_t>(kernel.cols))};
  double largest = 0;
  for (const double value : kernel.values) largest = std::max(largest, std::abs(value));
  if (largest == 0) return result;
  Kernel scaled = kernel;  // so that no square leaves the range of double
  Scale(scaled.values, 1 / largest);
  const Kernel transposed = Transposed(scaled);
  Vector row = LargestRight(scaled);
  // One step of power iteration each way takes the rounding of the squares out.
  Vector column = Times(scaled, row);
  Scale(column, 1 / Norm(column));
  row = Times(transposed, column);
  const double gain = Norm(row);
  Scale(row, 1 / gain);
  result = {gain * largest, std::move(column), std::move(row)};
  return result;
}

Kernel RankOne(const Kernel& kernel) {
  const Separation s = Separate(kernel);
  Kernel result{kernel.rows, kernel.cols, {}};
  for (const double c : s.column) {
    for (const double r : s.row) result.values.push_back(s.gain * c * r);
  }
  return result;
}

Lines LeastSquaresLines(const Kernel& kernel, double rho) {
  return {Times(Transposed(kernel), Correlations(kernel.rows, rho)),
          Times(kernel, Correlations(kernel.cols, rho))};
}

Lines LeastSquaresCross(const Kernel& kernel, double rho) {
  Lines lines = LeastSquaresLines(kernel, rho);
  Scale(lines.row, 2);
  Scale(lines.column, 2);
  // A pixel beside the cross is foretold by the pixels of the cross in its row and in its column,
  // less the middle, which both contain.
  const Vector down = Correlations(kernel.rows, rho), across = Correlations(kernel.cols, rho);
  const std::int64_t row = kernel.rows / 2, column = kernel.cols / 2;
  double middle = kernel.At(row, column);
  for (std::int64_t i = 0; i < kernel.rows; ++i) {
    for (std::int64_t j = 0; j < kernel.cols; ++j) {
      if (i == row || j == column) continue;
      middle -=
          down[static_cast<std::size_t>(i)] * across[static_cast<std::size_t>(j)] * kernel.At(i, j);
    }
  }
  lines.row[static_cast<std::size_t>(column)] = middle;
  lines.column[static_cast<std::size_t>(row)] = middle;
  return lines;
}

}  // namespace systole::fuse
