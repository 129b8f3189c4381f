// SPDX-License-Identifier: Apache-2.0
// Parameters that are changed in Verilog, after generation: what the cache cannot do stops each
// tool.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/nullcache/data_cache.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

struct BrokenRule {
  const char* param;
  int value;
  const char* rule;
};

const BrokenRule kBroken[] = {
    {"Ways", 3, "Ways_is_2_4_or_8"},
    {"Sets", 48, "Sets_is_a_power_of_two"},
    {"LineBytes", 24, "Line_16_32_64"},
    {"AddrW", 12, "AddrW_holds_a_tag"},
    {"AddrW", 49, "AddrW_is_up_to_48"},
    {"Entries", 1025, "Entries_is_1_to_1024"},
    {"MergeOrder", 0, "MergeOrder_is_1_or_more"},
    {"MergeOrder", 28, "MergeOrder_is_an_order"},
    {"CounterW", 15, "CounterW_is_16_to_64"},
};

/// Command lines; `{0}` is the parameter, `{1}` its value.
const char* const kTools[] = {
    "verilator --lint-only -Wall -Wno-fatal " SYSTOLE_SOURCE_DIR
    "/rtl/lint.vlt -F filelist.f --top-module data_cache -G{0}={1}",
    "iverilog -g2005 -s data_cache -Pdata_cache.{0}={1} -tnull -c filelist.f",
    "yosys -q -p \"read_verilog $(tr '\\n' ' ' < filelist.f); "
    "hierarchy -check -top data_cache -chparam {0} {1}\"",
};

class CacheParameterRule : public ::testing::TestWithParam<BrokenRule> {};

TEST_P(CacheParameterRule, StopsEveryToolAndIsNamed) {
  const ScratchFolder folder;
  rtl::WriteDesign(BuildDataCache({.null_cache = true, .null = {.entries = 4}}), {}, folder.path());
  for (const char* tool : kTools) {
    const std::string command = fmt::format(fmt::runtime(tool), GetParam().param, GetParam().value);
    const ToolResult result = RunTool(folder.path(), command);
    EXPECT_NE(result.status, 0) << command;
    EXPECT_THAT(result.output, HasSubstr(std::string("PARAMETER_ERROR_") + GetParam().rule))
        << command;
  }
}

INSTANTIATE_TEST_SUITE_P(Cache, CacheParameterRule, ::testing::ValuesIn(kBroken),
                         [](const auto& info) {
                           return fmt::format("{}_{}", info.param.param, info.param.value);
                         });

}  // namespace
}  // namespace systole
