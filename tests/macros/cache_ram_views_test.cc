// SPDX-License-Identifier: Apache-2.0
// cache_ram as flip-flops: what Yosys makes of the behavioural text.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "base/file.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCells = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// Cells whose names begin with `prefix` in Yosys' `stat`.
int Count(const std::string& stat, const std::string& prefix) {
  const std::regex line("\\n +" + prefix + "\\w* +(\\d+)");
  int count = 0;
  for (auto at = std::sregex_iterator(stat.begin(), stat.end(), line); at != std::sregex_iterator();
       ++at) {
    count += std::stoi((*at)[1].str());
  }
  return count;
}

TEST(CacheRamViews, ASmallOneBecomesAFlipFlopABitAndAnOutputRegister) {
  if (!fs::exists(kCells)) GTEST_SKIP() << "no " << kCells;
  const ScratchFolder scratch;
  for (const auto& [depth, width] : {std::pair{2, 1}, std::pair{8, 4}, std::pair{6, 5}}) {
    const ToolResult yosys = RunTool(
        scratch.path(),
        fmt::format("yosys -p 'read_verilog {0}/rtl/prim/cache_ram.v; chparam -set Depth {1} -set "
                    "Width {2} cache_ram; synth -noabc -top cache_ram; dfflibmap -liberty {3}; abc "
                    "-liberty {3}; stat -liberty {3}'",
                    SYSTOLE_SOURCE_DIR, depth, width, kCells));
    if (yosys.status == 127) GTEST_SKIP() << "no yosys";
    ASSERT_EQ(yosys.status, 0) << yosys.output;
    const std::string stat = yosys.output.substr(yosys.output.rfind("=== cache_ram ==="));
    EXPECT_EQ(Count(stat, "DFF"), depth * width + width) << stat;
    EXPECT_EQ(Count(stat, "LATCH"), 0) << stat;
    EXPECT_EQ(Count(stat, "\\$"), 0) << stat;
  }
}

}  // namespace
}  // namespace systole
