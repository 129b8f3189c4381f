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

/// Lines of the separated kernel, each with the sum of the other factor:
///     row = gain * sum(column) * row,  column = gain * sum(row) * column
/// so that, for a separable kernel, the row gives the kernel's own result wherever the input does
/// not change along the height, and the column where it does not change along the width. Exact for
/// a kernel that is zero outside its middle row (row) or middle column (column).
Lines SeparatedLines(const Kernel& kernel);

/// The lines that are each the least-squares approximation of the kernel's result, when the
/// correlation of two pixels is correlation^distance along the height, and likewise along the
/// width (0: the middle row and column; 1: the sums of the columns and of the rows):
///     row[j] = sum over i of correlation^|i - middle| * kernel[i][j]
Lines ProjectedLines(const Kernel& kernel, double correlation);

/// The lines whose *mean* is the least-squares approximation of the kernel's result for white
/// inputs among all kernels that are zero outside the middle row and the middle column: exact for
/// such kernels. The pixel in the middle belongs to both alike.
Lines CrossLines(const Kernel& kernel);

}  // namespace systole::fuse
