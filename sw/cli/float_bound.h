// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// How far ONNX Runtime's output of a float node may be from ours on the same inputs
/// (docs/numerics.md, "Host operators within a bound"), one number an element of `theirs`, its
/// first output. Empty for the operators that have ONNX Runtime's bits.
std::vector<double> FloatBound(const Node& node, const std::vector<const Tensor*>& inputs,
                               const Tensor& theirs, int opset);

}  // namespace systole
