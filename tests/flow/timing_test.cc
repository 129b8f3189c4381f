// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/timing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/flow/amend_cells.h"
#include "synth/flow/sta_view.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

TimingResult TimingOf(const std::vector<rtl::File>& files, const std::string& top,
                      const TimingOptions& options = {}) {
  return AnalyzeTiming(Synthesize(RequestOf(files, top)).netlist, ThreeCells(), options);
}

TEST(AnalyzeTiming, FindsThePeriodThatPaperGives) {
  TimingOptions options;
  options.period = 2e-9;
  const TimingResult result = TimingOf({kTiny}, "tiny", options);
  EXPECT_NEAR(result.min_period, 0.95e-9, 1e-15);  // register 0.5, NAND2 0.2, setup 0.25 ns
  EXPECT_NEAR(*result.slack, 1.05e-9, 1e-14);
  EXPECT_NEAR(result.setup, 0.25e-9, 1e-14);
  EXPECT_THAT(result.from, ::testing::AnyOf("a_q", "b_q"));
  EXPECT_EQ(result.to, "q_o");
  ASSERT_EQ(result.stages.size(), 3u);
  EXPECT_EQ(result.stages[0].cell, "DFF");
  EXPECT_NEAR(result.stages[0].arrival, 0.5e-9, 1e-14);
  EXPECT_EQ(result.stages[1].cell, "NAND2");
  EXPECT_NEAR(result.stages[1].arrival, 0.7e-9, 1e-14);
  EXPECT_EQ(result.stages[2].instance, "q_o_reg");
}

TEST(AnalyzeTiming, WorstPathsOfQueries) {
  TimingOptions options;
  options.queries = {{{"q_o"}, {}, {}},
                     {{}, {"a_q_reg", "b_q_reg"}, {}},
                     {{}, {"q_o_reg"}, {"b_q_reg"}},
                     {{"q_o"}, {}, {"a_q_reg"}}};
  const TimingResult result = TimingOf({kTiny}, "tiny", options);
  ASSERT_EQ(result.paths.size(), 4u);
  EXPECT_NEAR(result.paths[0]->period, 0.5e-9, 1e-14);  // the register alone
  EXPECT_EQ(result.paths[0]->from, "q_o");
  EXPECT_NEAR(result.paths[1]->period, 0.25e-9, 1e-14);  // from a port: setup alone
  EXPECT_NEAR(result.paths[2]->period, 0.95e-9, 1e-14);
  EXPECT_NEAR(result.paths[2]->setup, 0.25e-9, 1e-14);
  EXPECT_EQ(result.paths[2]->from, "b_q");
  EXPECT_EQ(result.paths[2]->stages.size(), 3u);
  EXPECT_FALSE(result.paths[3].has_value());
  EXPECT_NEAR(result.min_period, 0.95e-9, 1e-15);
}

TEST(WithoutWireLoads, RenamesWhatChoosesAWireLoadAndNothingElse) {
  EXPECT_EQ(WithoutWireLoads("default_wire_load : \"a\";\nwire_load (\"a\") { slope : 1; }\n"
                             "wire_load_selection (b) {}default_wire_load_selection:b;\n"
                             "default_wire_load_mode : top; my_default_wire_load : 1;"),
            "unused_default_wire_load : \"a\";\nwire_load (\"a\") { slope : 1; }\n"
            "unused_wire_load_selection (b) {}unused_default_wire_load_selection:b;\n"
            "default_wire_load_mode : top; my_default_wire_load : 1;");
}

