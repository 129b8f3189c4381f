// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/qdq_pattern.h"

#include <algorithm>
#include <cmath>

#include "sw/quant/calibrate.h"
#include "sw/quant/plan.h"

namespace systole::quant {
namespace {

/// Scale and zero point of a QuantizeLinear or DequantizeLinear; false unless both are constant.
bool ReadParams(const Network& network, const Node& node, LinearTensor& tensor) {
  tensor.scale_name = InputOrEmpty(node, 1);
  tensor.zero_name = InputOrEmpty(node, 2);
  tensor.scale = network.Constant(tensor.scale_name);
  tensor.zero = network.Constant(tensor.zero_name);
  tensor.axis = node.Int("axis", 1);
  return tensor.scale != nullptr && tensor.scale->type() == ElementType::kFloat32 &&
         tensor.scale->size() > 0 && (tensor.zero_name.empty() || tensor.zero != nullptr) &&
         (tensor.zero == nullptr || tensor.zero->size() == tensor.scale->size());
}

std::int64_t IntegerAt(const Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::kInt8:
      return tensor.As<std::int8_t>()[0];
    case ElementType::kUint8:
      return tensor.As<std::uint8_t>()[0];
    default:
      return tensor.As<std::int32_t>()[0];
  }
}

ElementType TypeOf(const Network& network, const LinearTensor& tensor) {
  if (tensor.zero != nullptr) return tensor.zero->type();
  if (const Tensor* constant = network.Constant(tensor.name)) return constant->type();
  const auto known = network.values.find(tensor.name);
  return known == network.values.end() ? ElementType::kUndefined : known->second.type;
}

/// Bounds of a Relu or Clip as quantized integers.
IntegerClamp ClampOf(const Network& network, const Node& node, const LinearTensor& output) {
  IntegerClamp clamp{LowestOf(output.type), HighestOf(output.type)};
  if (node.op == "Relu") {
    clamp.low = QuantizedValue(output, 0.0F);
    return clamp;
  }
  auto low = ScalarOf(network.Constant(InputOrEmpty(node, 1)));
  auto high = ScalarOf(network.Constant(InputOrEmpty(node, 2)));
  if (node.attributes.contains("min")) low = node.Float("min", 0);
  if (node.attributes.contains("max")) high = node.Float("max", 0);
  if (low) clamp.low = QuantizedValue(output, *low);
  if (high) clamp.high = QuantizedValue(output, *high);
  return clamp;
}

}  // namespace

std::optional<LinearTensor> DequantizedFrom(const Network& network, const GraphIndex& index,
                                            const std::string& value) {
  const auto producer = index.Producer(value);
  if (!producer) return std::nullopt;
  const Node& node = network.nodes[*producer];
  LinearTensor tensor;
  if (node.op != "DequantizeLinear" || !node.domain.empty()) return std::nullopt;
  if (!ReadParams(network, node, tensor)) return std::nullopt;
  tensor.name = node.inputs[0];
  tensor.type = TypeOf(network, tensor);
  if (tensor.type == ElementType::kUndefined) return std::nullopt;
  return tensor;
}

std::optional<LinearTensor> QuantizedTo(const Network& network, const Node& node) {
  LinearTensor tensor;
  if (node.op != "QuantizeLinear" || !node.domain.empty()) return std::nullopt;
  if (!ReadParams(network, node, tensor) || !tensor.PerTensor()) return std::nullopt;
  tensor.name = node.outputs[0];
  tensor.type = tensor.zero == nullptr ? ElementType::kUint8 : tensor.zero->type();
  return tensor;
}

bool SameParams(const LinearTensor& a, const LinearTensor& b) {
  return a.PerTensor() && b.PerTensor() && a.type == b.type &&
         a.scale->As<float>()[0] == b.scale->As<float>()[0] && ZeroOf(a) == ZeroOf(b);
}

std::int64_t ZeroOf(const LinearTensor& tensor) {
  return tensor.zero == nullptr ? 0 : IntegerAt(*tensor.zero);
}

std::int64_t QuantizedValue(const LinearTensor& output, float value) {
  const double low = LowestOf(output.type), high = HighestOf(output.type);
  const double steps = std::nearbyint(value / output.scale->As<float>()[0]);
  return static_cast<std::int64_t>(
      std::clamp(steps + static_cast<double>(ZeroOf(output)), low, high));
}

IntegerClamp AbsorbClamps(const Network& network, const GraphIndex& index,
                          const LinearTensor& output, const std::string& value, std::string& source,
                          std::vector<std::size_t>& nodes) {
  IntegerClamp result{LowestOf(output.type), HighestOf(output.type)};
  source = value;
  for (;;) {
    const auto producer = index.Producer(source);
    if (!producer || !index.SoleReader(source)) return result;
    const Node& node = network.nodes[*producer];
    if (!IsClampNode(network, node)) return result;
    // This node comes before those already seen: its bounds pass through theirs.
    const IntegerClamp inner = ClampOf(network, node, output);
    result = {std::clamp(inner.low, result.low, result.high),
              std::clamp(inner.high, result.low, result.high)};
    nodes.push_back(*producer);
    source = node.inputs[0];
  }
}

}  // namespace systole::quant
