// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sw/cache_study/cache_report.h"

namespace systole {

/// `layers`: also a table of the layers of each program.
std::string ToText(const CacheReport& report, bool layers);
/// docs/schema/sparsecache.schema.json.
nlohmann::json ToJson(const CacheReport& report);

}  // namespace systole