TEST(AnalyzeTiming, WireLoadsThatALibraryChoosesAreNotTaken) {
  constexpr const char* kOsu = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  if (!std::filesystem::exists(kOsu)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const std::string text = ReadFile(kOsu);
  const std::size_t cells = text.find("cell (");
  ASSERT_NE(cells, std::string::npos);
  const std::string loads =
      "wire_load (\"long\") { resistance : 0; capacitance : 1; area : 0; slope : 1;\n"
      "  fanout_length (1, 1); }\n";
  const std::string selection =
      "wire_load_selection (\"any\") { wire_load_from_area (0, 1e9, \"long\"); }\n";
  const auto period = [&](const std::string& more) {
    const ScratchFolder folder;
    WriteFile(folder.path() / "wires.lib", text.substr(0, cells) + more + text.substr(cells));
    const std::vector<Library> libraries = {ReadLiberty(folder.path() / "wires.lib")};
    SynthesisRequest request = RequestOf({kTiny}, "tiny");
    request.libraries = &libraries;
    return AnalyzeTiming(Synthesize(request).netlist, libraries, {}).min_period;
  };
  const double without = period("");
  EXPECT_EQ(period(loads + "default_wire_load : \"long\";\n"), without);
  EXPECT_EQ(period(loads + selection), without);
}

TEST(AnalyzeTiming, QueriesFindBracketsAndBuses) {
  TimingOptions options;
  options.queries = {{{}, {"u_second/line_q[2]_reg"}, {}}, {{"d_o"}, {}, {}}};
  const TimingResult result = TimingOf({kLines, kLine}, "lines", options);
  EXPECT_NEAR(result.paths.at(0)->period, 0.75e-9, 1e-14);
  EXPECT_EQ(result.paths.at(0)->to, "u_second line_q[2]");
  EXPECT_NEAR(result.paths.at(1)->period, 0.5e-9, 1e-14);
}

TEST(AnalyzeTiming, QueriesOfWhatIsNotThereAreRefused) {
  const auto refused = [](const PathQuery& query) -> std::string {
    TimingOptions options;
    options.queries = {query};
    try {
      TimingOf({kTiny}, "tiny", options);
    } catch (const RequestError& error) {
      return error.what();
    }
    return "not refused";
  };
  EXPECT_THAT(refused({{"q_o"}, {"c_q_reg"}, {}}), HasSubstr("c_q_reg"));
  EXPECT_THAT(refused({{"a_i"}, {}, {}}), HasSubstr("a_i"));
  EXPECT_THAT(refused({}), HasSubstr("no place"));
}

TEST(AnalyzeTiming, DelaysOfPortsCount) {
  TimingOptions options;
  options.input_delay = 3e-9;
  const TimingResult result = TimingOf({kTiny}, "tiny", options);
  EXPECT_NEAR(result.min_period, 3.25e-9, 1e-15);
  EXPECT_THAT(result.from, ::testing::AnyOf("a_i", "b_i"));
  EXPECT_EQ(result.stages[0].cell, "in");
}

TEST(AnalyzeTiming, NamesBlocksOnThePath) {
  const TimingResult result = TimingOf({kLines, kLine}, "lines");
  EXPECT_NEAR(result.min_period, 0.75e-9, 1e-15);
  EXPECT_THAT(result.from, HasSubstr("line_q["));
  EXPECT_THAT(result.stages[0].net, HasSubstr("/line_q["));
}

TEST(AnalyzeTiming, HalfCyclesAreFoundBySearch) {
  const rtl::File file{"half.v", R"v(
module half (input wire clk_i, input wire n_i, input wire a_i, output reg q_o);
  reg a_q;
  wire inverted = ~clk_i;
  always @(posedge clk_i) a_q <= a_i;
  always @(posedge inverted) q_o <= ~(a_q & n_i);
endmodule
)v"};
  // T/2 = 0.5 + 0.2 + 0.25 ns; the clock is ideal, behind the inverter as well.
  EXPECT_NEAR(TimingOf({file}, "half").min_period, 1.9e-9, 1e-15);
}

TEST(AnalyzeTiming, AClockThatIsNoInputIsRefused) {
  TimingOptions options;
  options.clock = "clock";
  EXPECT_THROW(TimingOf({kTiny}, "tiny", options), RequestError);
}

TEST(AnalyzeTiming, ALoopThroughModulesIsRefused) {
  const NetlistModule gate = ModuleBuilderForTests("gate")
                                 .In("a")
                                 .Out("y", "y")
                                 .Cell("u_inv", "INV", {{"A", "a"}, {"Y", "y"}})
                                 .Done();
  const NetlistModule top = ModuleBuilderForTests("top")
                                .In("clk_i")
                                .Cell("u_gate", "gate", {{"a", "n"}, {"y", "m"}}, true)
                                .Cell("u_nand", "NAND2", {{"A", "m"}, {"B", "q"}, {"Y", "n"}})
                                .Cell("q_reg", "DFF", {{"CK", "clk_i"}, {"D", "n"}, {"Q", "q"}})
                                .Out("q_o", "q")
                                .Done();
  try {
    AnalyzeTiming({{gate, top}}, ThreeCells(), {});
    FAIL();
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("combinational loop: "));
    EXPECT_THAT(error.what(), HasSubstr("u_gate/u_inv"));
  }
}

/// `count` lines of three registers between a common input and ports.
std::vector<rtl::File> ManyLines(int count) {
  std::string text = fmt::format(
      "module many (input wire clk_i, input wire d_i, output wire [{}:0] d_o);\n"
      "  genvar i;\n  generate for (i = 0; i < {}; i = i + 1) begin : g_line\n"
      "    line #(.Width(3)) u_line (.clk_i(clk_i), .d_i(d_i), .d_o(d_o[i]));\n"
      "  end endgenerate\nendmodule\n",
      count - 1, count);
  return {{"many.v", text}, kLine};
}

