// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sw/prune/prune.h"

namespace systole {

/// The table of `systole prune`: each layer's weights, density and all-zero lines before and after
/// (`counted_only`: as they are), totals, and the layers that were skipped. Weights that several
/// layers share count once in the totals.
std::string ToText(const PruneReport& report, const PruneOptions& options, bool counted_only);

/// The same as JSON, without the files: docs/schema/prune.schema.json.
nlohmann::json ToJson(const PruneReport& report, const PruneOptions& options);

}  // namespace systole
