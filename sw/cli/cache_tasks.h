// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sw/cache_study/cache_runs.h"
#include "sw/cache_study/workload.h"
#include "sw/cli/progress.h"

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

struct CacheTaskSettings {
  int jobs = 1;  ///< worker processes
  std::filesystem::path store;
};

/// Runs what the store does not hold yet, each piece stored when it is done, so that an interrupted
/// study goes on where it was. Throws RunError when a worker fails, Interrupted.
std::vector<CacheTaskResult> RunCacheTasks(const std::vector<CacheTask>& tasks,
                                           const CacheTaskSettings& settings, ProgressLine& line);

}  // namespace systole
