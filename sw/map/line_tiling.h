// SPDX-License-Identifier: Apache-2.0
#pragma once

// Layers on the array with ST-OS: rows are streams of lines, columns output positions. Internal to
// sw/map.

#include <optional>

#include "sw/map/tiling.h"

namespace systole {

/// The tiling of `layer` with ST-OS that takes the fewest cycles, or nothing where ST-OS cannot run
/// it. kBasic: kernels along the lines only, each line whole.
std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config,
                                MappingSet mappings);

/// The tiling of `layer` with its lines laid out as chosen, or nothing where ST-OS cannot run that.
std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config,
                                const LineChoice& choice);

}  // namespace systole
