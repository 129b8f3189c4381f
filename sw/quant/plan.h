// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole::quant {

/// Which nodes of a prepared float network compute on integers, and which tensors therefore exist
/// as integers.
struct QuantPlan {
  /// Indices of Conv, Gemm and MatMul nodes on integers.
  std::set<std::size_t> array_nodes;
  /// Indices of nodes that move integers, or take the maximum of some, without changing scales.
  std::set<std::size_t> moving_nodes;
  /// Tensors that get a scale, mapped to the tensor that stands for their group: the tensors of a
  /// group share one scale and zero point, because data moves between them unchanged.
  std::map<std::string, std::string> group;
  /// Of those, the ones that are made from integers (by an array node, the Relu or Clip behind one,
  /// or a moving node) and so exist in the integer graph without a conversion from float.
  std::set<std::string> made_of_integers;
};

/// Plans the quantization of `network` (as PrepareForQuantization leaves it); nodes named in
/// `keep_float` stay float. Conv and Gemm need constant weights and no bias or a constant one,
/// MatMul may multiply two activations.
QuantPlan PlanQuantization(const Network& network, const std::set<std::string>& keep_float);

/// True for Relu, and for Clip with constant bounds or none.
bool IsClampNode(const Network& network, const Node& node);

}  // namespace systole::quant
