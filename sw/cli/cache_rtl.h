// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sw/cache_study/workload.h"
#include "sw/cli/progress.h"
#include "tb/cache_windows.h"

namespace systole {

/// A program on one Verilated cache, in lock-step with the model.
struct CacheRtlRun {
  WorkloadRequest request;
  std::string cache;  ///< "16 KiB + null cache"
  std::vector<CacheWindow> windows;
};

struct CacheRtlSettings {
  std::uint64_t accesses_per_layer = 0;  ///< 0: the whole program
  std::filesystem::path cache_dir;       ///< of compiled models
};

/// Runs each program on 16 KiB and on 16 KiB with the null cache. Throws RunError that names the
/// first access that differs from the model, Interrupted.
std::vector<CacheRtlRun> RunCachesOnRtl(const std::vector<WorkloadRequest>& requests,
                                        const CacheRtlSettings& settings, ProgressLine& line);

std::string ToText(const std::vector<CacheRtlRun>& runs);
/// The member "rtl" of docs/schema/sparsecache.schema.json.
nlohmann::json ToJson(const std::vector<CacheRtlRun>& runs);

}  // namespace systole
