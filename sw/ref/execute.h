// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

using Tensors = std::map<std::string, Tensor>;

/// Operators that the reference executes, by name ("Conv", ...), of domain ai.onnx.
const std::set<std::string>& SupportedOperators();

/// Executes one node on its inputs (null where an optional input is absent), in the operator set
/// version `opset`, and returns its outputs in order. Integer operators are exact (64-bit sums);
/// what each float operator promises against ONNX Runtime stands in docs/numerics.md.
/// Throws RequestError with node name and operator when the operator, a type or an attribute is not
/// supported or the inputs do not fit.
std::vector<Tensor> ExecuteNode(const Node& node, const std::vector<const Tensor*>& inputs,
                                int opset);

/// Executes the network and returns every tensor of it, without initializers.
/// `after` (optional) is called after each node: for progress and calibration.
Tensors ExecuteNetwork(const Network& network, const Tensors& inputs,
                       const std::function<void(const Node&, const Tensors&)>& after = {});

/// The inputs of a node in its order, constants of the network or tensors of `values`; null where
/// an optional one is absent. They live as long as the two do.
std::vector<const Tensor*> InputsOf(const Network& network, const Node& node,
                                    const Tensors& values);

}  // namespace systole
