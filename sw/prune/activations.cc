// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/activations.h"

#include <set>

#include "sw/prune/weights.h"

namespace systole {
namespace {

bool IsCounted(const Tensor& tensor) {
  return tensor.type() == ElementType::kFloat32 || tensor.type() == ElementType::kInt8 ||
         tensor.type() == ElementType::kUint8;
}

bool OnlyRenames(const std::string& op) {
  static const std::set<std::string> ops = {"Reshape",   "Flatten",  "Squeeze",
                                            "Unsqueeze", "Identity", "Dropout"};
  return ops.contains(op);
}

/// The tensors that layers with weights read; a tensor that is read under another name counts.
std::set<std::string> LayerInputs(const Network& network) {
  std::vector<SkippedLayer> skipped;
  std::set<std::string> inputs;
  for (const LayerWeights& layer : FindLayerWeights(network, skipped)) {
    inputs.insert(network.nodes[layer.node].inputs.at(0));
  }
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    if (OnlyRenames(node->op) && inputs.contains(node->outputs.at(0))) {
      inputs.insert(node->inputs.at(0));
    }
  }
  return inputs;
}

}  // namespace

std::vector<ActivationZeros> CountActivationZeros(const Network& network,
                                                  const std::map<std::string, Tensor>& tensors,
                                                  std::int64_t line_bytes) {
  CheckLineBytes(line_bytes);
  const std::set<std::string> inputs = LayerInputs(network);
  std::vector<ActivationZeros> result;
  const auto add = [&](const std::string& name, const std::string& node, const std::string& op) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || !IsCounted(found->second)) return;
    result.push_back({name, node, op, inputs.contains(name), found->second.type(),
                      found->second.shape(), CountZeros(found->second, line_bytes)});
  };
  for (const std::string& input : network.inputs) add(input, "", "");
  for (const Node& node : network.nodes) {
    if (OnlyRenames(node.op)) continue;
    for (const std::string& output : node.outputs) add(output, node.name, node.op);
  }
  return result;
}

ZeroCount ZerosOfLayerInputs(const std::vector<ActivationZeros>& activations) {
  ZeroCount sum;
  for (const ActivationZeros& tensor : activations) {
    if (tensor.feeds_layer && !tensor.producer.empty()) sum += tensor.zeros;
  }
  return sum;
}

}  // namespace systole
