// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sw/cache/memory_image.h"
#include "sw/cache_study/points.h"
#include "sw/trace/program.h"
#include "sw/trace/run.h"

namespace systole {

/// What one cache did in one layer, or in a program. Layers of which only a part was traced are
/// scaled to the whole (ProgramLayerRun::Factor), so the counts are real numbers.
struct CacheCounts {
  double accesses = 0;
  double instructions = 0;
  double cycles = 0;
  double l1_hits = 0;
  double null_hits = 0;
  double victim_hits = 0;
  double fills = 0;
  double prefetches = 0;
  double write_backs = 0;
  double insertions = 0;
  double evictions = 0;
  double covered_stores = 0;
  double splits = 0;
  double drops = 0;
  double approximated = 0;
  // CacheArrayUse, for estimates of energy.
  double store_hits = 0;
  double installs = 0;
  double victim_copies = 0;
  double zero_moves = 0;
  double merger_searches = 0;
  double merger_compares = 0;
  double entry_reads = 0;
  double entry_writes = 0;
  std::array<double, 8> merges = {};

  double Misses() const { return accesses - l1_hits - null_hits - victim_hits; }
  double MissRate() const { return accesses == 0 ? 0 : Misses() / accesses; }
  CacheCounts& operator+=(const CacheCounts& other);
};

struct CacheLayerRun {
  std::string layer, op;
  double factor = 1;  ///< of the accesses traced
  CacheCounts counts;
  int entries = 0;           ///< valid null entries when the layer ended
  double covered_lines = 0;  ///< by them
};

struct CacheRun {
  std::vector<CacheLayerRun> layers;

  CacheCounts Total() const;
};

/// Keys are the member names.
void to_json(nlohmann::json& json, const CacheCounts& counts);
void from_json(const nlohmann::json& json, CacheCounts& counts);
void to_json(nlohmann::json& json, const CacheRun& run);
void from_json(const nlohmann::json& json, CacheRun& run);

/// Called at the end of each layer with its index.
using LayerDone = std::function<void(std::size_t layer)>;

/// Runs the program once, from the image as it is, and gives every access to a model of each point.
/// All points must be exact (no approximation): they share the image. Throws RequestError for bad
/// configurations.
std::vector<CacheRun> RunCaches(const Program& program, MemoryImage& image,
                                const std::vector<CachePoint>& points, const Sampling& sampling,
                                const LayerDone& done = {});

/// What a model counted over a whole program that was traced in full.
CacheCounts Totals(CacheModel& model, const ProgramRun& run);

}  // namespace systole
