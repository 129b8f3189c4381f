// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// a / b rounded up, b > 0; a may be negative.
constexpr std::int64_t CeilDiv(std::int64_t a, std::int64_t b) {
  return a > 0 ? (a - 1) / b + 1 : a / b;
}

}  // namespace systole
