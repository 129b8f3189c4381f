// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// The weights of one layer: the constant second factor of a Conv, Gemm, MatMul, QLinearConv,
/// QLinearMatMul, ConvInteger or MatMulInteger.
struct LayerWeights {
  std::string layer;   ///< the node
  std::string op;      ///< its operator
  std::string tensor;  ///< the initializer
  /// Weights that lie behind each other in a row as the tensor is stored: of a convolution those of
  /// one output channel (channels of a group x kernel height x kernel width), else the last
  /// dimension.
  std::int64_t row = 0;
  std::size_t node = 0;  ///< index in Network::nodes
};

/// A layer whose weights are left alone, and why.
struct SkippedLayer {
  std::string layer, op, reason;
};

/// All layers with weights, in the order of the nodes; `skipped` gets those whose weights are no
/// constant float32 or int8 tensor with elements, or are int8 with a zero point other than 0.
std::vector<LayerWeights> FindLayerWeights(const Network& network,
                                           std::vector<SkippedLayer>& skipped);

}  // namespace systole
