// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/config/cache_config.h"
#include "gen/emit/design.h"

namespace systole {

/// The data cache of docs/null-cache.md: `data_cache` and every module below it. Sizes are the
/// defaults of Verilog parameters; what exists (null cache, merger, detectors, policies, counters)
/// is decided by the configuration. Without the null cache nothing of it is in the text.
/// Throws RequestError with every problem of Check(config).
rtl::Design BuildDataCache(const CacheConfig& config);

/// The same with its memory port as an AXI4 manager: `data_cache_axi4`.
rtl::Design BuildDataCacheAxi4(const CacheConfig& config);

}  // namespace systole
