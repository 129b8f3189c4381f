// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/network.h"

#include <fmt/format.h>

#include <functional>
#include <queue>
#include <set>

#include "base/error.h"

namespace systole {
namespace {

/// Index of the node that makes a tensor; -1 for network inputs and initializers.
using Producers = std::map<std::string, std::ptrdiff_t>;

void AddProducer(Producers& producers, const std::string& value, std::ptrdiff_t node,
                 const std::string& who) {
  if (value.empty()) throw RequestError(fmt::format("{} has an empty name", who));
  if (!producers.emplace(value, node).second) {
    throw RequestError(fmt::format("{}: tensor '{}' is defined twice", who, value));
  }
}

Producers FindProducers(const Network& network) {
  Producers producers;
  for (const std::string& input : network.inputs) {
    AddProducer(producers, input, -1, fmt::format("network input '{}'", input));
  }
  for (const auto& [name, tensor] : network.initializers) {
    AddProducer(producers, name, -1, fmt::format("initializer '{}'", name));
  }
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    bool any = false;
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      any = true;
      AddProducer(producers, output, static_cast<std::ptrdiff_t>(i), Describe(node));
    }
    if (!any) throw RequestError(fmt::format("{} has no output", Describe(node)));
  }
  return producers;
}

void CheckNames(const Network& network) {
  std::set<std::string> names;
  for (const Node& node : network.nodes) {
    if (node.name.empty())
      throw RequestError(fmt::format("a node of type {} has no name", node.op));
    if (node.op.empty()) throw RequestError(fmt::format("node '{}' has no operator", node.name));
    if (!names.insert(node.name).second) {
      throw RequestError(fmt::format("two nodes are named '{}'", node.name),
                         "give every node its own name, or none");
    }
  }
}

void CheckInputs(const Network& network, const Producers& producers) {
  for (const Node& node : network.nodes) {
    for (const std::string& input : node.inputs) {
      if (!input.empty() && !producers.contains(input)) {
        throw RequestError(
            fmt::format("{} reads '{}', which is no network input, initializer or output of a node",
                        Describe(node), input));
      }
    }
  }
}

void CheckOutputs(const Network& network, const Producers& producers) {
  if (network.outputs.empty()) throw RequestError("the network has no outputs");
  std::set<std::string> seen;
  for (const std::string& output : network.outputs) {
    if (!producers.contains(output)) {
      throw RequestError(fmt::format("network output '{}' is made by no node", output));
    }
    if (!seen.insert(output).second) {
      throw RequestError(fmt::format("network output '{}' is listed twice", output));
    }
  }
}

/// A node on a cycle: walks from any node that was not placed along inputs that were not placed.
std::size_t FindCycle(const Network& network, const Producers& producers,
                      const std::vector<bool>& placed) {
  std::size_t node = 0;
  while (placed[node]) ++node;
  std::vector<bool> visited(network.nodes.size());
  while (!visited[node]) {
    visited[node] = true;
    for (const std::string& input : network.nodes[node].inputs) {
      const std::ptrdiff_t producer = input.empty() ? -1 : producers.at(input);
      if (producer >= 0 && !placed[static_cast<std::size_t>(producer)]) {
        node = static_cast<std::size_t>(producer);
        break;
      }
    }
  }
  return node;
}

/// Kahn's algorithm; of the nodes that are ready, the one that stands first is taken.
std::vector<std::size_t> TopologicalOrder(const Network& network, const Producers& producers) {
  const std::size_t count = network.nodes.size();
  std::vector<std::vector<std::size_t>> readers(count);
  std::vector<std::size_t> waits(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::string& input : network.nodes[i].inputs) {
      const std::ptrdiff_t producer = input.empty() ? -1 : producers.at(input);
      if (producer < 0) continue;
      readers[static_cast<std::size_t>(producer)].push_back(i);
      ++waits[i];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < count; ++i) {
    if (waits[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  std::vector<bool> placed(count);
  while (!ready.empty()) {
    const std::size_t node = ready.top();
    ready.pop();
    order.push_back(node);
    placed[node] = true;
    for (const std::size_t reader : readers[node]) {
      if (--waits[reader] == 0) ready.push(reader);
    }
  }
  if (order.size() != count) {
    throw RequestError(fmt::format("the graph has a cycle through {}",
                                   Describe(network.nodes[FindCycle(network, producers, placed)])));
  }
  return order;
}

template <typename T>
const T* Find(const Node& node, const std::string& key, const char* kind) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return nullptr;
  if (const T* value = std::get_if<T>(&found->second)) return value;
  throw RequestError(fmt::format("{}: attribute '{}' must be {}", Describe(node), key, kind));
}

template <typename T>
T FindOr(const Node& node, const std::string& key, const char* kind, T fallback) {
  const T* value = Find<T>(node, key, kind);
  return value == nullptr ? std::move(fallback) : *value;
}

}  // namespace

std::string Describe(const Node& node) { return fmt::format("node '{}' ({})", node.name, node.op); }

std::int64_t Node::Int(const std::string& key, std::int64_t fallback) const {
  return FindOr(*this, key, "an integer", fallback);
}
float Node::Float(const std::string& key, float fallback) const {
  return FindOr(*this, key, "a float", fallback);
}
std::string Node::String(const std::string& key, const std::string& fallback) const {
  return FindOr(*this, key, "a string", fallback);
}
std::vector<std::int64_t> Node::Ints(const std::string& key,
                                     std::vector<std::int64_t> fallback) const {
  return FindOr(*this, key, "a list of integers", std::move(fallback));
}
std::vector<float> Node::Floats(const std::string& key, std::vector<float> fallback) const {
  return FindOr(*this, key, "a list of floats", std::move(fallback));
}
const Tensor* Node::TensorOrNull(const std::string& key) const {
  return Find<Tensor>(*this, key, "a tensor");
}

const Tensor* Network::Constant(const std::string& value) const {
  const auto found = initializers.find(value);
  return found == initializers.end() ? nullptr : &found->second;
}

void CheckNetwork(const Network& network) {
  CheckNames(network);
  const Producers producers = FindProducers(network);
  CheckInputs(network, producers);
  CheckOutputs(network, producers);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    for (const std::string& input : network.nodes[i].inputs) {
      if (!input.empty() && producers.at(input) >= static_cast<std::ptrdiff_t>(i)) {
        TopologicalOrder(network, producers);  // a cycle is the better message
        throw RequestError(fmt::format("{} stands before the node that makes its input '{}'",
                                       Describe(network.nodes[i]), input));
      }
    }
  }
}

void SortNodes(Network& network) {
  const Producers producers = FindProducers(network);
  CheckInputs(network, producers);
  std::vector<Node> sorted;
  for (const std::size_t i : TopologicalOrder(network, producers)) {
    sorted.push_back(std::move(network.nodes[i]));
  }
  network.nodes = std::move(sorted);
}

std::map<std::string, int> CountReaders(const Network& network) {
  std::map<std::string, int> readers;
  for (const Node& node : network.nodes) {
    for (const std::string& input : node.inputs) {
      if (!input.empty()) ++readers[input];
    }
  }
  for (const std::string& output : network.outputs) ++readers[output];
  return readers;
}

}  // namespace systole
