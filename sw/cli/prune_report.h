// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sw/prune/activations.h"
#include "sw/prune/prune.h"

namespace systole {

/// The table of `systole prune`: each layer's weights, density and all-zero lines before and after
/// (`counted_only`: as they are), totals, and the layers that were skipped. Weights that several
/// layers share count once in the totals.
std::string ToText(const PruneReport& report, const PruneOptions& options, bool counted_only);

/// The same as JSON, without the files: docs/schema/prune.schema.json.
nlohmann::json ToJson(const PruneReport& report, const PruneOptions& options);

/// The table of activations that `--input` asks for: zeros of each tensor, and of all that layers
/// read.
std::string ToText(const std::vector<ActivationZeros>& activations);
nlohmann::json ToJson(const std::vector<ActivationZeros>& activations);

}  // namespace systole
