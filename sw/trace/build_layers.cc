// SPDX-License-Identifier: Apache-2.0
// Everything that is no product: functions of elements, concatenation, quantization.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "sw/ref/broadcast.h"
#include "sw/trace/program_builder.h"

namespace systole {
namespace {

std::int64_t CountOf(ProgramBuilder& builder, const std::string& name) {
  return ElementCount(builder.Value(name).shape);
}

void AddUnary(ProgramBuilder& builder, const Node& node, UnaryOp op) {
  op.type = TraceTypeOf(builder.Value(node.inputs[0]).type);
  if (op.kind != UnaryKind::kClip && op.type != TraceType::kFloat32) {
    throw RequestError("only float32 is supported");
  }
  op.count = CountOf(builder, node.inputs[0]);
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.MakeInPlace(node);
  builder.Add(op);
}

void Relu(ProgramBuilder& builder, const Node& node) { AddUnary(builder, node, {}); }

/// A bound of Clip as an input or an attribute; `fallback` where there is none.
float ClipBound(ProgramBuilder& builder, const Node& node, std::size_t input, const char* attribute,
                float fallback) {
  if (!builder.HasInput(node, input)) return node.Float(attribute, fallback);
  const Tensor& bound = builder.Constant(node, input, "a bound");
  if (bound.size() != 1) throw RequestError("a bound must have one element");
  switch (bound.type()) {
    case ElementType::kFloat32:
      return bound.As<float>()[0];
    case ElementType::kInt8:
      return bound.As<std::int8_t>()[0];
    case ElementType::kUint8:
      return bound.As<std::uint8_t>()[0];
    default:
      throw RequestError("a bound has the type " + ToString(bound.type()));
  }
}

void Clip(ProgramBuilder& builder, const Node& node) {
  const TraceType type = TraceTypeOf(builder.Value(node.inputs[0]).type);
  const bool bytes = type != TraceType::kFloat32, is_signed = type == TraceType::kInt8;
  const float lowest = bytes ? (is_signed ? -128.0F : 0.0F) : std::numeric_limits<float>::lowest();
  const float highest = bytes ? (is_signed ? 127.0F : 255.0F) : std::numeric_limits<float>::max();
  AddUnary(builder, node,
           {.upper = true,
            .a = ClipBound(builder, node, 1, "min", lowest),
            .b = ClipBound(builder, node, 2, "max", highest)});
}

void LeakyRelu(ProgramBuilder& builder, const Node& node) {
  AddUnary(builder, node, {.kind = UnaryKind::kLeakyRelu, .a = node.Float("alpha", 0.01F)});
}
void HardSigmoid(ProgramBuilder& builder, const Node& node) {
  AddUnary(builder, node,
           {.kind = UnaryKind::kHardSigmoid,
            .a = node.Float("alpha", 0.2F),
            .b = node.Float("beta", 0.5F)});
}
void HardSwish(ProgramBuilder& builder, const Node& node) {
  AddUnary(builder, node, {.kind = UnaryKind::kHardSwish});
}
void Sigmoid(ProgramBuilder& builder, const Node& node) {
  AddUnary(builder, node, {.kind = UnaryKind::kSigmoid});
}

/// How an operand of shape `in` is read for planes of `area` = the dimensions of `out` from `split`
/// on; nothing when this split does not describe it.
bool DescribeOperand(const Shape& in, const Shape& out, std::size_t split,
                     BinaryOp::Operand& operand) {
  Shape full(out.size() - in.size(), 1);
  full.insert(full.end(), in.begin(), in.end());
  const auto product = [](const Shape& s, std::size_t begin, std::size_t end) {
    return std::accumulate(s.begin() + static_cast<std::ptrdiff_t>(begin),
                           s.begin() + static_cast<std::ptrdiff_t>(end), std::int64_t{1},
                           std::multiplies<>());
  };
  const std::int64_t inner = product(full, split, full.size());
  const std::int64_t area = product(out, split, out.size());
  if (inner != area && inner != 1) return false;
  // In front of the split: equal dimensions, behind any number of ones.
  std::size_t first = 0;
  while (first < split && full[first] == 1) ++first;
  if (!std::equal(full.begin() + static_cast<std::ptrdiff_t>(first),
                  full.begin() + static_cast<std::ptrdiff_t>(split),
                  out.begin() + static_cast<std::ptrdiff_t>(first)))
    return false;
  operand.period = product(full, 0, split);
  operand.plane = inner;
  operand.step = inner == area && area > 1 ? 1 : 0;
  return true;
}

void AddBinary(ProgramBuilder& builder, const Node& node, BinaryKind kind) {
  if (node.inputs.size() != 2) throw RequestError("two inputs are supported");
  const ValueType a = builder.Value(node.inputs[0]), b = builder.Value(node.inputs[1]);
  const ValueType y = builder.Value(node.outputs[0]);
  if (a.type != ElementType::kFloat32 || b.type != ElementType::kFloat32)
    throw RequestError("only float32 is supported");
  for (std::size_t split = 0; split <= y.shape.size(); ++split) {
    BinaryOp op{.kind = kind};
    if (!DescribeOperand(a.shape, y.shape, split, op.a) ||
        !DescribeOperand(b.shape, y.shape, split, op.b))
      continue;
    op.a.at = builder.AddressOf(node.inputs[0]);
    op.b.at = builder.AddressOf(node.inputs[1]);
    op.area = std::accumulate(y.shape.begin() + static_cast<std::ptrdiff_t>(split), y.shape.end(),
                              std::int64_t{1}, std::multiplies<>());
    op.planes = ElementCount(y.shape) / op.area;
    op.y = builder.Make(node.outputs[0]);
    return builder.Add(op);
  }
  throw RequestError("the shapes " + ToString(a.shape) + " and " + ToString(b.shape) +
                     " are broadcast in a way that is not supported by a traced program");
}
template <BinaryKind Kind>
void Binary(ProgramBuilder& builder, const Node& node) {
  AddBinary(builder, node, Kind);
}

void BatchNormalization(ProgramBuilder& builder, const Node& node) {
  const ValueType x = builder.Value(node.inputs[0]);
  if (node.Int("training_mode", 0) != 0 || node.Int("spatial", 1) != 1 || x.shape.size() < 2 ||
      x.type != ElementType::kFloat32) {
    throw RequestError("only inference of float32 with one scale a channel is supported");
  }
  const float epsilon = node.Float("epsilon", 1e-5F);
  const auto gamma = builder.Constant(node, 1, "scale").As<float>(),
             beta = builder.Constant(node, 2, "B").As<float>();
  const auto mean = builder.Constant(node, 3, "mean").As<float>(),
             variance = builder.Constant(node, 4, "var").As<float>();
  const auto channels = static_cast<std::size_t>(x.shape[1]);
  std::vector<float> scale, shift;
  for (const auto values : {gamma, beta, mean, variance}) {
    if (values.size() != channels) throw RequestError("a parameter has not one value a channel");
  }
  for (std::size_t c = 0; c < channels; ++c) {
    scale.push_back((1.0F / std::sqrt(variance[c] + epsilon)) * gamma[c]);
    shift.push_back(beta[c] - mean[c] * scale.back());
  }
  BinaryOp op{.kind = BinaryKind::kMul,
              .planes = x.shape[0] * x.shape[1],
              .area = ElementCount(x.shape) / (x.shape[0] * x.shape[1])};
  op.a = {
      .at = builder.AddressOf(node.inputs[0]), .period = op.planes, .plane = op.area, .step = 1};
  op.b = {.at = builder.AddConstant(std::span<const float>(scale)),
          .period = x.shape[1],
          .plane = 1,
          .step = 0};
  op.y = builder.MakeInPlace(node);
  builder.Add(op);
  op.kind = BinaryKind::kAdd;
  op.a.at = op.y;
  op.b.at = builder.AddConstant(std::span<const float>(shift));
  builder.Add(op);
}

void Concat(ProgramBuilder& builder, const Node& node) {
  const ValueType y = builder.Value(node.outputs[0]);
  const auto rank = static_cast<std::int64_t>(y.shape.size());
  const std::int64_t given = node.Int("axis", 1), axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank) throw RequestError("the axis is out of range");
  const auto inner = [&](const Shape& shape) {
    return std::accumulate(shape.begin() + axis, shape.end(), std::int64_t{1}, std::multiplies<>());
  };
  const std::int64_t element = BytesOf(TraceTypeOf(y.type)), line = inner(y.shape) * element;
  const std::int64_t count = ElementCount(y.shape) / inner(y.shape);
  Address to = builder.Make(node.outputs[0]);
  for (const std::string& name : node.inputs) {
    const ValueType x = builder.Value(name);
    if (x.type != y.type || x.shape.size() != y.shape.size())
      throw RequestError("the inputs do not fit each other");
    CopyOp op{.from = builder.AddressOf(name),
              .to = to,
              .count = count,
              .bytes = inner(x.shape) * element,
              .to_step = line};
    op.from_step = op.bytes;
    const Address all = op.from | op.to | static_cast<Address>(op.bytes) |
                        (count > 1 ? static_cast<Address>(line) : 0);
    op.unit = std::min<std::int64_t>(8, static_cast<std::int64_t>(all & (~all + 1)));
    builder.Add(op);
    to += static_cast<Address>(op.bytes);
  }
}

void Softmax(ProgramBuilder& builder, const Node& node) {
  const ValueType x = builder.Value(node.inputs[0]);
  if (x.type != ElementType::kFloat32) throw RequestError("only float32 is supported");
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  // Before operator set 13 the dimensions from the axis on are one.
  const bool merged = builder.network().opset < 13;
  const std::int64_t given = node.Int("axis", merged ? 1 : -1),
                     axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank) throw RequestError("the axis is out of range");
  const std::int64_t inner = std::accumulate(x.shape.begin() + axis + 1, x.shape.end(),
                                             std::int64_t{1}, std::multiplies<>());
  if (!merged && inner != 1)
    throw RequestError("only the last axis is supported by a traced program");
  const std::int64_t length = merged ? x.shape[static_cast<std::size_t>(axis)] * inner
                                     : x.shape[static_cast<std::size_t>(axis)];
  builder.Add(SoftmaxOp{.x = builder.AddressOf(node.inputs[0]),
                        .y = builder.Make(node.outputs[0]),
                        .rows = ElementCount(x.shape) / length,
                        .length = length});
}

