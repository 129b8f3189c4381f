// SPDX-License-Identifier: Apache-2.0
// Every configuration of a matrix is emitted and read by the three tools, without a word from them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "gen/systolic/systolic_core.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

std::vector<ArrayConfig> Matrix() {
  const std::pair<int, int> sizes[] = {{1, 1}, {1, 3}, {2, 2}, {3, 5}, {7, 2}, {16, 16}};
  const std::pair<int, int> widths[] = {{4, 8}, {8, 32}, {16, 48}, {8, 16}, {4, 20}, {16, 32}};
  std::vector<ArrayConfig> matrix;
  for (const Dataflow dataflow : {Dataflow::kOs, Dataflow::kOsStos}) {
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
      // Two pairs of widths a size: every pair meets both dataflows twice.
      for (const std::size_t j : {i, (i + 2) % std::size(widths)}) {
        matrix.push_back({.rows = sizes[i].first,
                          .cols = sizes[i].second,
                          .dataflow = dataflow,
                          .data_width = widths[j].first,
                          .acc_width = widths[j].second,
                          .count_width = 4 + static_cast<int>(4 * i)});
      }
    }
  }
  return matrix;
}

// With the limits of loops that tb sets: what is read here can be simulated there.
constexpr const char* kVerilator =
    "verilator --lint-only -Wall --unroll-count 64 --unroll-stmts 10 " SYSTOLE_SOURCE_DIR
    "/rtl/lint.vlt -F filelist.f --top-module systolic_core";
constexpr const char* kIcarus =
    "iverilog -g2005 -Wall -Wno-timescale -s systolic_core -tnull -c filelist.f";

class EmittedCore : public ::testing::TestWithParam<ArrayConfig> {
 protected:
  void SetUp() override { rtl::WriteDesign(BuildSystolicCore(GetParam()), {}, folder_.path()); }

  void ExpectSilence(const std::string& command) {
    const ToolResult result = RunTool(folder_.path(), command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
    EXPECT_EQ(result.output, "") << command;
  }

  ScratchFolder folder_;
};

TEST_P(EmittedCore, IsCleanUnderVerilatorWall) { ExpectSilence(kVerilator); }

TEST_P(EmittedCore, IsCleanUnderIcarusVerilog2005) { ExpectSilence(kIcarus); }

// Registers in an array are what the rows are written with, so that Yosys may say so.
TEST_P(EmittedCore, IsCleanUnderYosysCheck) {
  ExpectSilence(
      "yosys -q -w \"Replacing memory\" -p \"read_verilog $(tr '\\n' ' ' < filelist.f); "
      "hierarchy -check -top systolic_core; proc; check -assert\"");
}

TEST_P(EmittedCore, IsTheSameBytesTwice) {
  const nlohmann::json configuration = GetParam();
  EXPECT_EQ(rtl::DesignFiles(BuildSystolicCore(GetParam()), configuration),
            rtl::DesignFiles(BuildSystolicCore(GetParam()), configuration));
}

/// The longest edges. Yosys takes minutes for them, and checks the same text above.
class LargestCore : public EmittedCore {};

TEST_P(LargestCore, IsCleanUnderVerilatorAndIcarus) {
  ExpectSilence(kVerilator);
  ExpectSilence(kIcarus);
}

INSTANTIATE_TEST_SUITE_P(
    Edges, LargestCore,
    ::testing::Values(ArrayConfig{.rows = 256, .cols = 1},
                      ArrayConfig{.rows = 1, .cols = 256, .dataflow = Dataflow::kOs}),
    [](const auto& info) { return fmt::format("{}x{}", info.param.rows, info.param.cols); });

INSTANTIATE_TEST_SUITE_P(Matrix, EmittedCore, ::testing::ValuesIn(Matrix()), [](const auto& info) {
  const ArrayConfig& c = info.param;
  return fmt::format("{}x{}_{}_{}_{}", c.rows, c.cols,
                     c.dataflow == Dataflow::kOs ? "os" : "os_stos", c.data_width, c.acc_width);
});

}  // namespace
}  // namespace systole
