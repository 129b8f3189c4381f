// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "synth/overhead/array_overhead.h"

namespace systole {

/// What `systole study overhead` prints and writes of the arrays.
std::string ToText(const std::vector<ArrayOverhead>& overheads, bool blocks);
nlohmann::json ToJson(const std::vector<ArrayOverhead>& overheads);
/// overhead-area.svg and, where power was measured, overhead-energy.svg.
void WritePlots(const std::filesystem::path& folder, const std::vector<ArrayOverhead>& overheads);

}  // namespace systole
