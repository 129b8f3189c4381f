// SPDX-License-Identifier: Apache-2.0
// The requantizer's lane against the processor's float32 arithmetic: random values, all kinds of
// ties, the edges of the clamp, the extremes of sum and scale. SYSTOLE_DEEP=1 runs ten times more.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/tool.h"

namespace systole {
namespace {

struct Widths {
  int data, acc;
  long count;
};

class RequantizeLane : public ::testing::TestWithParam<Widths> {};

TEST_P(RequantizeLane, EqualsFloat32Arithmetic) {
  const Widths& w = GetParam();
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  const long count = w.count * (deep != nullptr && *deep == '1' ? 10 : 1);
  constexpr int kSeed = 1;
  const ScratchFolder folder;
  const ToolResult build = RunTool(
      folder.path(),
      fmt::format("verilator --cc --exe --build -O3 --x-assign fast --x-initial fast "
                  "--top-module requantize_lane -GDataW={0} -GAccW={1} --Mdir obj -MAKEFLAGS "
                  "'OPT_FAST=-O2 OPT_SLOW=-O0 OPT_GLOBAL=-O1' "
                  "-CFLAGS '-std=c++20 -O2 -ffp-contract=off -I{2} -DDATA_W={0} -DACC_W={1}' "
                  "{2}/rtl/prim/requantize_lane.v {2}/tests/systolic/requantize_lane_main.cpp",
                  w.data, w.acc, SYSTOLE_SOURCE_DIR));
  ASSERT_EQ(build.status, 0) << build.output;
  const ToolResult run =
      RunTool(folder.path(), fmt::format("obj/Vrequantize_lane {} {}", count, kSeed));
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.output, fmt::format("{} values equal\n", count));
}

// 10^7 values at the default widths; the others vary what depends on a width.
INSTANTIATE_TEST_SUITE_P(Widths, RequantizeLane,
                         ::testing::Values(Widths{8, 32, 10'000'000}, Widths{4, 8, 1'000'000},
                                           Widths{8, 24, 1'000'000}, Widths{16, 32, 1'000'000},
                                           Widths{16, 48, 2'000'000}),
                         [](const auto& info) {
                           return fmt::format("int{}_int{}", info.param.data, info.param.acc);
                         });

}  // namespace
}  // namespace systole
