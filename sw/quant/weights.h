// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sw/ir/tensor.h"

namespace systole::quant {

/// Weights of one layer as integers: real = scale[c] * weights, bias real = bias_scale[c] * bias.
struct QuantizedWeights {
  Tensor weights;     ///< int8, the shape of the float weights, values -127 to 127
  Tensor scale;       ///< float32 [channels]
  Tensor zero;        ///< int8 [channels], all 0
  Tensor bias;        ///< int32 [channels]; undefined without a bias
  Tensor bias_scale;  ///< float32 [channels]: input scale times scale, rounded to float32
};

/// Quantizes float32 weights of shape [channels, ...] (or [reduction, channels] with
/// `channels_last`, without bias) symmetrically, one scale a channel: the largest absolute value
/// becomes 127. A channel gets a larger scale when its bias would not fit 31 bits otherwise, or
/// when its sums could not move the output; one of zeros gets a scale that is fine enough for its
/// bias. `who` names the node in errors. Throws RequestError when a weight or bias is not finite,
/// when `input_scale` * scale / `output_scale` is no normal float32, or when the 32-bit sum of a
/// channel can overflow.
QuantizedWeights QuantizeWeights(const Tensor& weights, const Tensor* bias, float input_scale,
                                 float output_scale, bool channels_last, const std::string& who);

}  // namespace systole::quant
