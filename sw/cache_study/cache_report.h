// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sw/cache_study/approximation.h"
#include "sw/cache_study/cache_runs.h"
#include "sw/cache_study/points.h"
#include "sw/cache_study/workload.h"

namespace systole {

/// A program on several caches.
struct CacheTask {
  WorkloadRequest request;
  std::vector<CachePoint> points;
  Sampling sampling;
};

struct CacheTaskResult {
  std::string origin;
  std::vector<LayerZeros> zeros;
  std::vector<CacheRun> runs;  ///< one a point
};

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
  std::vector<ApproximationResult> approximations;
};

/// "vgg-16 unpacked", with data type and pruning where they are not float32 and published.
std::string Label(const WorkloadRequest& request);

/// Shares of 1 by which misses and cycles go down from `base`.
double MissReduction(const CacheRun& base, const CacheRun& run);
double TimeReduction(const CacheRun& base, const CacheRun& run);

}  // namespace systole
