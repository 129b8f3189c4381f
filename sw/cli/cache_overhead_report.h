// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "synth/overhead/cache_overhead.h"

namespace systole {

/// What `systole study overhead` prints and writes of the caches.
std::string ToText(const std::vector<CacheOverhead>& overheads, bool blocks);
nlohmann::json ToJson(const std::vector<CacheOverhead>& overheads);
/// overhead-cache-area.svg and, where power was measured, overhead-cache-energy.svg.
void WritePlots(const std::filesystem::path& folder, const std::vector<CacheOverhead>& overheads);

}  // namespace systole
