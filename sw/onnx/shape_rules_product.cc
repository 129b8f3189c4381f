// SPDX-License-Identifier: Apache-2.0
// Shape rules of matrix products and quantization.
#include <fmt/format.h>

#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Values = std::vector<ValueType>;

Shape Product(const NodeContext& context, std::size_t left, std::size_t right) {
  Shape a = context.ShapeOf(left);
  Shape b = context.ShapeOf(right);
  const auto fail = [&] {
    context.Fail(fmt::format("{} and {} cannot be multiplied", ToString(context.ShapeOf(left)),
                             ToString(context.ShapeOf(right))));
  };
  if (a.empty() || b.empty()) fail();
  // A vector is a matrix of one row or one column, which the result drops again.
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (a.back() != b[b.size() - 2]) fail();
  const auto batch = Broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!batch) fail();
  Shape out = *batch;
  if (!row) out.push_back(a[a.size() - 2]);
  if (!column) out.push_back(b.back());
  return out;
}

Values MatMul(const NodeContext& context) {
  return {KnownValue(context.TypeOf(0), Product(context, 0, 1))};
}
Values MatMulInteger(const NodeContext& context) {
  return {KnownValue(ElementType::kInt32, Product(context, 0, 1))};
}
Values QLinearMatMul(const NodeContext& context) {
  return {KnownValue(context.TypeOf(7), Product(context, 0, 3))};
}

Values Gemm(const NodeContext& context) {
  Shape a = context.ShapeOf(0);
  Shape b = context.ShapeOf(1);
  if (a.size() == 2 && context.node.Int("transA", 0) != 0) std::swap(a[0], a[1]);
  if (b.size() == 2 && context.node.Int("transB", 0) != 0) std::swap(b[0], b[1]);
  context.Require(a.size() == 2 && b.size() == 2 && a[1] == b[0],
                  fmt::format("{} and {} cannot be multiplied", ToString(context.ShapeOf(0)),
                              ToString(context.ShapeOf(1))));
  const Shape out = {a[0], b[1]};
  if (context.Has(2) && (context.opset >= 7 || context.node.Int("broadcast", 0) == 0)) {
    context.Require(Broadcast(context.ShapeOf(2), out) == out,
                    fmt::format("C is {}, which does not broadcast to {}",
                                ToString(context.ShapeOf(2)), ToString(out)));
  }
  return {KnownValue(context.TypeOf(0), out)};
}

Values QuantizeLinear(const NodeContext& context) {
  const ElementType type = context.Has(2) ? context.TypeOf(2) : ElementType::kUint8;
  return {KnownValue(type, context.ShapeOf(0))};
}
Values DequantizeLinear(const NodeContext& context) {
  return {KnownValue(context.TypeOf(1), context.ShapeOf(0))};
}
Values DynamicQuantizeLinear(const NodeContext& context) {
  return {KnownValue(ElementType::kUint8, context.ShapeOf(0)),
          KnownValue(ElementType::kFloat32, {}), KnownValue(ElementType::kUint8, {})};
}

}  // namespace

void AddProductRules(ShapeRules& rules) {
  rules.insert({{"MatMul", MatMul},
                {"MatMulInteger", MatMulInteger},
                {"QLinearMatMul", QLinearMatMul},
                {"Gemm", Gemm},
                {"QuantizeLinear", QuantizeLinear},
                {"DequantizeLinear", DequantizeLinear},
                {"DynamicQuantizeLinear", DynamicQuantizeLinear}});
}

}  // namespace systole
