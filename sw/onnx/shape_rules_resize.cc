// SPDX-License-Identifier: Apache-2.0
// Shape rules of operators that repeat, add or drop elements.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Values = std::vector<ValueType>;

constexpr std::int64_t kMaxDim = std::int64_t{1} << 40;

/// The axes of input `input` (operator set 18), all of them when it is absent; nothing when they
/// are not known before the run.
std::optional<std::vector<std::int64_t>> ChosenAxes(const NodeContext& context, std::size_t rank,
                                                    const NodeContext::List& given) {
  if (!given.absent) return given.values;
  std::vector<std::int64_t> all(rank);
  std::iota(all.begin(), all.end(), 0);
  context.AxisSet(all, rank);
  return all;
}

Values Pad(const NodeContext& context) {
  Shape out = context.ShapeOf(0);
  const NodeContext::List pads = context.ListOf(1, "pads", context.opset >= 11);
  const auto axes = ChosenAxes(
      context, out.size(),
      context.opset >= 18 ? context.ListOf(3, "", true) : NodeContext::List{true, std::nullopt});
  context.Require(!pads.absent, "pads are missing");
  if (!pads.values || !axes) return {UnknownShape(context.TypeOf(0))};
  context.AxisSet(*axes, out.size());
  context.Require(pads.values->size() == 2 * axes->size(),
                  fmt::format("{} pads for {} dimensions", pads.values->size(), axes->size()));
  for (std::size_t i = 0; i < axes->size(); ++i) {
    std::int64_t& dim = out[context.Axis((*axes)[i], out.size())];
    for (const std::size_t end : {i, i + axes->size()}) {
      const std::int64_t pad = (*pads.values)[end];
      context.Require(pad >= -dim && pad <= kMaxDim,
                      fmt::format("a pad of {} is out of range", pad));
      dim += pad;
    }
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values Expand(const NodeContext& context) {
  const auto wanted = context.IntsOf(1);
  if (!wanted) return {UnknownShape(context.TypeOf(0))};
  const auto out = Broadcast(context.ShapeOf(0), *wanted);
  context.Require(out.has_value(), fmt::format("{} does not broadcast to {}",
                                               ToString(context.ShapeOf(0)), ToString(*wanted)));
  return {KnownValue(context.TypeOf(0), *out)};
}

Values Tile(const NodeContext& context) {
  Shape out = context.ShapeOf(0);
  const auto repeats = context.IntsOf(1);
  if (!repeats) return {UnknownShape(context.TypeOf(0))};
  context.Require(repeats->size() == out.size(), "there must be one repeat per dimension");
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = ElementCount({out[i], (*repeats)[i]});
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values ConstantOfShape(const NodeContext& context) {
  const Tensor* value = context.node.TensorOrNull("value");
  const ElementType type = value == nullptr ? ElementType::kFloat32 : value->type();
  const auto shape = context.IntsOf(0);
  if (!shape) return {UnknownShape(type)};
  return {KnownValue(type, *shape)};
}

/// floor(dim * scale), for the scales that are there.
Shape Scaled(const NodeContext& context, Shape shape, const std::vector<float>& scales,
             const std::vector<std::int64_t>& axes) {
  context.Require(scales.size() == axes.size(),
                  fmt::format("{} scales for {} dimensions", scales.size(), axes.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::int64_t& dim = shape[context.Axis(axes[i], shape.size())];
    context.Require(scales[i] > 0 && scales[i] <= 1e6F,
                    fmt::format("a scale of {} is out of range", scales[i]));
    dim = static_cast<std::int64_t>(std::floor(static_cast<float>(dim) * scales[i]));
  }
  return shape;
}

Values Upsample(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  std::vector<float> scales = context.node.Floats("scales", {});
  const std::size_t place = context.node.op == "Resize" && context.opset >= 11 ? 2 : 1;
  if (context.Has(place) && (context.opset >= 9 || context.node.op == "Resize")) {
    if (context.constants[place] == nullptr) return {UnknownShape(context.TypeOf(0))};
    const auto values = context.constants[place]->As<float>();
    scales.assign(values.begin(), values.end());
  }
  std::vector<std::int64_t> all(in.size());
  std::iota(all.begin(), all.end(), 0);
  const auto axes = context.node.Ints("axes", all);
  context.AxisSet(axes, in.size());
  return {KnownValue(context.TypeOf(0), Scaled(context, in, scales, axes))};
}

Values Resize(const NodeContext& context) {
  const bool by_size = context.opset >= 11 && context.Has(3);
  if (!by_size) return Upsample(context);
  const std::string policy = context.node.String("keep_aspect_ratio_policy", "stretch");
  context.Require(policy == "stretch",
                  "keep_aspect_ratio_policy '" + policy + "' is not supported");
  const auto sizes = context.IntsOf(3);
  if (!sizes) return {UnknownShape(context.TypeOf(0))};
  Shape out = context.ShapeOf(0);
  std::vector<std::int64_t> all(out.size());
  std::iota(all.begin(), all.end(), 0);
  const auto axes = context.node.Ints("axes", all);
  context.AxisSet(axes, out.size());
  context.Require(sizes->size() == axes.size(),
                  fmt::format("{} sizes for {} dimensions", sizes->size(), axes.size()));
  for (std::size_t i = 0; i < axes.size(); ++i)
    out[context.Axis(axes[i], out.size())] = (*sizes)[i];
  return {KnownValue(context.TypeOf(0), out)};
}

Values BlockRearrange(const NodeContext& context) {
  Shape out = context.ShapeOf(0);
  const std::int64_t block = context.node.Int("blocksize", 0);
  context.Require(out.size() == 4 && block >= 1 && block <= 65536,
                  fmt::format("blocksize {} on {} is not possible", block, ToString(out)));
  const bool to_space = context.node.op == "DepthToSpace";
  const bool fits =
      to_space ? out[1] % (block * block) == 0 : out[2] % block == 0 && out[3] % block == 0;
  context.Require(fits, fmt::format("blocksize {} does not divide {}", block, ToString(out)));
  out[1] = to_space ? out[1] / (block * block) : ElementCount({out[1], block * block});
  for (const std::size_t dim : {2, 3}) {
    out[dim] = to_space ? ElementCount({out[dim], block}) : out[dim] / block;
  }
  return {KnownValue(context.TypeOf(0), out)};
}

}  // namespace

void AddResizeRules(ShapeRules& rules) {
  rules.insert({{"Pad", Pad},
                {"Expand", Expand},
                {"Tile", Tile},
                {"ConstantOfShape", ConstantOfShape},
                {"Upsample", Upsample},
                {"Resize", Resize},
                {"DepthToSpace", BlockRearrange},
                {"SpaceToDepth", BlockRearrange}});
}

}  // namespace systole
