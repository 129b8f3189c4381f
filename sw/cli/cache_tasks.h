// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "sw/cache_study/cache_report.h"
#include "sw/cli/progress.h"

namespace systole {

struct CacheTaskSettings {
  int jobs = 1;  ///< worker processes
  std::filesystem::path store;
};

/// Runs what the store does not hold yet, each piece stored when it is done, so that an interrupted
/// study goes on where it was. Throws RunError when a worker fails, Interrupted.
std::vector<CacheTaskResult> RunCacheTasks(const std::vector<CacheTask>& tasks,
                                           const CacheTaskSettings& settings, ProgressLine& line);

}  // namespace systole
