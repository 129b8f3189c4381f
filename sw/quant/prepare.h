// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole::quant {

/// Rewrites a float network so that its array operators stand alone; the function it computes stays
/// the same up to float rounding:
/// - operator set 13 or later; Identity and Dropout removed; operators on constants evaluated;
/// - MatMul by a constant matrix, with a constant added, becomes Gemm; Gemm gets transB = 1,
///   alpha = beta = 1 and a bias of one value a channel;
/// - BatchNormalization and Add, Sub, Mul, Div by one constant a channel, when they are the only
///   reader of a Conv or Gemm, go into its weights and bias (computed in double).
/// `sample` is a set of inputs: it tells the ranks of tensors.
/// Throws RequestError naming the node when an operator cannot be read.
Network PrepareForQuantization(const Network& network, const Tensors& sample);

}  // namespace systole::quant
