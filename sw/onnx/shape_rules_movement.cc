// SPDX-License-Identifier: Apache-2.0
// Shape rules of operators that move elements without changing them.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Values = std::vector<ValueType>;

Values Concat(const NodeContext& context) {
  Shape out = context.ShapeOf(0);
  context.Require(context.node.attributes.contains("axis") || context.opset < 4, "axis is missing");
  const std::size_t axis = context.Axis(context.node.Int("axis", 1), out.size());
  for (std::size_t i = 1; i < context.types.size(); ++i) {
    Shape other = context.ShapeOf(i);
    const std::int64_t size = other.size() == out.size() ? other[axis] : 0;
    if (other.size() == out.size()) other[axis] = out[axis];
    if (other != out || context.TypeOf(i) != context.TypeOf(0)) {
      context.Fail(fmt::format("{} {} and {} {} cannot be joined along axis {}",
                               ToString(context.ShapeOf(0)), ToString(context.TypeOf(0)),
                               ToString(context.ShapeOf(i)), ToString(context.TypeOf(i)), axis));
    }
    out[axis] += size;
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values Split(const NodeContext& context) {
  const Shape& shape = context.ShapeOf(0);
  const std::size_t axis = context.Axis(context.node.Int("axis", 0), shape.size());
  const std::size_t parts = context.node.outputs.size();
  const NodeContext::List sizes = context.ListOf(1, "split", context.opset >= 13);
  if (!sizes.absent && !sizes.values) return Values(parts, UnknownShape(context.TypeOf(0)));
  std::vector<std::int64_t> lengths;
  if (sizes.absent) {
    const auto count = static_cast<std::int64_t>(parts);
    const std::int64_t length = (shape[axis] + count - 1) / count;
    context.Require(shape[axis] % count == 0 || context.opset >= 18,
                    fmt::format("{} does not split into {} equal parts", shape[axis], count));
    lengths.assign(parts, length);
    lengths.back() = shape[axis] - length * (count - 1);
  } else {
    lengths = *sizes.values;
  }
  std::int64_t sum = 0;
  for (const std::int64_t length : lengths) {
    context.Require(length >= 0 && length <= shape[axis], "a part is out of range");
    sum += length;
  }
  context.Require(lengths.size() == parts && sum == shape[axis],
                  fmt::format("its {} parts do not add up to {}", lengths.size(), shape[axis]));
  Values values;
  for (const std::int64_t length : lengths) {
    Shape out = shape;
    out[axis] = length;
    values.push_back(KnownValue(context.TypeOf(0), out));
  }
  return values;
}

Values Slice(const NodeContext& context) {
  const auto ranges = SliceRanges(context);
  if (!ranges) return {UnknownShape(context.TypeOf(0))};
  Shape out;
  for (const SliceRange& range : *ranges) out.push_back(range.count);
  return {KnownValue(context.TypeOf(0), out)};
}

Values Reshape(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const auto wanted = context.IntsOf(1);
  if (!wanted) return {UnknownShape(context.TypeOf(0))};
  const bool zero_is_zero = context.node.Int("allowzero", 0) != 0;
  Shape out;
  std::ptrdiff_t open = -1;  // the dimension that is left to compute
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    std::int64_t dim = (*wanted)[i];
    if (dim == 0 && !zero_is_zero) {
      context.Require(i < in.size(), fmt::format("copies dimension {} of {}", i, ToString(in)));
      dim = in[i];
    }
    if (dim == -1) {
      context.Require(open < 0, "two dimensions are -1");
      open = static_cast<std::ptrdiff_t>(i);
      dim = 1;
    }
    out.push_back(dim);
  }
  const std::int64_t count = ElementCount(in);
  const std::int64_t rest = ElementCount(out);
  if (open >= 0) {
    context.Require(rest != 0 && count % rest == 0,
                    fmt::format("{} does not fit shape {}", ToString(in), ToString(*wanted)));
    out[static_cast<std::size_t>(open)] = count / rest;
  } else {
    context.Require(rest == count,
                    fmt::format("{} does not fit shape {}", ToString(in), ToString(out)));
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values Flatten(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const std::int64_t wanted = context.node.Int("axis", 1);
  const auto rank = static_cast<std::int64_t>(in.size());
  context.Require(wanted >= -rank && wanted <= rank,
                  fmt::format("axis {} is out of range", wanted));
  const auto axis = in.begin() + (wanted < 0 ? wanted + rank : wanted);
  return {KnownValue(context.TypeOf(0),
                     {ElementCount(Shape(in.begin(), axis)), ElementCount(Shape(axis, in.end()))})};
}

Values Squeeze(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const NodeContext::List axes = context.ListOf(1, "axes", context.opset >= 13);
  if (!axes.absent && !axes.values) return {UnknownShape(context.TypeOf(0))};
  std::vector<bool> drop(in.size());
  if (axes.absent) {
    for (std::size_t i = 0; i < in.size(); ++i) drop[i] = in[i] == 1;
  } else {
    drop = context.AxisSet(*axes.values, in.size());
  }
  Shape out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    context.Require(!drop[i] || in[i] == 1,
                    fmt::format("dimension {} of {} is not 1", i, ToString(in)));
    if (!drop[i]) out.push_back(in[i]);
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values Unsqueeze(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const NodeContext::List axes = context.ListOf(1, "axes", context.opset >= 13);
  context.Require(!axes.absent, "axes are missing");
  if (!axes.values) return {UnknownShape(context.TypeOf(0))};
  const std::vector<bool> added = context.AxisSet(*axes.values, in.size() + axes.values->size());
  Shape out;
  std::size_t next = 0;
  for (const bool add : added) out.push_back(add ? 1 : in[next++]);
  return {KnownValue(context.TypeOf(0), out)};
}

Values Transpose(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  std::vector<std::int64_t> order(in.size());
  std::iota(order.rbegin(), order.rend(), 0);
  order = context.node.Ints("perm", order);
  context.Require(order.size() == in.size(),
                  fmt::format("perm has {} members, the input is {}", order.size(), ToString(in)));
  context.AxisSet(order, in.size());
  Shape out;
  for (const std::int64_t axis : order) out.push_back(in[context.Axis(axis, in.size())]);
  return {KnownValue(context.TypeOf(0), out)};
}

Values ShapeOperator(const NodeContext& context) {
  const auto rank = static_cast<std::int64_t>(context.ShapeOf(0).size());
  const auto bound = [&](const char* key, std::int64_t fallback) {
    const std::int64_t value = context.node.Int(key, fallback);
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const std::int64_t count = bound("end", rank) - bound("start", 0);
  return {KnownValue(ElementType::kInt64, {std::max<std::int64_t>(count, 0)})};
}

Values Size(const NodeContext&) { return {KnownValue(ElementType::kInt64, {})}; }

Values Gather(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const Shape& indices = context.ShapeOf(1);
  const std::size_t axis = context.Axis(context.node.Int("axis", 0), in.size());
  Shape out(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(axis));
  out.insert(out.end(), indices.begin(), indices.end());
  out.insert(out.end(), in.begin() + static_cast<std::ptrdiff_t>(axis) + 1, in.end());
  return {KnownValue(context.TypeOf(0), out)};
}

Values GatherElements(const NodeContext& context) {
  return {KnownValue(context.TypeOf(0), context.ShapeOf(1))};
}

}  // namespace

std::optional<std::vector<SliceRange>> SliceRanges(const NodeContext& context) {
  const Shape& in = context.ShapeOf(0);
  const bool from_input = context.opset >= 10;
  const NodeContext::List starts = context.ListOf(1, "starts", from_input);
  const NodeContext::List ends = context.ListOf(2, "ends", from_input);
  NodeContext::List axes = context.ListOf(3, "axes", from_input);
  NodeContext::List steps = context.ListOf(4, "steps", from_input);
  context.Require(!starts.absent && !ends.absent, "starts or ends are missing");
  for (const NodeContext::List& list : {starts, ends, axes, steps}) {
    if (!list.absent && !list.values) return std::nullopt;
  }
  const std::size_t count = starts.values->size();
  if (axes.absent) {
    axes.values.emplace(count);
    std::iota(axes.values->begin(), axes.values->end(), 0);
  }
  if (steps.absent) steps.values.emplace(count, 1);
  context.Require(
      ends.values->size() == count && axes.values->size() == count && steps.values->size() == count,
      "starts, ends, axes and steps differ in length");
  context.AxisSet(*axes.values, in.size());
  std::vector<SliceRange> ranges;
  for (const std::int64_t dim : in) ranges.push_back({0, 1, dim});
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t axis = context.Axis((*axes.values)[i], in.size());
    const std::int64_t dim = in[axis];
    constexpr std::int64_t kFar = std::int64_t{1} << 41;  // more than any dimension
    const std::int64_t step = std::clamp((*steps.values)[i], -kFar, kFar);
    context.Require(step != 0, "a step is 0");
    const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? dim : dim - 1;
    const auto bound = [&](std::int64_t value) {
      return std::clamp(value < 0 ? value + dim : value, low, std::max(low, high));
    };
    const std::int64_t start = std::max(bound((*starts.values)[i]), std::int64_t{0});
    const std::int64_t distance = bound((*ends.values)[i]) - start;
    const bool any = dim > 0 && (step > 0 ? distance > 0 : distance < 0);
    ranges[axis] = {start, step, any ? (distance - (step > 0 ? 1 : -1)) / step + 1 : 0};
  }
  return ranges;
}

void AddMovementRules(ShapeRules& rules) {
  rules.insert({{"Concat", Concat},
                {"Split", Split},
                {"Slice", Slice},
                {"Reshape", Reshape},
                {"Flatten", Flatten},
                {"Squeeze", Squeeze},
                {"Unsqueeze", Unsqueeze},
                {"Transpose", Transpose},
                {"Shape", ShapeOperator},
                {"Size", Size},
                {"Gather", Gather},
                {"GatherElements", GatherElements}});
}

}  // namespace systole
