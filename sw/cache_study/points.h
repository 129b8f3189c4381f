// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"
#include "sw/cache/cache_model.h"

namespace systole {

/// One cache of the study.
struct CachePoint {
  std::string name;  ///< "16 KiB + null cache"
  CacheConfig config;
  std::uint32_t latency = 100;  ///< of memory, cycles
  CacheExtras extras;
};

/// Points of which one property changes, with the value of each.
struct CacheSweep {
  std::string key;    ///< "entries"
  std::string title;  ///< "entries of the null cache"
  struct Value {
    std::string text;  ///< "148"
    CachePoint point;
    CachePoint base;  ///< the cache without null cache that it is compared with
  };
  std::vector<Value> values;
};

/// The published comparison (16 KiB, 4 ways, 32-byte lines, memory 100 cycles away; 148 entries):
/// the L1 alone, with the null cache, twice the L1, with an ideal null cache, with a victim cache
/// of 1 KiB.
std::vector<CachePoint> PublishedPoints();
inline constexpr std::size_t kBasePoint = 0, kNullPoint = 1, kDoublePoint = 2, kIdealPoint = 3,
                             kVictimPoint = 4;

/// Entries, merge order, search and trigger, replacement, stores, zero detection, line, cache size,
/// memory latency.
std::vector<CacheSweep> Sweeps();

/// All that the result of a run depends on.
nlohmann::json Describe(const CachePoint& point);

}  // namespace systole
