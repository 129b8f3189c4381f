// SPDX-License-Identifier: Apache-2.0
#include "tests/cache_rtl/configurations.h"

namespace systole {
namespace {

CacheConfig L1(int size, int ways, int line, int address_width, CacheReplacement replacement) {
  return {.size_bytes = size,
          .ways = ways,
          .line_bytes = line,
          .address_width = address_width,
          .replacement = replacement};
}

}  // namespace

std::vector<NamedCache> Configurations() {
  constexpr auto kMatrix = CacheReplacement::kLru, kTree = CacheReplacement::kPseudoLru;
  return {
      {"Baseline4Way32", L1(1024, 4, 32, 16, kMatrix)},
      {"Baseline1Way16", L1(64, 1, 16, 9, kMatrix)},
      {"Baseline2Way64", L1(512, 2, 64, 32, kTree)},
      {"Baseline8Way32Tree", L1(1024, 8, 32, 14, kTree)},
      {"Baseline8Way16Lru", L1(512, 8, 16, 40, kMatrix)},
  };
}

}  // namespace systole
