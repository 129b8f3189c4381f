// SPDX-License-Identifier: Apache-2.0
// Shape rules of convolutions and pooling.
#include <fmt/format.h>

#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Values = std::vector<ValueType>;

// Keeps every position far from overflow; no network comes near.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;

/// The attribute's values, `count` of them in [low, kMaxExtent].
Shape Extents(const NodeContext& context, const std::string& key, std::size_t count,
              std::int64_t fallback, std::int64_t low) {
  Shape values = context.node.Ints(key, Shape(count, fallback));
  context.Require(values.size() == count, fmt::format("attribute '{}' has {} values, needed are {}",
                                                      key, values.size(), count));
  for (const std::int64_t value : values) {
    context.Require(value >= low && value <= kMaxExtent,
                    fmt::format("attribute '{}' has {}, which is out of range", key, value));
  }
  return values;
}

/// Positions that a window takes along one dimension.
std::int64_t CountPositions(const NodeContext& context, std::int64_t in, std::int64_t reach,
                            std::int64_t stride, std::int64_t begin, std::int64_t end, bool ceil) {
  const std::int64_t padded = in + begin + end;
  context.Require(
      padded >= reach,
      fmt::format("the window reaches over {} positions, the padded input has {}", reach, padded));
  std::int64_t steps = (padded - reach) / stride;
  // Rounding up must not start a window in the padding at the end.
  if (ceil && (padded - reach) % stride != 0 && (steps + 1) * stride < in + begin) ++steps;
  return steps + 1;
}

/// Spatial dimensions behind a window of `kernel` moving over `in` (N x C x spatial).
Shape MoveWindow(const NodeContext& context, const Shape& in, const Shape& kernel) {
  const std::size_t rank = kernel.size();
  for (const std::int64_t size : kernel) {
    context.Require(size >= 1 && size <= kMaxExtent,
                    fmt::format("the kernel {} is out of range", ToString(kernel)));
  }
  const Shape strides = Extents(context, "strides", rank, 1, 1);
  const Shape dilations = Extents(context, "dilations", rank, 1, 1);
  const Shape pads = Extents(context, "pads", 2 * rank, 0, 0);
  const std::string auto_pad = context.node.String("auto_pad", "NOTSET");
  const bool ceil = context.node.Int("ceil_mode", 0) != 0;
  Shape out;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = in[i + 2];
    const std::int64_t reach = (kernel[i] - 1) * dilations[i] + 1;
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      out.push_back((size + strides[i] - 1) / strides[i]);
    } else if (auto_pad == "VALID") {
      out.push_back(CountPositions(context, size, reach, strides[i], 0, 0, ceil));
    } else if (auto_pad == "NOTSET" || auto_pad.empty()) {
      out.push_back(
          CountPositions(context, size, reach, strides[i], pads[i], pads[i + rank], ceil));
    } else {
      context.Fail(fmt::format("auto_pad '{}' is unknown", auto_pad));
    }
  }
  return out;
}

/// N x C x spatial, with at least one spatial dimension.
const Shape& ImageShape(const NodeContext& context, std::size_t input) {
  const Shape& shape = context.ShapeOf(input);
  context.Require(
      shape.size() >= 3,
      fmt::format("input {} is {}; it must have at least 3 dimensions", input, ToString(shape)));
  return shape;
}

Shape ConvShape(const NodeContext& context, std::size_t weights) {
  const Shape& in = ImageShape(context, 0);
  const Shape& filter = context.ShapeOf(weights);
  context.Require(
      filter.size() == in.size(),
      fmt::format("the input is {}, the weights are {}: they must have as many dimensions",
                  ToString(in), ToString(filter)));
  const std::int64_t group = context.node.Int("group", 1);
  context.Require(
      group >= 1 && filter[0] % group == 0 && in[1] % group == 0 && in[1] / group == filter[1],
      fmt::format("the input {}, the weights {} and group {} do not fit together", ToString(in),
                  ToString(filter), group));
  const Shape kernel(filter.begin() + 2, filter.end());
  context.Require(context.node.Ints("kernel_shape", kernel) == kernel,
                  fmt::format("kernel_shape is not that of the weights, {}", ToString(filter)));
  Shape out = {in[0], filter[0]};
  const Shape spatial = MoveWindow(context, in, kernel);
  out.insert(out.end(), spatial.begin(), spatial.end());
  return out;
}

