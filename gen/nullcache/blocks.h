// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gen/config/cache_config.h"
#include "gen/emit/builder.h"
#include "gen/emit/connect.h"
#include "gen/prim/prim.h"

namespace systole {

/// The modules of the data cache (docs/null-cache.md), one builder each. `config` is good.

/// `way_replacement`: which way of a set goes, and what a touch changes. Only with two ways or
/// more.
rtl::Module BuildWayReplacement(const CacheConfig& config);

/// `cache_registers`: control, threshold, counters. Only if HasRegisters.
rtl::Module BuildCacheRegisters(const CacheConfig& config);

/// `zero_detector`: ZDA.
rtl::Module BuildZeroDetector(const CacheConfig& config);

/// `tcam_column`: one address bit of all entries.
rtl::Module BuildTcamColumn(const CacheConfig& config);

/// `tcam`: the columns, and what they say together.
rtl::Module BuildTcam(const CacheConfig& config);

/// `address_merger`: AM. Only if HasMerger.
rtl::Module BuildAddressMerger(const CacheConfig& config);

/// `null_replacement`: which entry goes.
rtl::Module BuildNullReplacement(const CacheConfig& config);

/// `null_cache`: TCAM, merger and replacement.
rtl::Module BuildNullCache(const CacheConfig& config);

using rtl::Connections;

/// Parameters with their rules, and ports of `data_cache`.
void AddCacheParams(rtl::ModuleBuilder& m, const CacheConfig& config);
void AddCachePorts(rtl::ModuleBuilder& m, const CacheConfig& config);

/// `data_cache`: controller and L1.
rtl::Module BuildCacheTop(const CacheConfig& config);

/// `line_to_axi4`: the memory port as an AXI4 manager.
rtl::Module BuildLineToAxi4(const CacheConfig& config);

/// `data_cache_axi4`: `data_cache` and `line_to_axi4`.
rtl::Module BuildCacheAxi4(const CacheConfig& config);

inline bool HasRegisters(const CacheConfig& config) {
  return config.null_cache || config.counter_width > 0;
}
inline bool HasMerger(const CacheConfig& config) {
  return config.null_cache && MergeOrderLimit(config) > 0;
}
/// The merger compares all entries at once; otherwise it searches through the TCAM.
inline bool ComparesAll(const CacheConfig& config) {
  return HasMerger(config) && config.null.merge_search == MergeSearch::kParallel;
}
inline bool TakesInserted(const CacheConfig& config) {
  return HasMerger(config) && config.null.merge_trigger != MergeTrigger::kSweep;
}
inline bool HasMarks(const CacheConfig& config) {
  return HasMerger(config) && config.null.merge_trigger != MergeTrigger::kInsert;
}
inline bool Splits(const CacheConfig& config) {
  return config.null_cache && config.null.store_policy == NullStorePolicy::kSplit;
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
