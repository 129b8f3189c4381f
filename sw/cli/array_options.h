// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/config/array_config.h"
#include "sw/cli/config_file.h"
#include "sw/cli/options.h"
#include "sw/map/tiling.h"

namespace systole {

/// Declares the options that describe a core: --rows, --cols, --dataflow, --data-width,
/// --acc-width, --count-width, and --config FILE that holds them.
void DeclareArrayOptions(Options& options);

/// What a configuration file may say of a core.
const ConfigKeys& ArrayKeys();

/// The core that the options describe, the command line winning over the file. Problems are noted
/// in `options`; the configuration is good if there are none.
ArrayConfig ReadArrayOptions(Options& options);

/// --mapping basic|best: the mappings to choose from.
void DeclareMapping(Options& options);
MappingSet ReadMapping(Options& options);

}  // namespace systole
