// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/layer_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "sw/ir/macs.h"
#include "sw/map/layer.h"
#include "sw/map/tiling.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

/// What the node becomes when it is quantized: the integer operator of the same geometry. Nothing
/// for work that stays the host's.
std::optional<ArrayLayer> DescribeQuantized(const Network& network, const Node& node) {
  Node integer = node;
  integer.inputs.resize(std::min<std::size_t>(node.inputs.size(), 2));  // a bias is no zero point
  std::vector<InputFacts> facts;
  for (const std::string& name : integer.inputs) {
    const std::optional<ValueType> value = FindValue(network, name);
    if (!value || !value->has_shape) return std::nullopt;
    facts.push_back({.present = true, .type = ElementType::kInt8, .shape = value->shape});
  }
  if (node.op == "Conv") {
    integer.op = "ConvInteger";
  } else if (node.op == "MatMul" || node.op == "Gemm") {
    integer.op = "MatMulInteger";
  } else {
    return std::nullopt;
  }
  if (node.op == "Gemm") {
    for (std::size_t i = 0; i < facts.size(); ++i) {
      Shape& shape = facts[i].shape;
      if (node.Int(i == 0 ? "transA" : "transB", 0) != 0) std::reverse(shape.begin(), shape.end());
    }
  }
  return DescribeArrayLayer(integer, facts);
}

/// Inputs of quantized operators that are no weights.
bool IsScaleOrZero(const std::string& op, std::size_t input) {
  if (op == "QLinearConv") return input != 0 && input != 3 && input != 8;
  if (op == "QLinearMatMul") return input != 0 && input != 3;
  if (op == "ConvInteger" || op == "MatMulInteger") return input > 1;
  return input > 0 && op.ends_with("Linear");  // QuantizeLinear and its inverse
}

std::int64_t Parameters(const Network& network, const Node& node) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (IsScaleOrZero(node.op, i)) continue;
    const Tensor* constant = network.Constant(node.inputs[i]);
    if (constant != nullptr && constant->type() != ElementType::kInt64) count += constant->size();
  }
  return count;
}

LayerSummary Summarize(const Network& network, const Node& node, const ArrayConfig& config) {
  LayerSummary row;
  row.name = node.name;
  row.op = node.op;
  if (const auto value = network.values.find(node.outputs.front()); value != network.values.end()) {
    row.type = value->second.type;
    row.shape = value->second.shape;
  }
  row.parameters = Parameters(network, node);
  row.macs = CountMacs(network, node).value_or(0);
  std::optional<ArrayLayer> layer = DescribeArrayLayer(network, node);
  row.place = LayerSummary::Place::kArray;
  if (!layer) {
    layer = DescribeQuantized(network, node);
    row.place = layer ? LayerSummary::Place::kArrayLater : LayerSummary::Place::kHost;
  }
  if (layer) row.mapping = PlanLayer(*layer, config).mapping;
  return row;
}

}  // namespace

std::vector<LayerSummary> Summarize(const Network& network, const ArrayConfig& config) {
  std::vector<LayerSummary> rows;
  for (const Node& node : network.nodes) rows.push_back(Summarize(network, node, config));
  return rows;
}

void RefuseUnsupported(const Network& network) {
  std::vector<Problem> problems;
  const std::set<std::string>& known = SupportedOperators();
  for (const Node& node : network.nodes) {
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    if (standard && known.contains(node.op)) continue;
    problems.push_back({fmt::format("node \"{}\": operator {}{} is not supported", node.name,
                                    standard ? "" : node.domain + ".", node.op),
                        ""});
  }
  if (problems.empty()) return;
  problems.back().fix =
      fmt::format("export the model with these operators: {}", fmt::join(known, ", "));
  throw RequestError(std::move(problems));
}

}  // namespace systole
