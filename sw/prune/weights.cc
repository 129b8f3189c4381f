// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace systole {
namespace {

/// Where an operator has its weights and their zero point among its inputs.
struct Places {
  std::size_t weights;
  std::size_t zero_point;  ///< 0: it has none
};

const Places* FindPlaces(const std::string& op) {
  static const std::map<std::string, Places> places = {
      {"Conv", {1, 0}},          {"Gemm", {1, 0}},          {"MatMul", {1, 0}},
      {"ConvInteger", {1, 3}},   {"MatMulInteger", {1, 3}}, {"QLinearConv", {3, 5}},
      {"QLinearMatMul", {3, 5}},
  };
  const auto found = places.find(op);
  return found == places.end() ? nullptr : &found->second;
}

std::string InputAt(const Node& node, std::size_t place) {
  return place < node.inputs.size() ? node.inputs[place] : "";
}

bool IsZero(const Tensor& tensor) {
  return std::all_of(tensor.bytes().begin(), tensor.bytes().end(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

/// Why the weights cannot be pruned; "" when they can.
std::string Obstacle(const Network& network, const Node& node, const Places& places) {
  const Tensor* weights = network.Constant(InputAt(node, places.weights));
  if (weights == nullptr) return "its weights are no constant";
  if (weights->type() != ElementType::kFloat32 && weights->type() != ElementType::kInt8) {
    return fmt::format("its weights are {}, not float32 or int8", ToString(weights->type()));
  }
  if (weights->size() == 0 || weights->shape().empty()) return "it has no weights";
  if (places.zero_point == 0 || weights->type() != ElementType::kInt8) return "";
  const std::string zero = InputAt(node, places.zero_point);
  if (zero.empty()) return "";
  const Tensor* point = network.Constant(zero);
  if (point != nullptr && IsZero(*point)) return "";
  return "the zero point of its weights is not 0, so that a weight of 0 is no byte of 0";
}

}  // namespace

std::vector<LayerWeights> FindLayerWeights(const Network& network,
                                           std::vector<SkippedLayer>& skipped) {
  std::vector<LayerWeights> layers;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    const Places* places = FindPlaces(node.op);
    if (places == nullptr || !(node.domain.empty() || node.domain == "ai.onnx")) continue;
    std::string obstacle = Obstacle(network, node, *places);
    if (!obstacle.empty()) {
      skipped.push_back({node.name, node.op, std::move(obstacle)});
      continue;
    }
    const std::string& tensor = node.inputs[places->weights];
    const Tensor& weights = network.initializers.at(tensor);
    const bool conv = node.op.find("Conv") != std::string::npos;
    const std::int64_t row =
        conv ? weights.size() / weights.shape().front() : weights.shape().back();
    layers.push_back({node.name, node.op, tensor, row, i});
  }
  return layers;
}

}  // namespace systole
