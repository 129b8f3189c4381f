// SPDX-License-Identifier: Apache-2.0
#pragma once

// The operands of a layer as matrix products with address tables. Internal to sw/map.

#include <cstdint>
#include <vector>

#include "sw/map/operands.h"
#include "sw/map/tiling.h"

namespace systole {

/// Product g multiplies A[i][k] = activations[base[g] + pixel[i] + depth[k]] by matrix[g] of the
/// weights; its result (i, c) is element out[g] + out_pixel[i] + c * out_channel of the output, and
/// its channel c has the parameters of first_channel[g] + c.
struct GemmValues {
  std::vector<std::int8_t> activations;
  std::vector<std::int64_t> base, matrix, out, first_channel;  ///< one a product
  std::vector<int> zero;                                       ///< coded, one or one a product
  std::vector<std::int32_t> pixel;                             ///< m
  std::vector<std::int64_t> out_pixel;                         ///< m
  std::vector<std::int32_t> depth;                             ///< k, without weight parts
  std::int64_t out_channel = 1;
  CodedWeights weights;
};

GemmValues ConvolutionValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer,
                             const WeightCode& code);
GemmValues MatMulValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer,
                        const WeightCode& code);

}  // namespace systole
