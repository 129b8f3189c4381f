// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sw/onnx/shape_rules.h"

namespace systole {

/// The output of a node whose value follows from shapes and constants alone: the arithmetic on
/// shapes that exporters leave in a graph (Shape, Gather, Concat, Slice, Cast, Add, ...). Nothing
/// when an input is not constant, the operator is not of this kind or the result `out` has more
/// than 4096 elements. `out` is what the operator's shape rule gave.
std::optional<Tensor> Fold(const NodeContext& context, const ValueType& out);

}  // namespace systole
