// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"

namespace systole {

struct NamedCache {
  std::string name;
  CacheConfig config;

  friend void PrintTo(const NamedCache& cache, std::ostream* out) { *out << cache.name; }
};

/// Small caches that together have every option, number of ways, line size, and 1 to 256 entries:
/// about half of them, or all.
std::vector<NamedCache> Configurations(bool all);

}  // namespace systole
