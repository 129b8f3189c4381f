// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"
#include "sw/cache_study/workload.h"
#include "synth/flow/synthesize.h"
#include "synth/macros/cache_cost.h"

namespace systole {

/// Part of a cache's logic: what it takes whatever happens, and what accesses add.
struct LogicEnergy {
  double standing = 0;  ///< J a cycle: clock network and leakage
  double active = 0;    ///< J an access: all else, over the accesses of the window
};

/// Power of a cache's logic in a window of a program, by its gates. Tags and data are in here as
/// loads only; the TCAM is there as flip-flops.
struct GateWindow {
  std::string workload, layer;
  std::uint64_t cycles = 0;         ///< of the window
  std::uint64_t accesses = 0;       ///< that it took
  std::uint64_t compared_bits = 0;  ///< of outputs that equal the RTL's
  double watts = 0;                 ///< with glitches
  double watts_zero_delay = 0;
  std::map<std::string, double> modules;  ///< watts by RTL module
  LogicEnergy logic;                      ///< of the modules that are not the TCAM (IsTcam)
  LogicEnergy tcam;                       ///< of those that are
};

struct GateWindowRequest {
  WorkloadRequest workload;
  std::string layer;             ///< empty: the one with most weights
  std::uint64_t accesses = 600;  ///< from an empty cache on
  double period = 0;             ///< s
  double wire_per_fanout = 0;    ///< farads
  std::filesystem::path cache_dir;
};

/// Runs the accesses on the RTL, replays the ports on the gates and compares every output bit. The
/// first third of the cycles, and those in which the cache clears its tags, do not count. Throws as
/// RecordCache and MeasurePower.
GateWindow MeasureWindow(const CacheConfig& config, const SynthesisResult& mapped,
                         const CacheMemories& memories, const GateWindowRequest& request);

/// The mean of windows, each by its accesses.
LogicEnergy MeanLogic(const std::vector<GateWindow>& windows, LogicEnergy GateWindow::*part);

}  // namespace systole
