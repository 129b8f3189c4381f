// SPDX-License-Identifier: Apache-2.0
#pragma once

// The operands of a layer as products of planes. Internal to sw/map.

#include <cstdint>
#include <vector>

#include "sw/map/operands.h"
#include "sw/map/tiling.h"

namespace systole {

/// Distances of neighbouring elements in a tensor.
struct ElementSteps {
  std::int64_t image = 0, channel = 0, y = 0, x = 0;
};

/// Product g reads activations[base[g] + steps in `in`], planes with their padding, multiplies them
/// by matrix[g] of the weights and writes elements out[g] + `out_steps` in the output. Its
/// channel c has the parameters of first_channel[g] + c.
struct GemmValues {
  std::vector<std::int8_t> activations;
  std::vector<std::int64_t> base, matrix, out, first_channel;  ///< one a product
  std::vector<int> zero;                                       ///< coded, one or one a product
  ElementSteps in{}, out_steps{};
  CodedWeights weights;  ///< depth: input channel, then tap by tap of the kernel
};

GemmValues FindGemmValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer);

}  // namespace systole
