// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "synth/flow/synthesize.h"
#include "synth/flow/timing.h"

namespace systole {

/// Cells of one module that follow each other on a path.
struct PathStep {
  std::string module;  ///< name in the RTL: data_cache, tcam_column, cache_ram
  int cells = 0;
  double seconds = 0;  ///< that they add; of a register or macro at the beginning: clock to output
};

/// The worst path to the places of a kind.
struct CachePath {
  std::string name;   ///< "hit: response" and so on, CachePathNames
  double period = 0;  ///< s, the shortest at which it does not fail: setup included
  std::string from = {}, to = {};
  bool null_cache = false;  ///< it leads through the null cache
  double tcam = 0;          ///< s of it in the TCAM as flip-flops (IsTcam)
  std::vector<PathStep> steps = {};
};

/// A hit is over when it has answered and the next request may come: the first two, in the cycle of
/// the answer. The fourth is the part of the first that tags and data alone need.
///
///   "hit: response"       to resp_*
///   "hit: next request"   to req_ready_o and the pins (enables, addresses) of tags and data
///   "controller"          to registers outside the null cache
///   "response of the L1"  from tags and data to resp_*
///   "null cache"          to registers in the null cache
inline constexpr const char* kCachePaths[] = {"hit: response", "hit: next request", "controller",
                                              "response of the L1", "null cache"};

struct CacheTiming {
  double period = 0;  ///< s, the shortest of the whole cache
  std::string from, to;
  std::vector<CachePath> paths;  ///< those of kCachePaths that there are
  std::string tool;
};

/// Null when there is none of this name.
const CachePath* FindPath(const CacheTiming& timing, const std::string& name);
/// Whether the worst path to the response or to the next request leads through the null cache.
bool HitWaits(const CacheTiming& timing);

/// By OpenSTA; inputs arrive at the clock edge, tags and data are macros with the modelled access
/// time. Throws as AnalyzeTiming.
CacheTiming TimeCache(const SynthesisResult& cache, double wire_per_fanout,
                      const Cancelled& cancelled = {});

}  // namespace systole
