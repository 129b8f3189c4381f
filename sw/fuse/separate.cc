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

double Sum(const Vector& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

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

Lines SeparatedLines(const Kernel& kernel) {
  const Separation s = Separate(kernel);
  Lines lines{s.row, s.column};
  Scale(lines.row, s.gain * Sum(s.column));
  Scale(lines.column, s.gain * Sum(s.row));
  return lines;
}

Lines ProjectedLines(const Kernel& kernel, double correlation) {
  const auto weights = [correlation](std::int64_t length) {
    Vector result;
    for (std::int64_t i = 0; i < length; ++i) {
      const auto distance = static_cast<double>(std::abs(i - length / 2));
      result.push_back(std::pow(correlation, distance));
    }
    return result;
  };
  return {Times(Transposed(kernel), weights(kernel.rows)), Times(kernel, weights(kernel.cols))};
}

Lines CrossLines(const Kernel& kernel) {
  Lines lines = ProjectedLines(kernel, 0);
  Scale(lines.row, 2);
  Scale(lines.column, 2);
  const double middle = kernel.At(kernel.rows / 2, kernel.cols / 2);
  lines.row[static_cast<std::size_t>(kernel.cols / 2)] = middle;
  lines.column[static_cast<std::size_t>(kernel.rows / 2)] = middle;
  return lines;
}

}  // namespace systole::fuse
