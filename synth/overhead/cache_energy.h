// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sw/cache_study/cache_runs.h"
#include "synth/macros/cache_cost.h"
#include "synth/overhead/cache_power.h"
#include "synth/overhead/tcam_reading.h"

namespace systole {

/// One inference on a cache, in J.
struct CacheInference {
  std::string workload;
  CacheCounts counts;          ///< by the cycle-exact model
  CacheEnergy arrays;          ///< tags, data, main memory; no TCAM
  Band tcam_macro;             ///< the TCAM as a custom macro, leakage included
  double tcam_flip_flops = 0;  ///< the TCAM as flip-flops
  double logic = 0;            ///< the rest of the logic
  double standing = 0;         ///< part of it: clock network and leakage
  double tcam_standing = 0;    ///< the same part of the TCAM as flip-flops

  Band Tcam(TcamReading reading) const;
  Band OnChip(TcamReading reading) const;
  Band Total(TcamReading reading) const;  ///< with main memory
  /// The standing part of what Total has. Total without it is a bound that no clock gating and no
  /// cell of less leakage can go below.
  double Standing(TcamReading reading) const;
};

/// Arrays and macro by EnergyOf; logic: standing energy times cycles plus active energy times
/// accesses, the mean of the windows. `period`: s.
CacheInference EnergyOfInference(const std::string& workload, const CacheConfig& config,
                                 const CacheMemories& memories, const CacheCounts& counts,
                                 const std::vector<GateWindow>& windows, double period,
                                 const MainMemory& memory);

}  // namespace systole
