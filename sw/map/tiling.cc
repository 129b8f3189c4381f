// SPDX-License-Identifier: Apache-2.0
#include "sw/map/tiling.h"

#include <algorithm>

#include "sw/map/gemm_tiling.h"
#include "sw/map/line_tiling.h"
#include "sw/map/vector_tiling.h"

namespace systole {
namespace {

/// Interval of a tile in a long row of equal ones.
std::uint64_t Interval(const TileRun& run) {
  return std::max<std::uint64_t>({run.steps, run.rows, run.params > 0 ? run.params + 1 : 0});
}

/// The sum of all intervals: what the basic mappings are chosen by.
std::uint64_t Intervals(const Tiling& tiling) {
  std::uint64_t cycles = 0;
  for (const TileBlock& block : tiling.blocks) {
    std::uint64_t once = 0;
    for (const TileRun& run : block.runs) once += run.count * Interval(run);
    cycles += once * block.repeat;
  }
  return cycles;
}

/// From the first step to the last row: beside a tile's steps the rows of the one before drain, a
/// bank of parameters fills while the bank before is used, and in GEMM the last column is late.
/// Without the latency that all mappings share.
std::uint64_t Estimate(const Tiling& tiling, const ArrayConfig& config) {
  std::uint64_t now = 0;   // end of the last tile's steps
  std::uint64_t bank = 0;  // end of the steps of the last tile with a bank
  std::uint64_t draining = 0;
  bool any = false;
  for (const TileBlock& block : tiling.blocks) {
    for (std::uint64_t i = 0; i < block.repeat; ++i) {
      const std::uint64_t begin = now;
      for (const TileRun& run : block.runs) {
        now += std::max(run.steps, draining);
        if (run.params > 0 && any) now = std::max(now, bank + run.params + 1);
        if (run.params > 0) bank = now;
        any = true;
        now += (run.count - 1) * Interval(run);
        draining = run.rows;
      }
      if (i == 1) {  // all further repetitions take as long
        const std::uint64_t rest = (block.repeat - 2) * (now - begin);
        now += rest;
        bank += rest;
        break;
      }
    }
  }
  return now + draining + (tiling.stos ? 0 : static_cast<std::uint64_t>(config.cols) - 1);
}

}  // namespace

std::uint64_t Tiling::TileCount() const {
  std::uint64_t tiles = 0;
  for (const TileBlock& block : blocks) {
    for (const TileRun& run : block.runs) tiles += run.count * block.repeat;
  }
  return tiles;
}

Tiling PlanLayer(const ArrayLayer& layer, const ArrayConfig& config, MappingSet mappings) {
  const auto cycles = [&](const Tiling& tiling) {
    return mappings == MappingSet::kBasic ? Intervals(tiling) : Estimate(tiling, config);
  };
  Tiling best = PlanGemm(layer, config, MappingSet::kBasic);
  const auto offer = [&](Tiling candidate) {
    if (cycles(candidate) < cycles(best)) best = std::move(candidate);
  };
  if (auto lines = PlanLines(layer, config, MappingSet::kBasic)) offer(*std::move(lines));
  if (mappings == MappingSet::kBest) {
    // Their searches go by closed forms that are not exact at the ends of a layer: the basic
    // mappings stay in the choice.
    offer(PlanGemm(layer, config, mappings));
    if (auto lines = PlanLines(layer, config, mappings)) offer(*std::move(lines));
    if (auto vector = PlanVector(layer, config)) offer(*std::move(vector));
  }
  return best;
}

}  // namespace systole
