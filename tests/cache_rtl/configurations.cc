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

CacheConfig Null(CacheConfig config, const NullCacheConfig& null) {
  config.null_cache = true;
  config.null = null;
  return config;
}

}  // namespace

std::vector<NamedCache> Configurations(bool all) {
  using enum MergeSearch;
  using enum MergeTrigger;
  using enum NullStorePolicy;
  constexpr auto kRanks = NullReplacement::kLru;
  constexpr auto kMatrix = CacheReplacement::kLru, kTree = CacheReplacement::kPseudoLru;
  std::vector<NamedCache> list = {
      {"Baseline4Way32", L1(1024, 4, 32, 16, kMatrix)},
      {"Baseline2Way64", L1(512, 2, 64, 32, kTree)},
      {"Default", Null(L1(16384, 4, 32, 32, kMatrix), {})},
      {"OneEntry", Null(L1(128, 2, 16, 9, kMatrix), {.entries = 1})},
      {"TwoEntriesWholeSpace",
       Null(L1(64, 2, 16, 8, kMatrix), {.entries = 2, .zero_at_store = true})},
      {"ThreeEntriesParallel", Null(L1(64, 1, 16, 8, kMatrix), {.entries = 3,
                                                                .merge_search = kParallel,
                                                                .zero_at_eviction = true,
                                                                .zero_at_store = true})},
      {"SerialInsertDropLru", Null(L1(512, 4, 32, 12, kTree), {.entries = 8,
                                                               .merge_trigger = kInsert,
                                                               .store_policy = kDrop,
                                                               .replacement = kRanks,
                                                               .zero_at_eviction = true})},
      {"SerialBothApproximate", Null(L1(512, 2, 16, 13, kMatrix), {.entries = 16,
                                                                   .zero_at_eviction = true,
                                                                   .zero_at_store = true,
                                                                   .approximation = true})},
      {"ParallelSweepLimit2", Null(L1(1024, 8, 64, 15, kTree), {.entries = 33,
                                                                .merge_order = 2,
                                                                .merge_search = kParallel,
                                                                .merge_trigger = kSweep,
                                                                .zero_at_eviction = true})},
      {"Entries256", Null(L1(1024, 2, 64, 24, kMatrix),
                          {.entries = 256, .merge_search = kParallel, .approximation = true})},
  };
  if (!all) return list;
  const std::vector<NamedCache> others = {
      {"Baseline1Way16", L1(64, 1, 16, 9, kMatrix)},
      {"Baseline8Way32Tree", L1(1024, 8, 32, 14, kTree)},
      {"Baseline8Way16Lru", L1(512, 8, 16, 40, kMatrix)},
      {"OneEntryLruDrop",
       Null(L1(64, 1, 16, 8, kTree), {.entries = 1, .store_policy = kDrop, .replacement = kRanks})},
      {"SerialSweepSplitLru",
       Null(L1(256, 2, 32, 11, kMatrix),
            {.entries = 7, .merge_trigger = kSweep, .replacement = kRanks, .zero_at_store = true})},
      {"ParallelInsertSplit", Null(L1(256, 1, 64, 14, kTree), {.entries = 5,
                                                               .merge_search = kParallel,
                                                               .merge_trigger = kInsert,
                                                               .zero_at_store = true})},
      {"ParallelBothDropApproximate", Null(L1(256, 4, 32, 12, kMatrix), {.entries = 12,
                                                                         .merge_search = kParallel,
                                                                         .store_policy = kDrop,
                                                                         .replacement = kRanks,
                                                                         .approximation = true})},
      {"NoMerging", Null(L1(256, 2, 32, 12, kMatrix),
                         {.entries = 10, .merge_order = 0, .zero_at_eviction = true})},
      {"LimitOne", Null(L1(256, 2, 32, 12, kMatrix), {.entries = 9, .merge_order = 1})},
      {"SixtyFourEntriesWide",
       Null(L1(512, 4, 16, 40, kTree), {.entries = 64, .replacement = kRanks})},
      {"NarrowCounters",
       [] {
         CacheConfig config = Null(L1(128, 2, 16, 10, kMatrix), {.entries = 4});
         config.counter_width = 16;
         return config;
       }()},
      {"NoCounters",
       [] {
         CacheConfig config = Null(L1(128, 2, 16, 10, kMatrix), {.entries = 4});
         config.counter_width = 0;
         return config;
       }()},
  };
  list.insert(list.end(), others.begin(), others.end());
  return list;
}

}  // namespace systole
