// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sw/ir/macs.h"
#include "sw/map/layer.h"

namespace systole {
namespace {

/// The integer operator of the geometry of a float one; "" where there is none.
std::string IntegerOperator(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return "";
  if (node.op == "Conv") return "ConvInteger";
  return node.op == "MatMul" || node.op == "Gemm" ? "MatMulInteger" : "";
}

}  // namespace

std::optional<ArrayLayer> DescribeQuantizedLayer(const Network& network, const Node& node) {
  const std::string op = IntegerOperator(node);
  if (op.empty()) return DescribeArrayLayer(network, node);
  Node integer = node;
  integer.op = op;
  integer.inputs.resize(std::min<std::size_t>(node.inputs.size(), 2));  // a bias is no zero point
  std::vector<InputFacts> facts;
  for (const std::string& name : integer.inputs) {
    const std::optional<ValueType> value = FindValue(network, name);
    if (!value || !value->has_shape) return std::nullopt;
    facts.push_back({.present = true, .type = ElementType::kInt8, .shape = value->shape});
  }
  for (std::size_t i = 0; node.op == "Gemm" && i < facts.size(); ++i) {
    Shape& shape = facts[i].shape;
    if (node.Int(i == 0 ? "transA" : "transB", 0) != 0) std::reverse(shape.begin(), shape.end());
  }
  std::optional<ArrayLayer> layer = DescribeArrayLayer(integer, facts);
  if (layer) layer->raw = false;
  return layer;
}

}  // namespace systole
