// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sw/cli/cache_tasks.h"

namespace systole {

/// A sweep of one program.
struct CacheSweepResult {
  WorkloadRequest request;
  CacheSweep sweep;
  std::vector<CacheRun> runs;   ///< one a value
  std::vector<CacheRun> bases;  ///< of the cache without null cache, one a value
};

/// All of `systole study sparsecache`.
struct CacheReport {
  std::vector<CacheTask> tasks;  ///< points: PublishedPoints()
  std::vector<CacheTaskResult> results;
  std::vector<CacheSweepResult> sweeps;
};

/// Shares of 1 by which misses and cycles go down from `base`.
double MissReduction(const CacheRun& base, const CacheRun& run);
double TimeReduction(const CacheRun& base, const CacheRun& run);

std::string ToText(const CacheReport& report, bool layers);
/// docs/schema/sparsecache.schema.json.
nlohmann::json ToJson(const CacheReport& report);

}  // namespace systole
