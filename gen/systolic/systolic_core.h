// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/config/array_config.h"
#include "gen/emit/design.h"

namespace systole {

/// The systolic core of docs/systolic-core.md: `systolic_core` and every module below it. The
/// configuration sets the defaults of the Verilog parameters; only the dataflow decides what
/// exists. Without ST-OS nothing of it is in the text.
/// Throws RequestError with every problem of Check(config).
rtl::Design BuildSystolicCore(const ArrayConfig& config);

}  // namespace systole
