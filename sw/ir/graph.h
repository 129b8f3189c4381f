// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// Who makes and who reads each tensor, for one state of a network's nodes.
class GraphIndex {
 public:
  explicit GraphIndex(const Network& network);

  /// The node that makes the tensor; nothing for inputs of the network, initializers and "".
  std::optional<std::size_t> Producer(const std::string& value) const;
  /// The nodes that read the tensor, a node once for every input that does.
  const std::vector<std::size_t>& Readers(const std::string& value) const;
  bool IsOutput(const std::string& value) const { return outputs_.contains(value); }
  /// The only reader of a tensor that is no output of the network; nothing if there are others.
  std::optional<std::size_t> SoleReader(const std::string& value) const;

 private:
  std::map<std::string, std::size_t> producers_;
  std::map<std::string, std::vector<std::size_t>> readers_;
  std::set<std::string> outputs_;
};

/// Makes names that no tensor and no node of a network has yet.
class NameSource {
 public:
  explicit NameSource(const Network& network);
  /// `wanted`, or `wanted` with the first free number behind it.
  std::string Fresh(const std::string& wanted);

 private:
  std::set<std::string> used_;
};

/// Adds an initializer under a fresh name near `wanted` and returns the name.
std::string AddConstant(Network& network, NameSource& names, const std::string& wanted,
                        Tensor tensor);

/// Lets every reader of `from`, nodes and the network's outputs excepted, read `to`.
void RedirectReaders(Network& network, const std::string& from, const std::string& to);

/// Drops nodes none of whose outputs is needed, initializers that nobody reads, and what is known
/// of tensors that are gone.
void RemoveUnused(Network& network);

/// The network that ends with the first output of that node, of type float32 where nothing is known
/// of it. Throws RequestError when there is no such node.
Network UpTo(Network network, const std::string& node);

/// The input's name, or "" where the node has fewer inputs.
std::string InputOrEmpty(const Node& node, std::size_t index);

/// True for operators whose output is a selection of the elements of the first input (Concat: of
/// all inputs), so that they commute with quantization, bit for bit.
bool MovesElements(const std::string& op);

/// The value of a constant float32 or float64 scalar (one element); nothing otherwise.
std::optional<float> ScalarOf(const Tensor* tensor);

}  // namespace systole
