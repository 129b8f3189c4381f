// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/data_cache.h"

#include "gen/nullcache/blocks.h"

namespace systole {

rtl::Design BuildDataCache(const CacheConfig& config) {
  std::vector<Problem> problems = Check(config);
  if (!problems.empty()) throw RequestError(std::move(problems));
  rtl::Design design{.top = "data_cache", .modules = {Prim("cache_ram"), Prim("register_file")}};
  if (config.ways > 1) design.modules.push_back(BuildWayReplacement(config));
  if (HasRegisters(config)) design.modules.push_back(BuildCacheRegisters(config));
  if (config.null_cache) {
    design.modules.push_back(BuildZeroDetector(config));
    design.modules.push_back(Prim("lowest_bit"));
    design.modules.push_back(BuildTcamColumn(config));
    design.modules.push_back(BuildTcam(config));
    if (HasMerger(config)) design.modules.push_back(BuildAddressMerger(config));
    design.modules.push_back(BuildNullReplacement(config));
    design.modules.push_back(BuildNullCache(config));
  }
  design.modules.push_back(BuildCacheTop(config));
  return design;
}

rtl::Design BuildDataCacheAxi4(const CacheConfig& config) {
  rtl::Design design = BuildDataCache(config);
  design.top = "data_cache_axi4";
  design.modules.push_back(BuildLineToAxi4(config));
  design.modules.push_back(BuildCacheAxi4(config));
  return design;
}

}  // namespace systole
