// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace systole {

GraphIndex::GraphIndex(const Network& network)
    : outputs_(network.outputs.begin(), network.outputs.end()) {
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    for (const std::string& input : network.nodes[i].inputs) {
      if (!input.empty()) readers_[input].push_back(i);
    }
    for (const std::string& output : network.nodes[i].outputs) {
      if (!output.empty()) producers_[output] = i;
    }
  }
}

std::optional<std::size_t> GraphIndex::Producer(const std::string& value) const {
  const auto found = producers_.find(value);
  if (found == producers_.end()) return std::nullopt;
  return found->second;
}

const std::vector<std::size_t>& GraphIndex::Readers(const std::string& value) const {
  static const std::vector<std::size_t> none;
  const auto found = readers_.find(value);
  return found == readers_.end() ? none : found->second;
}

std::optional<std::size_t> GraphIndex::SoleReader(const std::string& value) const {
  const std::vector<std::size_t>& readers = Readers(value);
  if (readers.size() != 1 || IsOutput(value)) return std::nullopt;
  return readers.front();
}

NameSource::NameSource(const Network& network) {
  used_.insert(network.inputs.begin(), network.inputs.end());
  for (const auto& [name, tensor] : network.initializers) used_.insert(name);
  for (const Node& node : network.nodes) {
    used_.insert(node.name);
    used_.insert(node.outputs.begin(), node.outputs.end());
  }
}

std::string NameSource::Fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int number = 2; !used_.insert(name).second; ++number) {
    name = fmt::format("{}_{}", wanted, number);
  }
  return name;
}

std::string AddConstant(Network& network, NameSource& names, const std::string& wanted,
                        Tensor tensor) {
  std::string name = names.Fresh(wanted);
  network.initializers.emplace(name, std::move(tensor));
  return name;
}

void RedirectReaders(Network& network, const std::string& from, const std::string& to) {
  for (Node& node : network.nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
}

void RemoveUnused(Network& network) {
  std::set<std::string> needed(network.outputs.begin(), network.outputs.end());
  std::vector<Node> kept;
  for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
    const bool used = std::any_of(node->outputs.begin(), node->outputs.end(),
                                  [&](const std::string& name) { return needed.contains(name); });
    if (!used) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  network.nodes = std::move(kept);
  std::erase_if(network.initializers,
                [&](const auto& entry) { return !needed.contains(entry.first); });
  needed.insert(network.inputs.begin(), network.inputs.end());
  for (const Node& node : network.nodes) {
    needed.insert(node.outputs.begin(), node.outputs.end());
  }
  std::erase_if(network.values, [&](const auto& entry) { return !needed.contains(entry.first); });
}

Network UpTo(Network network, const std::string& node) {
  const auto last = std::find_if(network.nodes.begin(), network.nodes.end(),
                                 [&](const Node& other) { return other.name == node; });
  if (last == network.nodes.end()) {
    throw RequestError("the network has no node \"" + node + "\"");
  }
  const std::string output = last->outputs.at(0);
  network.outputs = {output};
  network.values.insert({output, {ElementType::kFloat32, {}, false, {}}});
  RemoveUnused(network);
  return network;
}

std::string InputOrEmpty(const Node& node, std::size_t index) {
  return index < node.inputs.size() ? node.inputs[index] : std::string();
}

bool MovesElements(const std::string& op) {
  static const std::set<std::string> operators = {"Reshape",   "Flatten", "Squeeze", "Unsqueeze",
                                                  "Transpose", "MaxPool", "Slice",   "Gather",
                                                  "Concat",    "Identity"};
  return operators.contains(op);
}

std::optional<float> ScalarOf(const Tensor* tensor) {
  if (tensor == nullptr || tensor->size() != 1) return std::nullopt;
  if (tensor->type() == ElementType::kFloat32) return tensor->As<float>()[0];
  if (tensor->type() == ElementType::kFloat64) {
    return static_cast<float>(tensor->As<double>()[0]);
  }
  return std::nullopt;
}

}  // namespace systole