TEST(MakeStaView, LeavesOutTheMiddleOfALargeDesignAndSaysSo) {
  const SynthesisResult result = Synthesize(RequestOf(ManyLines(12), "many"));
  const StaView whole = MakeStaView(result.netlist, ThreeCells(), 1000);
  EXPECT_EQ(whole.left_out, "");
  EXPECT_EQ(whole.liberty, "");
  const StaView part = MakeStaView(result.netlist, ThreeCells(), 20);
  EXPECT_EQ(part.left_out, "9 of 12 line");
  std::vector<std::string> kept;
  for (const NetlistInstance& instance : part.netlist.top().instances) {
    if (instance.is_module) kept.push_back(instance.name);
  }
  EXPECT_THAT(kept, ::testing::UnorderedElementsAre("g_line[0].u_line", "g_line[1].u_line",
                                                    "g_line[11].u_line"));
}

TEST(MakeStaView, APartHasTheSamePeriodAsTheWhole) {
  const SynthesisResult result = Synthesize(RequestOf(ManyLines(12), "many"));
  TimingOptions options;
  const TimingResult whole = AnalyzeTiming(result.netlist, ThreeCells(), options);
  options.max_cells = 20;
  const TimingResult part = AnalyzeTiming(result.netlist, ThreeCells(), options);
  EXPECT_EQ(whole.left_out, "");
  EXPECT_NE(part.left_out, "");
  EXPECT_EQ(part.min_period, whole.min_period);
}

TEST(MakeStaView, ModulesThatPathsLeadThroughStay) {
  const NetlistModule gate = ModuleBuilderForTests("gate")
                                 .In("a")
                                 .Out("y", "y")
                                 .Cell("u_inv", "INV", {{"A", "a"}, {"Y", "y"}})
                                 .Done();
  ModuleBuilderForTests top("top");
  top.In("n0");
  for (int i = 0; i < 9; ++i) {
    top.Cell(fmt::format("u{}", i), "gate",
             {{"a", fmt::format("n{}", i)}, {"y", fmt::format("n{}", i + 1)}}, true);
  }
  top.Out("y", "n9");
  EXPECT_EQ(MakeStaView({{gate, top.Done()}}, ThreeCells(), 2).left_out, "");
}

/// Nine cells in a chain: each hands `pass` on through an inverter, which the next one registers
/// or, `through`, hands on in turn.
Netlist Chain(bool through) {
  const NetlistModule step =
      ModuleBuilderForTests("step")
          .In("clk_i")
          .In("start")
          .In("pass")
          .Out("y", "y")
          .Cell("u_inv", "INV", {{"A", through ? "pass" : "start"}, {"Y", "y"}})
          .Cell("u_reg", "DFF", {{"CK", "clk_i"}, {"D", through ? "start" : "pass"}, {"Q", "q"}})
          .Done();
  ModuleBuilderForTests top("top");
  top.In("clk_i").In("start").In("n0");
  for (int i = 0; i < 9; ++i) {
    top.Cell(fmt::format("u{}", i), "step",
             {{"clk_i", "clk_i"},
              {"start", "start"},
              {"pass", fmt::format("n{}", i)},
              {"y", fmt::format("n{}", i + 1)}},
             true);
  }
  return {{step, top.Done()}};
}

TEST(MakeStaView, APathFromATwinIntoARegisterOfTheNextIsShownByTheFirstTwo) {
  EXPECT_EQ(MakeStaView(Chain(false), ThreeCells(), 2).left_out, "6 of 9 step");
  EXPECT_EQ(MakeStaView(Chain(true), ThreeCells(), 2).left_out, "");
}

TEST(MakeStaView, TwinsWhosePathsGoElsewhereStay) {
  Netlist chain = Chain(false);
  chain.modules.back().ports.push_back(
      {"y_o", PortDirection::kOutput, {static_cast<Net>(chain.top().nets.size() - 1)}});
  EXPECT_EQ(MakeStaView(chain, ThreeCells(), 2).left_out, "");
}

TEST(AnalyzeTiming, MacrosWithoutALibraryAreNamed) {
  SynthesisRequest request = RequestOf({kLines, kLine}, "lines");
  request.black_boxes = {"line"};
  const rtl::File top{"top.v", R"v(
module top (input wire clk_i, input wire d_i, output reg d_o);
  wire d;
  reg q;
  line #(.Width(5)) u_line (.clk_i(clk_i), .d_i(q), .d_o(d));
  always @(posedge clk_i) begin
    q <= d_i;
    d_o <= d;
  end
endmodule
)v"};
  request.files = {top, kLine};
  request.top = "top";
  const TimingResult result =
      AnalyzeTiming(Synthesize(request).netlist, ThreeCells(), TimingOptions{});
  EXPECT_THAT(result.unknown_macros, ::testing::ElementsAre("line_Width5"));
  EXPECT_NEAR(result.min_period, 0.5e-9, 1e-15);  // to the output d_o
}

}  // namespace
}  // namespace systole