Values Conv(const NodeContext& context) {
  return {KnownValue(context.TypeOf(0), ConvShape(context, 1))};
}
Values ConvInteger(const NodeContext& context) {
  return {KnownValue(ElementType::kInt32, ConvShape(context, 1))};
}
Values QLinearConv(const NodeContext& context) {
  return {KnownValue(context.TypeOf(7), ConvShape(context, 3))};
}

Values ConvTranspose(const NodeContext& context) {
  const Shape& in = ImageShape(context, 0);
  const Shape& filter = context.ShapeOf(1);
  const std::int64_t group = context.node.Int("group", 1);
  context.Require(filter.size() == in.size() && filter[0] == in[1] && group >= 1,
                  fmt::format("the input {} and the weights {} do not fit together", ToString(in),
                              ToString(filter)));
  const std::size_t rank = in.size() - 2;
  const Shape strides = Extents(context, "strides", rank, 1, 1);
  const Shape dilations = Extents(context, "dilations", rank, 1, 1);
  const Shape pads = Extents(context, "pads", 2 * rank, 0, 0);
  const Shape extra = Extents(context, "output_padding", rank, 0, 0);
  const std::string auto_pad = context.node.String("auto_pad", "NOTSET");
  context.Require(filter[1] <= kMaxExtent && group <= kMaxExtent, "too many channels");
  Shape out = {in[0], filter[1] * group};
  for (std::size_t i = 0; i < rank; ++i) {
    context.Require(in[i + 2] <= kMaxExtent / 2 && filter[i + 2] <= kMaxExtent / 2,
                    fmt::format("input {} is out of range", ToString(in)));
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      out.push_back(in[i + 2] * strides[i]);
      continue;
    }
    out.push_back((in[i + 2] - 1) * strides[i] + extra[i] + (filter[i + 2] - 1) * dilations[i] + 1 -
                  pads[i] - pads[i + rank]);
  }
  if (context.node.attributes.contains("output_shape")) {
    const Shape wanted = Extents(context, "output_shape", rank, 1, 0);
    std::copy(wanted.begin(), wanted.end(), out.begin() + 2);
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values Pool(const NodeContext& context) {
  const Shape& in = ImageShape(context, 0);
  context.Require(context.node.attributes.contains("kernel_shape"), "kernel_shape is missing");
  const Shape kernel = Extents(context, "kernel_shape", in.size() - 2, 1, 1);
  Shape out = {in[0], in[1]};
  const Shape spatial = MoveWindow(context, in, kernel);
  out.insert(out.end(), spatial.begin(), spatial.end());
  return {KnownValue(context.TypeOf(0), out), KnownValue(ElementType::kInt64, out)};
}

Values GlobalPool(const NodeContext& context) {
  Shape out = ImageShape(context, 0);
  std::fill(out.begin() + 2, out.end(), 1);
  return {KnownValue(context.TypeOf(0), out)};
}

}  // namespace

void AddWindowRules(ShapeRules& rules) {
  rules.insert({{"Conv", Conv},
                {"ConvInteger", ConvInteger},
                {"QLinearConv", QLinearConv},
                {"ConvTranspose", ConvTranspose}});
  for (const char* op : {"MaxPool", "AveragePool", "LpPool"}) rules[op] = Pool;
  for (const char* op : {"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"}) {
    rules[op] = GlobalPool;
  }
}

}  // namespace systole
