// SPDX-License-Identifier: Apache-2.0
// Shape rules of elementwise operators, normalization and reductions.
#include <fmt/format.h>

#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Values = std::vector<ValueType>;

Values SameAsFirst(const NodeContext& context) {
  return {KnownValue(context.TypeOf(0), context.ShapeOf(0))};
}
Values BoolAsFirst(const NodeContext& context) {
  return {KnownValue(ElementType::kBool, context.ShapeOf(0))};
}

/// The broadcast shape of all inputs from `first` on. Before operator set 7 the first operand has
/// the result's shape.
Shape CommonShape(const NodeContext& context, std::size_t first) {
  Shape shape = context.ShapeOf(first);
  if (context.opset < 7) return shape;
  for (std::size_t i = first + 1; i < context.types.size(); ++i) {
    if (!context.Has(i)) continue;
    const auto common = Broadcast(shape, context.ShapeOf(i));
    context.Require(common.has_value(), fmt::format("{} and {} do not broadcast", ToString(shape),
                                                    ToString(context.ShapeOf(i))));
    shape = *common;
  }
  return shape;
}

Values Broadcasting(const NodeContext& context) {
  const std::size_t operands = context.types.size();
  for (std::size_t i = 0; i < operands; ++i) {
    context.Require(context.TypeOf(i) == context.TypeOf(0) || context.node.op == "Pow",
                    fmt::format("its operands are {} and {}", ToString(context.TypeOf(0)),
                                ToString(context.TypeOf(i))));
  }
  return {KnownValue(context.TypeOf(0), CommonShape(context, 0))};
}
Values Comparison(const NodeContext& context) {
  return {KnownValue(ElementType::kBool, CommonShape(context, 0))};
}
Values Where(const NodeContext& context) {
  return {KnownValue(context.TypeOf(1), CommonShape(context, 0))};
}

Values Cast(const NodeContext& context) {
  const std::int64_t to = context.node.Int("to", 0);
  switch (to) {
    case 1:
    case 2:
    case 3:
    case 6:
    case 7:
    case 9:
    case 11:
      return {KnownValue(static_cast<ElementType>(to), context.ShapeOf(0))};
    default:
      context.Fail(fmt::format("casts to element type number {}, which is not supported", to));
  }
}

Values Dropout(const NodeContext& context) {
  const ElementType mask = context.opset < 10 ? context.TypeOf(0) : ElementType::kBool;
  return {KnownValue(context.TypeOf(0), context.ShapeOf(0)), KnownValue(mask, context.ShapeOf(0))};
}

Values BatchNormalization(const NodeContext& context) {
  const ValueType out = KnownValue(context.TypeOf(0), context.ShapeOf(0));
  const Shape& shape = out.shape;
  context.Require(!shape.empty(), "the input is a scalar");
  const Shape channels = {shape.size() > 1 ? shape[1] : 1};
  for (std::size_t i = 1; i <= 4; ++i) {
    context.Require(context.ShapeOf(i) == channels || context.opset < 9,
                    fmt::format("input {} is {}, the input has {} channels", i,
                                ToString(context.ShapeOf(i)), channels[0]));
  }
  const ValueType statistic = KnownValue(context.TypeOf(0), channels);
  return {out, statistic, statistic, statistic, statistic};
}

/// Which axes a reduction takes; nothing when they are not known before the run.
std::optional<std::vector<bool>> ReducedAxes(const NodeContext& context, std::size_t rank) {
  const bool from_input = context.opset >= (context.node.op == "ReduceSum" ? 13 : 18);
  const NodeContext::List axes = context.ListOf(1, "axes", from_input);
  if (!axes.absent && !axes.values) return std::nullopt;
  if (axes.absent || axes.values->empty()) {
    const bool keep_all = context.node.Int("noop_with_empty_axes", 0) != 0;
    return std::vector<bool>(rank, !keep_all);
  }
  return context.AxisSet(*axes.values, rank);
}

Shape Reduced(const Shape& shape, const std::vector<bool>& axes, bool keep) {
  Shape out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!axes[i]) {
      out.push_back(shape[i]);
    } else if (keep) {
      out.push_back(1);
    }
  }
  return out;
}

Values Reduce(const NodeContext& context) {
  const Shape& shape = context.ShapeOf(0);
  const auto axes = ReducedAxes(context, shape.size());
  if (!axes) return {UnknownShape(context.TypeOf(0))};
  return {
      KnownValue(context.TypeOf(0), Reduced(shape, *axes, context.node.Int("keepdims", 1) != 0))};
}

Values ArgReduce(const NodeContext& context) {
  const Shape& shape = context.ShapeOf(0);
  std::vector<bool> axes(shape.size());
  axes[context.Axis(context.node.Int("axis", 0), shape.size())] = true;
  return {
      KnownValue(ElementType::kInt64, Reduced(shape, axes, context.node.Int("keepdims", 1) != 0))};
}

}  // namespace

void AddElementwiseRules(ShapeRules& rules) {
  for (const char* op : {"Abs",
                         "Acos",
                         "Acosh",
                         "Asin",
                         "Asinh",
                         "Atan",
                         "Atanh",
                         "Ceil",
                         "Celu",
                         "Clip",
                         "Cos",
                         "Cosh",
                         "CumSum",
                         "Elu",
                         "Erf",
                         "Exp",
                         "Floor",
                         "HardSigmoid",
                         "HardSwish",
                         "Hardmax",
                         "Identity",
                         "InstanceNormalization",
                         "LRN",
                         "LayerNormalization",
                         "LeakyRelu",
                         "Log",
                         "LogSoftmax",
                         "LpNormalization",
                         "MeanVarianceNormalization",
                         "Mish",
                         "Neg",
                         "PRelu",
                         "Reciprocal",
                         "Relu",
                         "Round",
                         "Selu",
                         "Shrink",
                         "Sigmoid",
                         "Sign",
                         "Sin",
                         "Sinh",
                         "Softmax",
                         "Softplus",
                         "Softsign",
                         "Sqrt",
                         "Tan",
                         "Tanh",
                         "ThresholdedRelu"}) {
    rules[op] = SameAsFirst;
  }
  for (const char* op : {"Not", "IsNaN", "IsInf"}) rules[op] = BoolAsFirst;
  for (const char* op :
       {"Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max", "Sum", "Mean", "BitShift"}) {
    rules[op] = Broadcasting;
  }
  for (const char* op :
       {"Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor"}) {
    rules[op] = Comparison;
  }
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                         "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
    rules[op] = Reduce;
  }
  rules.insert({{"Where", Where},
                {"Cast", Cast},
                {"Dropout", Dropout},
                {"BatchNormalization", BatchNormalization},
                {"ArgMax", ArgReduce},
                {"ArgMin", ArgReduce}});
}

}  // namespace systole
