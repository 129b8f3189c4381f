// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/way_order.h"

namespace systole {

WayOrder::WayOrder(CacheReplacement replacement, int ways) : ways_(ways) {
  for (int way = 0; way < ways; ++way) {
    if (replacement == CacheReplacement::kLru) {
      for (int other = 0; other < ways; ++other) {
        if (other == way) continue;
        const int bit = way < other ? PairBit(ways, way, other) : PairBit(ways, other, way);
        mask_[way] |= 1u << bit;
        if (way < other) value_[way] |= 1u << bit;
      }
    } else {
      for (int node = 1, half = ways / 2, base = 0; half >= 1; half /= 2) {
        const bool upper = way >= base + half;
        mask_[way] |= 1u << (node - 1);
        if (!upper) value_[way] |= 1u << (node - 1);
        if (upper) base += half;
        node = 2 * node + (upper ? 1 : 0);
      }
    }
  }
}

int WayOrder::Victim(std::uint32_t bits) const {
  for (int way = 0; way < ways_; ++way) {
    if (((bits ^ value_[way]) & mask_[way]) == mask_[way]) return way;
  }
  return 0;  // cannot be after touches alone
}

}  // namespace systole
