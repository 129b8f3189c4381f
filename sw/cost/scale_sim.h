// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"

namespace systole {

/// A layer as SCALE-Sim (v2 and v3, dataflow `os`, no stalls of the memory) counts it.
struct ScaleSimCost {
  std::uint64_t cycles = 0;  ///< of the closed form
  std::uint64_t reported =
      0;  ///< "Total Cycles" of COMPUTE_REPORT.csv: the number of its last cycle
  /// Columns of COMPUTE_REPORT.csv, as shares of 1.
  double overall_utilization = 0;  ///< MACs / (Rows * Cols * reported)
  double mapping_efficiency = 0;   ///< processing elements with work, mean over the folds
  double compute_utilization = 0;  ///< MACs of a fold / (Rows * Cols * its cycles), likewise
};

/// The closed form of SCALE-Sim's output-stationary cycles: every fold of R x C results takes as
/// long as a full one,
///
///     ceil(E / R) * ceil(M / C) * (K + R + C - 2)
///
/// for E output positions, M filters and reductions of K: what the folds of SCALE-Sim v2's
/// `systolic_compute_os` come to (Samajdar et al.; docs/study.md). Each group of a convolution and
/// each of several matrix products is a layer of its own, as its rows named `DP` are. Of `config`
/// only rows and columns count: there is no ST-OS.
ScaleSimCost ScaleSimOs(const ArrayLayer& layer, const ArrayConfig& config);

}  // namespace systole
