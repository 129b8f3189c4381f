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

constexpr const char* kVerilator = "verilator --lint-only -Wall " SYSTOLE_SOURCE_DIR
                                   "/rtl/lint.vlt -F filelist.f --top-module data_cache";
constexpr const char* kIcarus =
    "iverilog -g2005 -Wall -Wno-timescale -s data_cache -tnull -c filelist.f";
constexpr const char* kYosys =
    "yosys -q -p \"read_verilog $(tr '\\n' ' ' < filelist.f); hierarchy -check -top data_cache; "
    "proc; check -assert\"";

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

}  // namespace
}  // namespace systole
