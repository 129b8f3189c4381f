// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tiling.h"

namespace systole {

/// What no mapping of a layer on an array can go below, in cycles (docs/mapping.md, "Limit"): each
/// edge passes one beat a cycle, and every value has to pass it at least once.
struct LayerLimit {
  std::uint64_t compute = 0;      ///< multiply-accumulates / (Rows * Cols)
  std::uint64_t activations = 0;  ///< input elements that some output reads / Rows
  std::uint64_t weights = 0;      ///< weights / lanes that may bring them
  std::uint64_t outputs = 0;      ///< output elements / Cols

  std::uint64_t Cycles() const;
  /// The member that is the limit: "compute", "activations", "weights" or "outputs".
  std::string Bound() const;
};

/// Cycles of one layer on one array.
struct LayerCost {
  std::uint64_t tiles = 0;
  std::uint64_t cycles = 0;  ///< from the first command to the last row, no stream ever pausing
  std::int64_t macs = 0;     ///< of the operator: split weights count once
  double utilization = 0;    ///< macs / (Rows * Cols * cycles)
  LayerLimit limit{};
  double distance = 1;  ///< cycles / limit.Cycles()
};

LayerLimit LimitOf(const ArrayLayer& layer, const ArrayConfig& config);

/// Cycles of the tiles of one layer, the first on an idle core: what CoreTiming gives tile by tile,
/// in a time that does not grow with the number of tiles.
std::uint64_t CyclesOf(const Tiling& tiling, const ArrayConfig& config);

/// The cost of `tiling`, which is one of `layer` on `config`.
LayerCost Cost(const ArrayLayer& layer, const Tiling& tiling, const ArrayConfig& config);
/// The cost of PlanLayer's tiling.
LayerCost Cost(const ArrayLayer& layer, const ArrayConfig& config,
               MappingSet mappings = MappingSet::kBest);

}  // namespace systole
