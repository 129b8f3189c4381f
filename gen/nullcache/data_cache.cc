// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/data_cache.h"

#include "gen/nullcache/blocks.h"

namespace systole {

rtl::Design BuildDataCache(const CacheConfig& config) {
  std::vector<Problem> problems = Check(config);
  if (config.null_cache) problems.push_back({"--null-cache is not generated", "leave it out"});
  if (!problems.empty()) throw RequestError(std::move(problems));
  rtl::Design design{.top = "data_cache", .modules = {Prim("cache_ram"), Prim("register_file")}};
  if (config.ways > 1) design.modules.push_back(BuildWayReplacement(config));
  if (HasRegisters(config)) design.modules.push_back(BuildCacheRegisters(config));
  design.modules.push_back(BuildCacheTop(config));
  return design;
}

}  // namespace systole
