// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "sw/ir/network.h"

namespace systole::quant {

/// MatMul of a rank-2 tensor by a constant matrix whose only reader adds one constant a column
/// becomes Gemm; every Gemm with constant B and C gets transB = 1, alpha = beta = 1 and C of shape
/// [channels]. `ranks` holds the ranks of tensors by name; unknown ones are left alone.
void MakeGemms(Network& network, const std::map<std::string, std::size_t>& ranks);

/// Folds BatchNormalization and Add, Sub, Mul, Div by one constant a channel into the Conv or Gemm
/// whose only reader they are. Weights that others read too are copied.
void FoldChannelArithmetic(Network& network);

}  // namespace systole::quant
