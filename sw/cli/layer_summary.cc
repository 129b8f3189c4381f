// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/layer_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "sw/ir/macs.h"
#include "sw/map/layer.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

/// Inputs of quantized operators that are no weights.
bool IsScaleOrZero(const std::string& op, std::size_t input) {
  if (op == "QLinearConv") return input != 0 && input != 3 && input != 8;
  if (op == "QLinearMatMul") return input != 0 && input != 3;
  if (op == "ConvInteger" || op == "MatMulInteger") return input > 1;
  return input > 0 && op.ends_with("Linear");  // QuantizeLinear and its inverse
}

std::int64_t ParameterCount(const Network& network, const Node& node) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (IsScaleOrZero(node.op, i)) continue;
    const Tensor* constant = network.Constant(node.inputs[i]);
    if (constant != nullptr && constant->type() != ElementType::kInt64) count += constant->size();
  }
  return count;
}

LayerSummary Summarize(const Network& network, const Node& node, const ArrayConfig& config,
                       MappingSet mappings) {
  LayerSummary row;
  row.name = node.name;
  row.op = node.op;
  if (const auto value = network.values.find(node.outputs.front()); value != network.values.end()) {
    row.type = value->second.type;
    row.shape = value->second.shape;
  }
  row.parameters = ParameterCount(network, node);
  row.macs = CountMacs(network, node).value_or(0);
  const std::optional<ArrayLayer> layer = DescribeQuantizedLayer(network, node);
  if (!layer) return row;
  row.place = DescribeArrayLayer(network, node) ? LayerSummary::Place::kArray
                                                : LayerSummary::Place::kArrayLater;
  row.mapping = PlanLayer(*layer, config, mappings).mapping;
  return row;
}

}  // namespace

std::vector<LayerSummary> Summarize(const Network& network, const ArrayConfig& config,
                                    MappingSet mappings) {
  std::vector<LayerSummary> rows;
  for (const Node& node : network.nodes) rows.push_back(Summarize(network, node, config, mappings));
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
