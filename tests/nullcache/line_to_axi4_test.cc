// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/nullcache/data_cache.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

class LineToAxi4 : public ::testing::TestWithParam<int> {};

// Without stalls, with many, with many and with errors; AXI4's rules are checked in every cycle.
TEST_P(LineToAxi4, MovesLinesThroughAMemoryThatStallsOnAllChannels) {
  const ScratchFolder folder;
  const int line = GetParam();
  const CacheConfig config{.line_bytes = line, .address_width = 32};
  rtl::WriteDesign(BuildDataCacheAxi4(config), {}, folder.path());
  const ToolResult build =
      RunTool(folder.path(),
              fmt::format("verilator --cc --exe --build --top-module line_to_axi4 --Mdir obj "
                          "-CFLAGS '-std=c++20 -O1 -DLINE_BYTES={}' line_to_axi4.v "
                          "{}/tests/nullcache/line_to_axi4_main.cpp",
                          line, SYSTOLE_SOURCE_DIR));
  ASSERT_EQ(build.status, 0) << build.output;
  for (const char* options : {"20000 1 0 0", "20000 2 50 0", "20000 3 90 0", "20000 3 30 1",
                              "20000 4 30 1", "20000 5 30 1"}) {
    const ToolResult run = RunTool(folder.path(), fmt::format("obj/Vline_to_axi4 {}", options));
    EXPECT_EQ(run.status, 0) << options;
    EXPECT_EQ(run.output, "20000 reads equal\n") << options;
  }
}

INSTANTIATE_TEST_SUITE_P(Lines, LineToAxi4, ::testing::Values(16, 32, 64),
                         [](const auto& info) { return fmt::format("{}_bytes", info.param); });

TEST(DataCacheAxi4, IsCleanInThreeTools) {
  const ScratchFolder folder;
  rtl::WriteDesign(BuildDataCacheAxi4({.null_cache = true}), {}, folder.path());
  for (const char* command :
       {"verilator --lint-only -Wall " SYSTOLE_SOURCE_DIR
        "/rtl/lint.vlt -F filelist.f --top-module data_cache_axi4",
        "iverilog -g2005 -Wall -Wno-timescale -s data_cache_axi4 -tnull -c filelist.f",
        "yosys -q -p \"read_verilog $(tr '\\n' ' ' < filelist.f); hierarchy -check -top "
        "data_cache_axi4; proc; check -assert\""}) {
    const ToolResult result = RunTool(folder.path(), command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
    EXPECT_EQ(result.output, "") << command;
  }
}

}  // namespace
}  // namespace systole
