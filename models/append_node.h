// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// Appends a node whose one output has its name.
inline Node& AppendNode(Network& network, const std::string& op, const std::string& name,
                        std::vector<std::string> inputs) {
  Node node;
  node.name = name;
  node.op = op;
  node.inputs = std::move(inputs);
  node.outputs = {name};
  return network.nodes.emplace_back(std::move(node));
}

}  // namespace systole
