// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sw/ref/kernel.h"

namespace systole::ref {

/// The common shape of two operands by ONNX's multidirectional (NumPy's) rule.
Shape BroadcastShape(const Shape& a, const Shape& b);

/// For each element of `out`, in order, the index of the element of a tensor of shape `in` that it
/// reads; `in` can be broadcast to `out`.
std::vector<std::int64_t> BroadcastIndex(const Shape& in, const Shape& out);

}  // namespace systole::ref
