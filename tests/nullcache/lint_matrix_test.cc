// SPDX-License-Identifier: Apache-2.0
// Every configuration of a matrix is emitted and read by the three tools, without a word from them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/nullcache/data_cache.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

struct Case {
  std::string name;
  CacheConfig config;
};

std::vector<Case> Baselines() {
  std::vector<Case> cases;
  for (const int ways : {1, 2, 4, 8}) {
    for (const int line : {16, 32, 64}) {
      const bool lru = (ways + line / 16) % 2 == 0;  // each with both over the lines
      cases.push_back({fmt::format("ways{}_line{}_{}", ways, line, lru ? "lru" : "plru"),
                       {.size_bytes = ways * line * 8,
                        .ways = ways,
                        .line_bytes = line,
                        .address_width = 24 + ways + line / 16,
                        .replacement = lru ? CacheReplacement::kLru : CacheReplacement::kPseudoLru,
                        .counter_width = line}});
    }
  }
  cases.push_back({"default", {}});
  cases.push_back({"no_counters", {.counter_width = 0}});
  cases.push_back(
      {"two_sets", {.size_bytes = 64, .ways = 2, .line_bytes = 16, .address_width = 6}});
  cases.push_back({"largest", {.size_bytes = 1 << 20, .ways = 8, .address_width = 48}});
  return cases;
}

/// Every value of every option of the null cache, in mixtures that meet each pair of options.
std::vector<Case> NullCaches() {
  constexpr int kEntries[] = {1, 2, 3, 7, 64, 148, 256};
  constexpr int kWays[] = {1, 2, 4, 8};
  constexpr int kLines[] = {16, 32, 64};
  constexpr int kOrders[] = {-1, 0, 1, 3};
  std::vector<Case> cases;
  for (int i = 0; i < 28; ++i) {
    const auto bit = [i](int shift) { return (i >> shift & 1) != 0; };
    CacheConfig config{
        .ways = kWays[(i / 3) % 4],
        .line_bytes = kLines[i % 3],
        .address_width = 20 + i,
        .replacement = bit(1) ? CacheReplacement::kLru : CacheReplacement::kPseudoLru,
        .counter_width = i % 5 == 4 ? 0 : 48,
        .null_cache = true};
    config.size_bytes = config.ways * config.line_bytes * 16;
    config.null = {.entries = kEntries[i % 7],
                   .merge_order = kOrders[(i / 2) % 4],
                   .merge_search = bit(0) ? MergeSearch::kSerial : MergeSearch::kParallel,
                   .merge_trigger = static_cast<MergeTrigger>((i / 2 + i / 6) % 3),
                   .store_policy = bit(2) ? NullStorePolicy::kSplit : NullStorePolicy::kDrop,
                   .replacement = bit(3) ? NullReplacement::kCoverage : NullReplacement::kLru,
                   .zero_at_eviction = bit(0) != bit(2),
                   .zero_at_store = bit(1) != bit(3),
                   .approximation = bit(2) != bit(4)};
    cases.push_back({fmt::format("{}_entries{}", i, config.null.entries), config});
  }
  cases.push_back({"default", {.null_cache = true}});
  // The fewest of everything: no counters, nothing that reads a value.
  cases.push_back({"least",
                   {.size_bytes = 64,
                    .ways = 2,
                    .line_bytes = 16,
                    .address_width = 6,
                    .counter_width = 0,
                    .null_cache = true,
                    .null = {.entries = 1,
                             .merge_order = 0,
                             .store_policy = NullStorePolicy::kDrop,
                             .replacement = NullReplacement::kLru}}});
  return cases;
}

// With the limits of loops that tb sets: what is read here can be simulated there.
constexpr const char* kVerilator =
    "verilator --lint-only -Wall --unroll-count 64 --unroll-stmts 10 " SYSTOLE_SOURCE_DIR
    "/rtl/lint.vlt -F filelist.f --top-module data_cache";
constexpr const char* kIcarus =
    "iverilog -g2005 -Wall -Wno-timescale -s data_cache -tnull -c filelist.f";
constexpr const char* kYosys =
    "yosys -q -p \"read_verilog $(tr '\\n' ' ' < filelist.f); hierarchy -check -top data_cache; "
    "proc; select -assert-none t:\\$dlatch; check -assert\"";

class EmittedCache : public ::testing::TestWithParam<Case> {};

TEST_P(EmittedCache, IsCleanInThreeTools) {
  const ScratchFolder folder;
  rtl::WriteDesign(BuildDataCache(GetParam().config), {}, folder.path());
  for (const char* command : {kVerilator, kIcarus, kYosys}) {
    const ToolResult result = RunTool(folder.path(), command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
    EXPECT_EQ(result.output, "") << command;
  }
}

INSTANTIATE_TEST_SUITE_P(Baseline, EmittedCache, ::testing::ValuesIn(Baselines()),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(NullCache, EmittedCache, ::testing::ValuesIn(NullCaches()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
