// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "sw/ref/kernel.h"

namespace systole::ref {

/// Row-major strides in elements.
Shape Strides(const Shape& shape);

/// A tensor of shape `out` whose element (i0, i1, ...) is element
/// offset + i0 * strides[0] + i1 * strides[1] + ... of `in`; all of them exist.
Tensor StridedCopy(const Tensor& in, const Shape& out, std::int64_t offset, const Shape& strides);

/// A tensor whose element (i0, i1, ...) is element (maps[0][i0], maps[1][i1], ...) of `in`, or
/// element 0 of `fill` where a map says -1. One map a dimension; `fill` has the type of `in`, and
/// may be null if there is no -1.
Tensor MappedCopy(const Tensor& in, const std::vector<std::vector<std::int64_t>>& maps,
                  const Tensor* fill);

}  // namespace systole::ref
