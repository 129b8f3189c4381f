// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/prune/zeros.h"

namespace systole {

/// Zeros among the values of one tensor that a network computes.
struct ActivationZeros {
  std::string tensor;
  std::string producer;      ///< the node that makes it; "" for an input of the network
  std::string op;            ///< the producer's operator; "" likewise
  bool feeds_layer = false;  ///< a layer with weights (FindLayerWeights) reads it
  ElementType type = ElementType::kUndefined;
  Shape shape;
  ZeroCount zeros;
};

/// Counts the zeros of every tensor of element type float32, int8 or uint8 in `tensors` (as
/// ExecuteNetwork returns them): the network's inputs first, then in the order of the nodes. What
/// counts is the stored value, so an int8 value that stands for 0 by a zero point of -128 is no
/// zero. Tensors that only rename another (Reshape, Flatten, Squeeze, Unsqueeze, Identity,
/// Dropout) are left out. Throws RequestError for a bad `line_bytes`.
std::vector<ActivationZeros> CountActivationZeros(const Network& network,
                                                  const std::map<std::string, Tensor>& tensors,
                                                  std::int64_t line_bytes);

/// The sum over all tensors that layers with weights read, the network's own inputs excepted.
ZeroCount ZerosOfLayerInputs(const std::vector<ActivationZeros>& activations);

}  // namespace systole
