// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "sw/ref/kernel.h"

namespace systole::ref {

/// How a window of a convolution or a pooling moves over 1 to 3 spatial dimensions. All arrays have
/// three members, the last being the innermost dimension; missing ones have one element.
struct Window {
  using Triple = std::array<std::int64_t, 3>;
  std::size_t rank = 0;
  Triple in{1, 1, 1}, out{1, 1, 1};
  Triple kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
  Triple pad_begin{0, 0, 0}, pad_end{0, 0, 0};

  std::int64_t InCount() const { return in[0] * in[1] * in[2]; }
  std::int64_t OutCount() const { return out[0] * out[1] * out[2]; }
  std::int64_t KernelCount() const { return kernel[0] * kernel[1] * kernel[2]; }
  /// Input position of tap `tap` of output `position`; may lie outside [0, in).
  std::int64_t At(std::size_t dim, std::int64_t position, std::int64_t tap) const {
    return position * stride[dim] - pad_begin[dim] + tap * dilation[dim];
  }
  bool Inside(std::size_t dim, std::int64_t at) const { return at >= 0 && at < in[dim]; }
};

/// Reads strides, pads, dilations, auto_pad (and ceil_mode, which only poolings have) and checks
/// them; `in` is the shape N x C x spatial. Fails when the window does not fit into the padded
/// input.
Window MakeWindow(const Node& node, const Shape& in, const Shape& kernel, bool ceil_mode);

/// N x channels x spatial output.
Shape OutputShape(const Window& window, std::int64_t batch, std::int64_t channels);

}  // namespace systole::ref
