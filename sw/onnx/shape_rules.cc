// SPDX-License-Identifier: Apache-2.0
#include "sw/onnx/shape_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace systole {

void NodeContext::Fail(const std::string& what) const {
  throw RequestError(fmt::format("{}: {}", Describe(node), what));
}

ElementType NodeContext::TypeOf(std::size_t input) const {
  if (!Has(input)) Fail(fmt::format("input {} is missing", input));
  return types[input]->type;
}

const Shape& NodeContext::ShapeOf(std::size_t input) const {
  if (!Has(input)) Fail(fmt::format("input {} is missing", input));
  return types[input]->shape;
}

std::optional<std::vector<std::int64_t>> NodeContext::IntsOf(std::size_t input) const {
  const ElementType type = TypeOf(input);
  if (ShapeOf(input).size() > 1 || (type != ElementType::kInt64 && type != ElementType::kInt32)) {
    Fail(fmt::format("input {} is {} {}; it must be a list of int64", input,
                     ToString(ShapeOf(input)), ToString(type)));
  }
  const Tensor* tensor = constants[input];
  if (tensor == nullptr) return std::nullopt;
  if (type == ElementType::kInt32) {
    const auto values = tensor->As<std::int32_t>();
    return std::vector<std::int64_t>(values.begin(), values.end());
  }
  const auto values = tensor->As<std::int64_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

NodeContext::List NodeContext::ListOf(std::size_t input, const std::string& key,
                                      bool from_input) const {
  if (from_input) {
    if (!Has(input)) return {.absent = true, .values = std::nullopt};
    return {.absent = false, .values = IntsOf(input)};
  }
  if (!node.attributes.contains(key)) return {.absent = true, .values = std::nullopt};
  return {.absent = false, .values = node.Ints(key, {})};
}

std::size_t NodeContext::Axis(std::int64_t axis, std::size_t rank) const {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    Fail(fmt::format("axis {} is out of range for {} dimensions", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::vector<bool> NodeContext::AxisSet(const std::vector<std::int64_t>& axes,
                                       std::size_t rank) const {
  std::vector<bool> set(rank);
  for (const std::int64_t axis : axes) {
    const std::size_t index = Axis(axis, rank);
    if (set[index]) Fail(fmt::format("axis {} is given twice", axis));
    set[index] = true;
  }
  return set;
}

ShapeRule FindShapeRule(const std::string& op) {
  static const ShapeRules rules = [] {
    ShapeRules all;
    AddWindowRules(all);
    AddProductRules(all);
    AddElementwiseRules(all);
    AddMovementRules(all);
    AddResizeRules(all);
    return all;
  }();
  const auto found = rules.find(op);
  return found == rules.end() ? nullptr : found->second;
}

std::optional<Shape> Broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  const std::size_t offset = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = result[offset + i];
    if (dim == 1) {
      dim = shorter[i];
    } else if (shorter[i] != 1 && shorter[i] != dim) {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace systole
