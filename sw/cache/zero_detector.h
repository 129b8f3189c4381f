// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// Lanes in which the detector compares magnitudes with its threshold, as in the control register.
enum class ZeroLanes : std::uint8_t { kExact = 0, kFloat32 = 1, kFloat16 = 2, kInt8 = 3 };

/// The zero detector and approximator (docs/null-cache.md).
struct ZeroDetector {
  ZeroLanes lanes = ZeroLanes::kExact;
  std::uint32_t threshold = 0;  ///< magnitude bits of a float, or the magnitude of an int8

  /// Whether a line of `bytes` bytes, a multiple of 8, counts as zero.
  bool IsZero(const std::uint8_t* line, int bytes) const;
};

/// Whether all bits are 0.
bool IsZeroLine(const std::uint8_t* line, int bytes);

}  // namespace systole