void Lrn(ProgramBuilder& builder, const Node& node) {
  const ValueType x = builder.Value(node.inputs[0]);
  const std::int64_t size = node.Int("size", 0);
  if (x.type != ElementType::kFloat32 || x.shape.size() < 2 || size < 1 || size > (1 << 20)) {
    throw RequestError("only float32 with a positive size is supported");
  }
  if (node.Float("beta", 0.75F) != 0.75F || !(node.Float("bias", 1.0F) > 0.0F) ||
      node.Float("alpha", 1e-4F) < 0.0F) {
    throw RequestError(
        "a traced program supports LRN with beta 0.75, alpha not negative and bias positive only");
  }
  LrnOp op{.batch = x.shape[0], .channels = x.shape[1], .size = size};
  op.area = ElementCount(x.shape) / (op.batch * op.channels);
  op.scale = node.Float("alpha", 1e-4F) / static_cast<float>(size);
  op.bias = node.Float("bias", 1.0F);
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

QuantizeOp MakeQuantize(ProgramBuilder& builder, const Node& node) {
  const Tensor& scale = builder.Constant(node, 1, "the scale");
  if (scale.size() != 1 || !(scale.As<float>()[0] > 0.0F))
    throw RequestError("the scale must be one positive value");
  QuantizeOp op{.scale = scale.As<float>()[0]};
  if (builder.HasInput(node, 2)) {
    const Tensor& zero = builder.Constant(node, 2, "the zero point");
    if (zero.size() != 1) throw RequestError("the zero point must be one value");
    op.zero = zero.type() == ElementType::kInt8 ? std::int32_t{zero.As<std::int8_t>()[0]}
                                                : std::int32_t{zero.As<std::uint8_t>()[0]};
  }
  op.count = CountOf(builder, node.inputs[0]);
  return op;
}

void QuantizeLinear(ProgramBuilder& builder, const Node& node) {
  QuantizeOp op = MakeQuantize(builder, node);
  op.type = TraceTypeOf(builder.Value(node.outputs[0]).type);
  if (builder.Value(node.inputs[0]).type != ElementType::kFloat32)
    throw RequestError("only float32 can be quantized");
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

void DequantizeLinear(ProgramBuilder& builder, const Node& node) {
  QuantizeOp op = MakeQuantize(builder, node);
  op.dequantize = true;
  op.type = TraceTypeOf(builder.Value(node.inputs[0]).type);
  if (op.type == TraceType::kFloat32) throw RequestError("the input must be int8 or uint8");
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

}  // namespace

std::span<const NodeBuilderEntry> LayerBuilders() {
  static constexpr NodeBuilderEntry kEntries[] = {{"Add", Binary<BinaryKind::kAdd>},
                                                  {"BatchNormalization", BatchNormalization},
                                                  {"Clip", Clip},
                                                  {"Concat", Concat},
                                                  {"DequantizeLinear", DequantizeLinear},
                                                  {"Div", Binary<BinaryKind::kDiv>},
                                                  {"HardSigmoid", HardSigmoid},
                                                  {"HardSwish", HardSwish},
                                                  {"LeakyRelu", LeakyRelu},
                                                  {"LRN", Lrn},
                                                  {"Max", Binary<BinaryKind::kMax>},
                                                  {"Min", Binary<BinaryKind::kMin>},
                                                  {"Mul", Binary<BinaryKind::kMul>},
                                                  {"QuantizeLinear", QuantizeLinear},
                                                  {"Relu", Relu},
                                                  {"Sigmoid", Sigmoid},
                                                  {"Softmax", Softmax},
                                                  {"Sub", Binary<BinaryKind::kSub>}};
  return kEntries;
}

}  // namespace systole
