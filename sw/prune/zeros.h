// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sw/ir/tensor.h"

namespace systole {

constexpr std::int64_t kMinLineBytes = 4, kMaxLineBytes = 4096;

/// Zeros among the values of one tensor or of several.
struct ZeroCount {
  std::int64_t values = 0;
  std::int64_t nonzero = 0;     ///< neither 0 nor -0
  std::int64_t lines = 0;       ///< cache lines, the tensor's start being aligned
  std::int64_t zero_lines = 0;  ///< those whose bytes are all 0; of the last, as far as it is used

  double density() const {
    return values == 0 ? 0.0 : static_cast<double>(nonzero) / static_cast<double>(values);
  }
  double zero_share() const { return values == 0 ? 0.0 : 1 - density(); }
  double zero_line_share() const {
    return lines == 0 ? 0.0 : static_cast<double>(zero_lines) / static_cast<double>(lines);
  }
  ZeroCount& operator+=(const ZeroCount& other);
  friend bool operator==(const ZeroCount&, const ZeroCount&) = default;
};

/// Counts them in a float32, int8 or uint8 tensor; `line_bytes` is a power of two from
/// kMinLineBytes to kMaxLineBytes. Throws RequestError for anything else.
ZeroCount CountZeros(const Tensor& tensor, std::int64_t line_bytes);

/// Throws RequestError unless that is a cache line.
void CheckLineBytes(std::int64_t line_bytes);

}  // namespace systole
