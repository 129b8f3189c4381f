// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/ir/network.h"

namespace systole {

/// Turns the quantized patterns of a QDQ network into integer operators; what they compute then is
/// defined by those (docs/quantization.md states the difference):
///
///     DequantizeLinear -> Conv   [-> Relu | Clip ...] -> QuantizeLinear  =>  QLinearConv
///     DequantizeLinear -> Gemm   [-> Relu | Clip ...] -> QuantizeLinear  =>  Reshape, QLinearConv
///                                                                            1x1, Reshape
///     DequantizeLinear -> MatMul [-> Relu | Clip ...] -> QuantizeLinear  =>  QLinearMatMul
///     DequantizeLinear -> data movement, MaxPool, Relu, Clip -> QuantizeLinear of equal scale and
///         zero point  =>  the same on integers
///
/// Relu and Clip vanish where the output's range saturates at their bounds, otherwise an integer
/// Clip follows. A DequantizeLinear that others read too stays for them. Weights: constant, per
/// tensor or per output channel; bias: absent, int32 or float constant, brought to the scale input
/// scale * weight scale. Everything else is untouched: tensors in between that others read, types
/// that QLinearConv does not take, scales that are not constant.
Network FuseQdq(const Network& network);

}  // namespace systole
