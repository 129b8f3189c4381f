// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gen/config/cache_config.h"
#include "gen/emit/builder.h"
#include "gen/emit/connect.h"

namespace systole {

/// The modules of the data cache (docs/null-cache.md), one builder each. `config` is good.

/// `NAME` of rtl/prim.
rtl::Module Prim(const std::string& name);

/// `way_replacement`: which way of a set goes, and what a touch changes. Only with two ways or
/// more.
rtl::Module BuildWayReplacement(const CacheConfig& config);

/// `cache_registers`: control, threshold, counters. Only if HasRegisters.
rtl::Module BuildCacheRegisters(const CacheConfig& config);

using rtl::Connections;

/// `data_cache`: controller and L1.
rtl::Module BuildCacheTop(const CacheConfig& config);

inline bool HasRegisters(const CacheConfig& config) {
  return config.null_cache || config.counter_width > 0;
}
inline bool HasMerger(const CacheConfig& config) {
  return config.null_cache && MergeOrderLimit(config) > 0;
}
inline bool ZeroAtEviction(const CacheConfig& config) {
  return config.null_cache && config.null.zero_at_eviction;
}
inline bool ZeroAtStore(const CacheConfig& config) {
  return config.null_cache && config.null.zero_at_store;
}
inline bool Approximates(const CacheConfig& config) {
  return config.null_cache && config.null.approximation;
}

}  // namespace systole
