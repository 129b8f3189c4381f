// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the poolings share.

#include <algorithm>
#include <cstdint>

#include "sw/ref/kernel.h"
#include "sw/ref/window.h"

namespace systole::ref {

/// The window of a MaxPool or AveragePool node.
inline Window PoolWindow(const Call& call, const Tensor& x) {
  const Shape kernel = call.node.Ints("kernel_shape", {});
  Require(!kernel.empty(), "kernel_shape is missing");
  return MakeWindow(call.node, x.shape(), kernel, call.node.Int("ceil_mode", 0) != 0);
}

/// Taps [first, last) of one dimension that lie in the input (or, with `padded`, in the input and
/// its padding).
struct Range {
  std::int64_t first, last;
};
inline Range TapsInside(const Window& window, std::size_t dim, std::int64_t position, bool padded) {
  const std::int64_t begin = window.At(dim, position, 0), step = window.dilation[dim];
  const std::int64_t low = padded ? -window.pad_begin[dim] : 0;
  const std::int64_t high = window.in[dim] + (padded ? window.pad_end[dim] : 0);
  const std::int64_t first = begin >= low ? 0 : (low - begin + step - 1) / step;
  const std::int64_t last = begin >= high ? 0 : (high - begin + step - 1) / step;
  return {std::min(first, window.kernel[dim]), std::clamp(last, first, window.kernel[dim])};
}

/// Calls visit(index in the plane, z, y, x) for every input element under an output's window.
template <typename Visit>
void ForEachTap(const Window& window, const Window::Triple& position, Visit visit) {
  const Range rz = TapsInside(window, 0, position[0], false);
  const Range ry = TapsInside(window, 1, position[1], false);
  const Range rx = TapsInside(window, 2, position[2], false);
  for (std::int64_t kz = rz.first; kz < rz.last; ++kz) {
    const std::int64_t z = window.At(0, position[0], kz);
    for (std::int64_t ky = ry.first; ky < ry.last; ++ky) {
      const std::int64_t y = window.At(1, position[1], ky);
      for (std::int64_t kx = rx.first; kx < rx.last; ++kx) {
        const std::int64_t x = window.At(2, position[2], kx);
        visit((z * window.in[1] + y) * window.in[2] + x, Window::Triple{z, y, x});
      }
    }
  }
}

/// Calls body(plane, index of the output, position) for every output of every plane.
template <typename Body>
void ForEachOutput(const Window& window, std::int64_t planes, Body body) {
  std::int64_t index = 0;
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    for (std::int64_t z = 0; z < window.out[0]; ++z) {
      for (std::int64_t y = 0; y < window.out[1]; ++y) {
        for (std::int64_t x = 0; x < window.out[2]; ++x) {
          body(plane, index++, Window::Triple{z, y, x});
        }
      }
    }
  }
}

/// Which of the zeros of both signs under a window MaxPool returns, as ONNX Runtime's x86-64
/// kernels do. In general the first one. In two or three dimensions with a stride of at most 2
/// along the rows, and without dilation, they reduce column by column with vector instructions,
/// whose maximum of equal values is the later one: the last column's zero, and in it the last one,
/// but the first one in the columns that remain behind the last whole vector of four. On other
/// processors, for rows of about 2,000 values and for windows as large as the input the sign may
/// differ.
class SignOfZero {
 public:
  explicit SignOfZero(const Window& window)
      : by_columns_(window.rank >= 2 && window.stride[2] <= 2 &&
                    window.dilation == Window::Triple{1, 1, 1}),
        vector_columns_(window.in[2] / 4 * 4) {}

  void Visit(float value, const Window::Triple& p) {
    if (value != 0.0F) return;
    const bool later =
        by_columns_ && (p[2] > column_ || (p[2] == column_ && p[2] < vector_columns_));
    if (column_ >= 0 && !later) return;
    column_ = p[2];
    zero_ = value;
  }
  float zero() const { return zero_; }

 private:
  bool by_columns_;
  std::int64_t vector_columns_;
  std::int64_t column_ = -1;
  float zero_ = 0.0F;
};

/// N x C x 1 x ... and the elements of a plane.
struct Global {
  Tensor y;
  std::int64_t area;
};
inline Global MakeGlobal(const Tensor& x) {
  Require(x.shape().size() >= 3, "the input needs at least one spatial dimension");
  Shape shape(x.shape().size(), 1);
  shape[0] = x.shape()[0];
  shape[1] = x.shape()[1];
  const std::int64_t area = CountBetween(x.shape(), 2, x.shape().size());
  Require(area > 0, "the spatial dimensions are empty");
  return {MakeTensor(x.type(), shape), area};
}

}  // namespace systole::ref
