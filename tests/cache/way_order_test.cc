// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/way_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/stimulus.h"

namespace systole {
namespace {

TEST(WayOrder, LruReplacesTheWayUsedLongestAgo) {
  for (const int ways : {1, 2, 4, 8}) {
    const WayOrder order(CacheReplacement::kLru, ways);
    std::vector<int> used(static_cast<std::size_t>(ways));  // oldest first
    std::iota(used.begin(), used.end(), 0);
    std::uint32_t bits = 0;
    Stimulus random(static_cast<std::uint64_t>(ways));
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(order.Victim(bits), used.front()) << ways << " ways, touch " << i;
      const int way = static_cast<int>(random.Below(static_cast<std::uint64_t>(ways)));
      bits = order.Touch(bits, way);
      used.erase(std::find(used.begin(), used.end(), way));
      used.push_back(way);
    }
  }
}

TEST(WayOrder, PseudoLruNeverReplacesTheWayUsedLastAndVisitsAll) {
  for (const int ways : {2, 4, 8}) {
    const WayOrder order(CacheReplacement::kPseudoLru, ways);
    std::uint32_t bits = 0;
    std::vector<int> victims;
    for (int i = 0; i < ways; ++i) {
      victims.push_back(order.Victim(bits));
      bits = order.Touch(bits, victims.back());
      EXPECT_NE(order.Victim(bits), victims.back());
    }
    // The tree's halves take turns: 4 ways give 0, 2, 1, 3.
    if (ways == 4) {
      EXPECT_EQ(victims, (std::vector<int>{0, 2, 1, 3}));
    }
    std::sort(victims.begin(), victims.end());
    EXPECT_EQ(std::unique(victims.begin(), victims.end()) - victims.begin(), ways);
  }
}

}  // namespace
}  // namespace systole
