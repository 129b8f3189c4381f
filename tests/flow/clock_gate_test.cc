// SPDX-License-Identifier: Apache-2.0
// Clock gates: the cells they are made of, and which registers get one.
#include "synth/flow/clock_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/flow/fixture.h"

namespace systole {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kOsu018 = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// Words of 8, 3 and 4 bits; the first two share an enable, the last one has a reset.
const rtl::File kWords{"words.v", R"v(
module words (input wire clk_i, input wire rst_ni, input wire a_i, input wire b_i,
              input wire [7:0] d_i, output reg [7:0] x_o, output reg [2:0] y_o,
              output reg [3:0] z_o);
  always @(posedge clk_i) if (a_i) x_o <= d_i;
  always @(posedge clk_i) if (a_i) y_o <= d_i[2:0] + 3'd3;
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) z_o <= 4'd5;
    else if (!b_i) z_o <= d_i[3:0];
  end
endmodule
)v"};

std::map<std::string, std::uint64_t> TypesOf(const std::vector<Library>& libraries, int bits,
                                             bool flatten = false) {
  SynthesisRequest request = RequestOf({kWords}, "words");
  request.libraries = &libraries;
  request.options.clock_gating = bits;
  request.options.flatten = flatten;
  return Synthesize(request).mapped.total.types;
}

TEST(ClockGate, WordsOfAtLeastSoManyBitsGetOneAndThoseOfOneEnableTheSame) {
  if (!std::filesystem::exists(kOsu018)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const std::vector<Library> libraries = {ReadLiberty(kOsu018)};
  EXPECT_EQ(TypesOf(libraries, 0).count("LATCH"), 0u);
  EXPECT_EQ(TypesOf(libraries, 9).count("LATCH"), 0u);
  EXPECT_EQ(TypesOf(libraries, 8).at("LATCH"), 1u);
  EXPECT_EQ(TypesOf(libraries, 4).at("LATCH"), 2u);
  EXPECT_EQ(TypesOf(libraries, 3).at("LATCH"), 2u);
  for (const bool flatten : {false, true}) {
    const auto types = TypesOf(libraries, 3, flatten);
    EXPECT_EQ(types.at("LATCH"), 2u);
    EXPECT_EQ(types.at("DFFPOSX1") + types.at("DFFSR"), 15u);
    EXPECT_EQ(types.count("MUX2X1"), 0u);  // nothing brings old values back
  }
}

TEST(ClockGate, AMemoryOfRegistersGetsOneForAllItsWords) {
  if (!std::filesystem::exists(kOsu018)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const rtl::File file{"file.v", R"v(
module file (input wire clk_i, input wire write_i, input wire [3:0] address_i,
             input wire [1:0] d_i, output wire [1:0] q_o);
  reg [1:0] word_q [0:15];
  always @(posedge clk_i) if (write_i) word_q[address_i] <= d_i;
  assign q_o = word_q[address_i];
endmodule
)v"};
  const std::vector<Library> libraries = {ReadLiberty(kOsu018)};
  SynthesisRequest request = RequestOf({file}, "file");
  request.libraries = &libraries;
  request.options.clock_gating = 16;
  const SynthesisResult result = Synthesize(request);
  EXPECT_EQ(result.mapped.total.types.at("LATCH"), 1u);
  EXPECT_EQ(result.mapped.total.types.at("DFFPOSX1"), 32u);
  request.options.clock_gating = 17;
  EXPECT_EQ(Synthesize(request).mapped.total.types.count("LATCH"), 0u);
}

TEST(ClockGate, IsMadeOfTheSmallestCells) {
  if (!std::filesystem::exists(kOsu018)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  EXPECT_EQ(ClockGateCells(ReadLiberty(kOsu018)),
            "module systole_clock_gate (input clk_i, input enable_i, output clk_o);\n"
            "  wire enable;\n"
            "  wire clk_low;\n"
            "  INVX1 inverter (.A(clk_i), .Y(clk_low));\n"
            "  LATCH latch (.CLK(clk_low), .D(enable_i), .Q(enable));\n"
            "  AND2X2 both (.A(clk_i), .B(enable), .Y(clk_o));\n"
            "endmodule\n");
}

/// The three cells with an AND and a latch, or without.
Library WithCells(const std::filesystem::path& folder, const std::string& cells) {
  std::string text = ReadFile(ThreeCells()[0].path);
  text.insert(text.rfind('}'), cells);
  WriteFile(folder / "cells.lib", text);
  return ReadLiberty(folder / "cells.lib");
}

constexpr const char* kAnd =
    "  cell (AND2) {\n    area : 5;\n    pin (A) { direction : input; capacitance : 0.001; }\n"
    "    pin (B) { direction : input; capacitance : 0.001; }\n"
    "    pin (Y) { direction : output; function : \"A*B\"; }\n  }\n";
std::string LatchCell(const std::string& enable, const std::string& more, int area) {
  return "  cell (LATCH" + std::to_string(area) + ") {\n    area : " + std::to_string(area) +
         ";\n    latch (IQ, IQN) { enable : \"" + enable + "\"; data_in : \"D\"; " + more +
         " }\n    pin (D) { direction : input; capacitance : 0.001; }\n"
         "    pin (G) { direction : input; capacitance : 0.001; clock : true; }\n"
         "    pin (Q) { direction : output; function : \"IQ\"; }\n  }\n";
}

TEST(ClockGate, ALatchThatOpensAtZeroNeedsNoInverter) {
  const ScratchFolder folder;
  const auto cells = [&](const std::string& latches) {
    return ClockGateCells(WithCells(folder.path(), kAnd + latches));
  };
  // With the inverter's 2 um2 the smaller one is larger.
  EXPECT_THAT(cells(LatchCell("G", "", 6) + LatchCell("!G", "", 7)), HasSubstr("LATCH7 latch"));
  EXPECT_THAT(cells(LatchCell("G", "", 6) + LatchCell("G'", "", 9)),
              AllOf(HasSubstr("LATCH6 latch (.G(clk_low)"), HasSubstr("INV inverter")));
  EXPECT_THAT(cells(LatchCell("G", "clear : \"!D\";", 1) + LatchCell("G", "", 6)),
              HasSubstr("LATCH6"));
}

TEST(ClockGate, ALibraryThatCannotMakeOneSaysWhat) {
  const ScratchFolder folder;
  const auto failure = [&](const std::string& cells) -> std::string {
    try {
      ClockGateCells(WithCells(folder.path(), cells));
    } catch (const RequestError& error) {
      return std::string(error.what()) + " | " + error.problems().at(0).fix;
    }
    return "none";
  };
  EXPECT_THAT(failure(""), AllOf(HasSubstr("no latch"), HasSubstr("--clock-gating 0")));
  EXPECT_THAT(failure(kAnd), HasSubstr("no latch"));
  EXPECT_THAT(failure(kAnd + LatchCell("G", "", 0)), HasSubstr("no latch"));  // area 0: not known
  EXPECT_THAT(failure(LatchCell("G", "", 6)), HasSubstr("no AND of two inputs"));
  EXPECT_EQ(failure(kAnd + LatchCell("G", "", 6)), "none");
}

}  // namespace
}  // namespace systole
