// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/macro_liberty.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr MacroNode kOsu018 = {0.18, 1.8};

MacroCell Example(const MacroShape& shape) {
  return {MacroName(shape), shape, ModelSram(shape, kOsu018)};
}

TEST(MacroLiberty, IsReadByOurReader) {
  const ScratchFolder scratch;
  const MacroCell data = Example({512, 64}), tags = Example({128, 21});
  WriteFile(scratch.path() / "m.lib", MacroLiberty("macros", {data, tags}, kOsu018));
  const Library library = ReadLiberty(scratch.path() / "m.lib");
  EXPECT_EQ(library.name, "macros");
  EXPECT_DOUBLE_EQ(library.voltage, 1.8);
  for (const MacroCell& macro : {data, tags}) {
    SCOPED_TRACE(macro.name);
    const Cell* cell = library.Find(macro.name);
    ASSERT_NE(cell, nullptr);
    EXPECT_TRUE(cell->memory);
    EXPECT_NEAR(cell->area.value() / macro.figures.area.typical, 1, 1e-6);
    EXPECT_NEAR(cell->leakage / macro.figures.leakage.typical, 1, 1e-5);
    const CellPin* out = cell->FindPin(fmt::format("rdata_o[{}]", macro.shape.width - 1));
    ASSERT_NE(out, nullptr);
    EXPECT_EQ(cell->FindPin(fmt::format("rdata_o[{}]", macro.shape.width)), nullptr);
    ASSERT_EQ(out->timing.size(), 1u);
    EXPECT_TRUE(out->timing[0].clock_edge);
    EXPECT_NEAR(out->timing[0].delay_rise.At(0.1e-9, 0) / macro.figures.access.typical, 1, 1e-5);
    EXPECT_GT(out->max_capacitance.value(), 0);
    const CellPin* clock = cell->FindPin("clk_i");
    ASSERT_NE(clock, nullptr);
    EXPECT_TRUE(clock->clock);
    EXPECT_NEAR(clock->power.at(0).rise.At(0, 0) / macro.figures.read.typical, 1, 1e-5);
    EXPECT_NEAR(clock->power.at(1).rise.At(0, 0) / macro.figures.write.typical, 1, 1e-5);
    EXPECT_GT(cell->FindPin("wdata_i[0]")->capacitance, 0);
  }
}

TEST(MacroLiberty, TheSameMacrosGiveTheSameText) {
  const MacroCell data = Example({512, 64});
  EXPECT_EQ(MacroLiberty("m", {data}, kOsu018), MacroLiberty("m", {data}, kOsu018));
}

TEST(MacroLiberty, RefusesNamesAndShapesThatNoToolReads) {
  MacroCell macro = Example({16, 8});
  EXPECT_THROW(MacroLiberty("m", {macro, macro}, kOsu018), RequestError);
  EXPECT_THROW(MacroLiberty("a library", {macro}, kOsu018), RequestError);
  macro.name = "1x";
  EXPECT_THROW(MacroLiberty("m", {macro}, kOsu018), RequestError);
  macro.name = "x";
  macro.shape.depth = 1;
  EXPECT_THROW(MacroLiberty("m", {macro}, kOsu018), RequestError);
  EXPECT_THROW(MacroStubs({macro}), RequestError);
}

/// A memory between registers, mapped to cells, and the macro as a black box.
constexpr const char* kTop = R"v(
module top (
  input  wire       clk_i,
  input  wire       en_i,
  input  wire [3:0] addr_i,
  input  wire [7:0] data_i,
  output reg  [7:0] data_o
);
  reg        en_q;
  reg  [3:0] addr_q;
  wire [7:0] read;
  always @(posedge clk_i) begin
    en_q   <= en_i;
    addr_q <= addr_i;
    data_o <= read ^ data_i;
  end
  cache_ram_Depth16_Width8 u_ram (.clk_i(clk_i), .en_i(en_q), .write_i(1'b0), .addr_i(addr_q),
                        .mask_i(8'hff), .wdata_i(data_i), .rdata_o(read));
endmodule
)v";

TEST(MacroLiberty, OpenStaTimesThroughAMacroThatYosysKept) {
  const std::string cells = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  if (!std::filesystem::exists(cells)) GTEST_SKIP() << "no " << cells;
  const ScratchFolder scratch;
  const MacroCell macro = Example({16, 8});
  WriteFile(scratch.path() / "m.lib", MacroLiberty("macros", {macro}, kOsu018));
  WriteFile(scratch.path() / "stubs.v", MacroStubs({macro}));
  WriteFile(scratch.path() / "top.v", kTop);
  const ToolResult yosys = RunTool(
      scratch.path(),
      fmt::format("yosys -q -p 'read_verilog -lib stubs.v; read_verilog top.v; synth -top top; "
                  "dfflibmap -liberty {0}; abc -liberty {0}; setundef -zero; splitnets; opt_clean "
                  "-purge; write_verilog -noattr -noexpr -nohex -nodec net.v'",
                  cells));
  if (yosys.status == 127) GTEST_SKIP() << "no yosys";
  ASSERT_EQ(yosys.status, 0) << yosys.output;
  WriteFile(scratch.path() / "run.tcl",
            fmt::format("read_liberty {}\nread_liberty m.lib\nread_verilog net.v\nlink_design top\n"
                        "create_clock -period 20 clk_i\nreport_checks -from u_ram/clk_i -digits 4\n"
                        "report_checks -to u_ram/en_i -digits 4\nexit\n",
                        cells));
  const ToolResult sta = RunTool(scratch.path(), "sta run.tcl < /dev/null");
  if (sta.status == 127) GTEST_SKIP() << "no sta";
  EXPECT_THAT(sta.output, Not(HasSubstr("Error")));
  EXPECT_THAT(sta.output, Not(HasSubstr("Warning")));
  EXPECT_THAT(sta.output, HasSubstr("u_ram/rdata_o"));
  EXPECT_THAT(sta.output, HasSubstr("library setup time"));
  EXPECT_THAT(sta.output, HasSubstr("(cache_ram_Depth16_Width8)"));
  EXPECT_THAT(sta.output, Not(HasSubstr("No paths found")));
}

}  // namespace
}  // namespace systole
