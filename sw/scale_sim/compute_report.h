// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tiling.h"

namespace systole {

/// One layer that the core ran, or that its cycle model counted.
struct ComputeReportLayer {
  std::string name;
  ArrayLayer layer{};
  std::optional<ArrayLayer> written{};  ///< what SCALE-Sim counts for it, where that differs
  Tiling tiling{};
  std::uint64_t cycles = 0;        ///< all of them
  std::uint64_t model_cycles = 0;  ///< without pauses of the streams
};

/// A report in the shape of SCALE-Sim's COMPUTE_REPORT.csv: its six columns, filled with Systole's
/// numbers, then the layer's name and mapping, its limit (LimitOf), and the cycles that SCALE-Sim
/// reports for the layer and, where its topology file takes a shortcut, for the row as written.
/// Stall cycles are those in which a stream paused; mapping efficiency is the share of
/// multiply-accumulates in the steps of the array; compute utilization leaves stalls out.
std::string ComputeReport(const std::vector<ComputeReportLayer>& layers, const ArrayConfig& config);

}  // namespace systole
