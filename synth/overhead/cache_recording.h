// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "gen/config/cache_config.h"
#include "sw/cache/cache_model.h"
#include "sw/cache_study/workload.h"
#include "synth/gates/stimulus.h"

namespace systole {

/// What a data cache did while its ports were recorded.
struct CacheRecording {
  PortRecording ports;  ///< two cycles of reset, then every cycle
  std::string layer;    ///< of the program
  std::uint64_t accesses = 0;
  CacheCounters counters;  ///< of all recorded cycles
};

/// Runs the first `accesses` accesses of a layer of the workload on the RTL of a cache that was
/// empty before, in lock-step with the model, and records the ports. `layer`: its name; empty: the
/// layer with most weights. Throws RequestError for a layer that is not there; as CacheLockstep.
CacheRecording RecordCache(const WorkloadRequest& workload, const std::string& layer,
                           const CacheConfig& config, std::uint64_t accesses,
                           const std::filesystem::path& cache_dir = {});

}  // namespace systole
