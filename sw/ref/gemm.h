// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole::ref {

/// out[m * columns + n] = sum over k of left[m * depth + k] * right[n * depth + k], exact.
/// Operands are 8-bit values less a zero point: -255 to 255. Both have their reduction contiguous.
void ExactProducts(const std::int16_t* left, std::int64_t rows, const std::int16_t* right,
                   std::int64_t columns, std::int64_t depth, std::int64_t* out);

/// out[m * columns + n] = sum over k of left[m * depth + k] * right[k * columns + n] in float32,
/// added in the order of k from 0: the same bits on every processor.
void FloatProducts(const float* left, std::int64_t rows, const float* right, std::int64_t columns,
                   std::int64_t depth, float* out);

}  // namespace systole::ref
