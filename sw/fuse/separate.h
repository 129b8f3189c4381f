// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace systole::fuse {

/// A two-dimensional kernel, row-major: rows along the height.
struct Kernel {
  std::int64_t rows = 1, cols = 1;
  std::vector<double> values;

  double At(std::int64_t row, std::int64_t col) const {
    return values[static_cast<std::size_t>(row * cols + col)];
  }
};

/// The best rank-1 approximation of a kernel in the Frobenius norm: gain * column * row^T, with
/// column and row of norm 1 (the first term of the singular value decomposition). A kernel of zeros
/// has gain 0 and both vectors 0.
struct Separation {
  double gain = 0;
  std::vector<double> column;  ///< along the height
  std::vector<double> row;     ///< along the width
};
Separation Separate(const Kernel& kernel);

/// The two lines that stand for one kernel: 1 x cols and rows x 1, through its middle.
struct Lines {
  std::vector<double> row;
  std::vector<double> column;
};

/// gain * column * row^T.
Kernel RankOne(const Kernel& kernel);

/// The lines that are each the least-squares approximation of the kernel's result when two pixels
/// at a distance of (dy, dx) have the correlation rho^(|dy| + |dx|):
///     row[j]    = sum over i of rho^|i - middle| * kernel[i][j]
///     column[i] = sum over j of rho^|j - middle| * kernel[i][j]
/// Exact for a kernel that is zero outside the middle row (row) or column (column). rho = 0: the
/// middle lines, best for white inputs; rho = 1: the sums, right where inputs do not change across
/// the line.
Lines LeastSquaresLines(const Kernel& kernel, double rho);

/// The lines whose *mean* is the least-squares approximation of the kernel's result, for the same
/// inputs, among all kernels that are zero outside the middle row and column: exact for such
/// kernels. The element in the middle belongs to both alike; it is
///     kernel[middle][middle] - sum over i, j != middle of rho^(|i - middle| + |j - middle|) *
///                                                         kernel[i][j]
Lines LeastSquaresCross(const Kernel& kernel, double rho);

}  // namespace systole::fuse
