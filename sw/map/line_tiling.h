// SPDX-License-Identifier: Apache-2.0
#pragma once

// Layers on the array with ST-OS: rows are streams of lines, columns output positions. Internal to
// sw/map.

#include <optional>

#include "sw/map/tiling.h"

namespace systole {

/// The tiling of `layer` with ST-OS that takes the fewest cycles, or nothing where ST-OS cannot run
/// it.
std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config);

}  // namespace systole
