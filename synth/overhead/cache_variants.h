// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/config/cache_config.h"

namespace systole {

/// A data cache of the study.
struct CacheVariant {
  std::string name;  ///< "16 KiB", "+ 148 entries", "+ 148 entries, drop"
  CacheConfig config;
};

/// Changes of the null cache that the study knows, in its order: "approximation", "parallel"
/// (merger), "no-merger", "drop" (instead of split), "lru" (instead of coverage replacement).
std::vector<std::string> NullCacheChanges();

/// Makes a change, or several joined by +: "drop+lru". Throws RequestError that lists the changes.
void ChangeNullCache(NullCacheConfig& config, const std::string& change);

/// `base` alone; with null caches of these numbers of entries; with one of the default number and
/// each of the changes; and a cache of twice the size without one. None has performance counters,
/// which are no part of the idea. Throws RequestError for unknown changes and for what Check finds.
std::vector<CacheVariant> StudiedCaches(CacheConfig base, const std::vector<int>& entries,
                                        const std::vector<std::string>& changes);

}  // namespace systole
