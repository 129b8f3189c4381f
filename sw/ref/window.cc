// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/window.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::ref {
namespace {

// Bounds that keep all positions far from overflow; no network comes near.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;

/// The attribute's members, one a spatial dimension, in [low, kMaxExtent].
Shape Extents(const Node& node, const std::string& key, std::size_t count, std::int64_t fallback,
              std::int64_t low) {
  Shape values = node.Ints(key, Shape(count, fallback));
  if (values.size() != count) {
    Fail(fmt::format("{} has {} values; {} are needed", key, values.size(), count));
  }
  for (const std::int64_t value : values) {
    if (value < low || value > kMaxExtent) Fail(fmt::format("{} {} is out of range", key, value));
  }
  return values;
}

std::int64_t OutputExtent(const Window& window, std::size_t dim, bool ceil_mode) {
  const std::int64_t padded = window.in[dim] + window.pad_begin[dim] + window.pad_end[dim];
  const std::int64_t reach = (window.kernel[dim] - 1) * window.dilation[dim] + 1;
  if (padded < reach) {
    Fail(fmt::format("the window reaches over {} positions, the padded input has only {}", reach,
                     padded));
  }
  const std::int64_t stride = window.stride[dim];
  std::int64_t steps = (padded - reach) / stride;
  if (ceil_mode && (padded - reach) % stride != 0) {
    ++steps;
    // The last window must start inside the input or its left padding.
    if (steps * stride >= window.in[dim] + window.pad_begin[dim]) --steps;
  }
  return steps + 1;
}

void PadSame(Window& window, std::size_t dim, bool upper) {
  const std::int64_t stride = window.stride[dim];
  const std::int64_t out = (window.in[dim] + stride - 1) / stride;
  const std::int64_t reach = (window.kernel[dim] - 1) * window.dilation[dim] + 1;
  const std::int64_t total = std::max<std::int64_t>((out - 1) * stride + reach - window.in[dim], 0);
  window.pad_begin[dim] = upper ? total / 2 : total - total / 2;
  window.pad_end[dim] = total - window.pad_begin[dim];
}

}  // namespace

Window MakeWindow(const Node& node, const Shape& in, const Shape& kernel, bool ceil_mode) {
  const std::size_t rank = kernel.size();
  if (rank < 1 || rank > 3 || in.size() != rank + 2) {
    Fail(fmt::format("an input {} with {} window dimensions is not supported", ToString(in), rank));
  }
  const Shape strides = Extents(node, "strides", rank, 1, 1);
  const Shape dilations = Extents(node, "dilations", rank, 1, 1);
  const Shape pads = Extents(node, "pads", 2 * rank, 0, 0);
  const std::string auto_pad = node.String("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  if (!same && auto_pad != "NOTSET" && auto_pad != "VALID" && !auto_pad.empty()) {
    Fail("auto_pad '" + auto_pad + "' is not supported");
  }
  Window window;
  window.rank = rank;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t dim = 3 - rank + i;
    if (kernel[i] < 1 || kernel[i] > kMaxExtent || in[i + 2] > kMaxExtent) {
      Fail(fmt::format("kernel {} on input {} is out of range", ToString(kernel), ToString(in)));
    }
    window.in[dim] = in[i + 2];
    window.kernel[dim] = kernel[i];
    window.stride[dim] = strides[i];
    window.dilation[dim] = dilations[i];
    if (same) {
      PadSame(window, dim, auto_pad == "SAME_UPPER");
    } else if (auto_pad != "VALID") {
      window.pad_begin[dim] = pads[i];
      window.pad_end[dim] = pads[i + rank];
    }
    window.out[dim] = OutputExtent(window, dim, ceil_mode);
  }
  return window;
}

Shape OutputShape(const Window& window, std::int64_t batch, std::int64_t channels) {
  Shape shape = {batch, channels};
  shape.insert(shape.end(), window.out.end() - static_cast<std::ptrdiff_t>(window.rank),
               window.out.end());
  return shape;
}

}  // namespace systole::ref
