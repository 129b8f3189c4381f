// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/prepare.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sw/ir/graph.h"
#include "sw/quant/fold.h"
#include "sw/quant/opset.h"

namespace systole::quant {
namespace {

void RemoveIdentities(Network& network) {
  for (Node& node : network.nodes) {
    if (node.op != "Identity" && node.op != "Dropout") continue;
    const GraphIndex index(network);
    const bool mask_read = node.outputs.size() > 1 && !index.Readers(node.outputs[1]).empty();
    if (mask_read) continue;
    RedirectReaders(network, node.outputs[0], node.inputs.at(0));
    // An output of the network keeps its name, and so the node that makes it.
    node.op = "Identity";
    node.inputs.resize(1);
    node.outputs.resize(1);
    node.attributes.clear();
  }
  RemoveUnused(network);
}

/// Evaluates nodes all of whose inputs are constants.
void FoldConstants(Network& network) {
  std::vector<Node> kept;
  for (Node& node : network.nodes) {
    std::vector<const Tensor*> inputs;
    bool constant = !node.inputs.empty() && SupportedOperators().contains(node.op);
    for (const std::string& name : node.inputs) {
      inputs.push_back(network.Constant(name));
      if (!name.empty() && inputs.back() == nullptr) constant = false;
    }
    const bool makes_output =
        std::any_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& name) {
          return std::find(network.outputs.begin(), network.outputs.end(), name) !=
                 network.outputs.end();
        });
    if (!constant || makes_output) {
      kept.push_back(std::move(node));
      continue;
    }
    std::vector<Tensor> outputs = ExecuteNode(node, inputs, network.opset);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i].empty()) {
        network.initializers.insert_or_assign(node.outputs[i], std::move(outputs[i]));
      }
    }
  }
  network.nodes = std::move(kept);
  RemoveUnused(network);
}

/// Ranks of all tensors that the network makes from the sample.
std::map<std::string, std::size_t> RanksOf(const Network& network, const Tensors& sample) {
  std::map<std::string, std::size_t> ranks;
  for (const auto& [name, tensor] : ExecuteNetwork(network, sample)) {
    ranks[name] = tensor.shape().size();
  }
  return ranks;
}

}  // namespace

Network PrepareForQuantization(const Network& network, const Tensors& sample) {
  Network result = network;
  const std::map<std::string, std::size_t> ranks = RanksOf(network, sample);
  UpgradeOpset(result, ranks);
  RemoveIdentities(result);
  FoldConstants(result);
  MakeGemms(result, ranks);
  FoldChannelArithmetic(result);
  RemoveUnused(result);
  CheckNetwork(result);
  return result;
}

}  // namespace systole::quant
