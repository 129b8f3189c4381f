// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sw/ir/tensor.h"

namespace systole {

using Attribute = std::variant<std::int64_t, float, std::string, Tensor, std::vector<std::int64_t>,
                               std::vector<float>, std::vector<std::string>>;

/// One ONNX operator. Optional inputs and outputs that are absent are empty strings.
struct Node {
  std::string
      name;        ///< never empty and unique in the network: made from type and output if need be
  std::string op;  ///< "Conv", "QLinearConv", ...
  std::string domain;  ///< "" is ai.onnx
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;

  /// The attribute, or `fallback` when it is absent. Throws RequestError, naming the node, when it
  /// has another type.
  std::int64_t Int(const std::string& key, std::int64_t fallback) const;
  float Float(const std::string& key, float fallback) const;
  std::string String(const std::string& key, const std::string& fallback) const;
  std::vector<std::int64_t> Ints(const std::string& key, std::vector<std::int64_t> fallback) const;
  std::vector<float> Floats(const std::string& key, std::vector<float> fallback) const;
  const Tensor* TensorOrNull(const std::string& key) const;

  friend bool operator==(const Node&, const Node&) = default;
};

/// What is known of a tensor of the graph before it runs; unknown dimensions are -1.
struct ValueType {
  ElementType type = ElementType::kUndefined;
  Shape shape;
  bool has_shape = false;
  /// Names of symbolic dimensions ("batch"), by position; empty where the dimension has none.
  std::vector<std::string> symbols;

  friend bool operator==(const ValueType&, const ValueType&) = default;
};

/// A network: the graph of an ONNX model, checked. Nodes stand in topological order; every input is
/// a network input, an initializer or the output of an earlier node; every tensor has one producer.
struct Network {
  std::string name;
  int opset = 0;  ///< version of the ai.onnx operator set
  std::vector<Node> nodes;
  std::map<std::string, Tensor> initializers;
  std::vector<std::string> inputs;  ///< without initializers
  std::vector<std::string> outputs;
  std::map<std::string, ValueType> values;  ///< types and shapes, as far as they are known

  /// The initializer of that name, or null (also for "").
  const Tensor* Constant(const std::string& value) const;

  friend bool operator==(const Network&, const Network&) = default;
};

/// "node 'conv1' (Conv)", as every message names a node.
std::string Describe(const Node& node);

/// Throws RequestError naming the node when the promises in Network's comment do not hold.
void CheckNetwork(const Network& network);

/// Brings the nodes into topological order; nodes that stand in order already keep their places.
/// Throws RequestError naming the node when an input has no producer, a tensor has two producers or
/// the graph has a cycle.
void SortNodes(Network& network);

/// Names of all tensors that are read by a node or are an output of the network, with the number of
/// readers (an output of the network counts as one).
std::map<std::string, int> CountReaders(const Network& network);

}  // namespace systole
