// SPDX-License-Identifier: Apache-2.0
// What the emitter writes, as the tools see it. The tools are required: a missing one fails.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/emit/sample.h"
#include "tests/support/tool.h"

namespace systole::rtl {
namespace {

using ::testing::HasSubstr;

/// The command lines that read `mac.v` with its parameter `name` set to `value`.
struct Tool {
  const char* name;
  std::string command;  ///< `{0}` parameter, `{1}` value
};

const Tool kTools[] = {
    {"verilator", "verilator --lint-only -Wall -G{0}={1} mac.v"},
    {"yosys",
     "yosys -q -p 'read_verilog mac.v; hierarchy -check -top mac -chparam {0} {1}; proc; "
     "check -assert'"},
    {"iverilog", "iverilog -g2005 -Wall -Pmac.{0}={1} -s mac -tnull mac.v"},
};

class EveryTool : public ::testing::TestWithParam<Tool> {
 protected:
  void SetUp() override { WriteDesign(SampleDesign(), {}, folder_.path()); }
  ToolResult Read(const char* param, int value) {
    return RunTool(folder_.path(), fmt::format(fmt::runtime(GetParam().command), param, value));
  }
  ScratchFolder folder_;
};

TEST_P(EveryTool, AcceptsTheModule) {
  const ToolResult result = Read("AccW", 16);  // as narrow as the rule allows
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_EQ(result.output, "");
}

TEST_P(EveryTool, StopsAtABrokenRuleAndNamesIt) {
  const ToolResult result = Read("AccW", 15);
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("AccW_holds_one_product"));
}

TEST_P(EveryTool, NamesTheRuleThatIsBroken) {
  EXPECT_THAT(Read("DataW", 1).output, HasSubstr("DataW_has_a_sign"));
}

INSTANTIATE_TEST_SUITE_P(Emitted, EveryTool, ::testing::ValuesIn(kTools),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(FileList, IsReadByVerilatorAndIcarus) {
  const ScratchFolder folder;
  WriteDesign(SampleDesign(), {}, folder.path());
  for (const char* command : {"verilator --lint-only -Wall -F filelist.f --top-module mac_pair",
                              "iverilog -g2005 -Wall -s mac_pair -tnull -c filelist.f"}) {
    const ToolResult result = RunTool(folder.path(), command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
    EXPECT_EQ(result.output, "") << command;
  }
}

TEST(SampleMac, ComputesInSimulationWhatItsCommentsSay) {
  const ScratchFolder folder;
  WriteDesign(SampleDesign(), {}, folder.path());
  WriteFile(folder.path() / "bench.v", R"v(
module bench;
  reg clk = 0, rst_n = 0, en = 1;
  reg signed [7:0] b = -7;
  wire [47:0] sum;
  wire [1:0] zero;
  mac_pair dut (.clk_i(clk), .rst_ni(rst_n), .en_i(en), .a_i({8'd3, 8'd0}), .b_i(b), .sum_o(sum),
                .zero_o(zero));
  initial begin
    #1 rst_n = 1;
    repeat (2) begin #1 clk = 1; #1 clk = 0; end
    $display("%0d %0d %b", $signed(sum[47:24]), $signed(sum[23:0]), zero);
  end
endmodule
)v");
  const ToolResult result =
      RunTool(folder.path(), "iverilog -g2005 -o bench mac.v mac_pair.v bench.v && ./bench");
  EXPECT_EQ(result.output, "-42 0 01\n");
}

}  // namespace
}  // namespace systole::rtl
