// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "gen/config/cache_config.h"

namespace systole {

/// Replacement bits of one set, as the hardware keeps them (docs/null-cache.md, "L1").
/// LRU: bit PairBit(i, j), i < j, is 1 when way i was used after way j. Pseudo-LRU: bit n - 1 is
/// tree node n; 1 points to the upper half of its ways.
class WayOrder {
 public:
  WayOrder(CacheReplacement replacement, int ways);

  /// The bits after a use of `way`.
  std::uint32_t Touch(std::uint32_t bits, int way) const {
    return (bits & ~mask_[way]) | value_[way];
  }
  /// The way to replace.
  int Victim(std::uint32_t bits) const;

  /// Pairs in the order (0,1), (0,2), ..., (1,2), ...
  static int PairBit(int ways, int low, int high) {
    return low * ways - low * (low + 1) / 2 + high - low - 1;
  }

 private:
  int ways_;
  // A touch writes fixed bits (mask_) with fixed values; a way is the victim when its own touch
  // would change every one of them.
  std::uint32_t mask_[8] = {};
  std::uint32_t value_[8] = {};
};

}  // namespace systole
