// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/synthesize.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gen/config/array_config.h"
#include "gen/systolic/systolic_core.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Synthesize, ATinyDesignHasTheAreaThatPaperGives) {
  const SynthesisResult result = Synthesize(RequestOf({kTiny}, "tiny"));
  EXPECT_EQ(result.area.total.area, 33);
  EXPECT_EQ(result.mapped.total.area, 33);
  EXPECT_EQ(result.area.total.registers, 3u);
  EXPECT_EQ(result.area.total.types,
            (std::map<std::string, std::uint64_t>{{"DFF", 3}, {"NAND2", 1}}));
}

TEST(Synthesize, RegistersAreNamedAsInTheRtl) {
  const SynthesisResult result = Synthesize(RequestOf({kTiny}, "tiny"));
  std::vector<std::string> names;
  for (const NetlistInstance& instance : result.netlist.top().instances) {
    if (instance.type == "DFF") names.push_back(instance.name);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("a_q_reg", "b_q_reg", "q_o_reg"));
}

TEST(Synthesize, EveryDistinctModuleIsMadeOnce) {
  const SynthesisResult result = Synthesize(RequestOf({kLines, kLine}, "lines"));
  EXPECT_EQ(result.modules_made, 3u);
  ASSERT_EQ(result.area.modules.size(), 3u);
  EXPECT_EQ(result.area.modules[0].module, "line_Width2");
  EXPECT_EQ(result.area.modules[1].module, "line_Width3");
  EXPECT_EQ(result.area.modules[1].instances, 2u);
  EXPECT_EQ(result.area.total.area, 8 * 10);
}

TEST(Synthesize, FlatAndHierarchicalHaveTheSameRegisters) {
  SynthesisRequest request = RequestOf({kLines, kLine}, "lines");
  request.options.flatten = true;
  const SynthesisResult flat = Synthesize(request);
  EXPECT_EQ(flat.netlist.modules.size(), 1u);
  EXPECT_EQ(flat.area.total.area, 8 * 10);
}

TEST(Synthesize, BlackBoxesAreMacrosWithAreasOfTheHook) {
  SynthesisRequest request = RequestOf({kLines, kLine}, "lines");
  request.black_boxes = {"line"};
  SynthesisResult result = Synthesize(request);
  ASSERT_EQ(result.area.macros.size(), 2u);
  EXPECT_EQ(result.area.macros[1].type, "line_Width3");
  EXPECT_EQ(result.area.macros[1].instances, 2u);
  EXPECT_FALSE(result.area.macros[1].area);
  EXPECT_EQ(result.area.total.area, 0);
  request.macro_liberty = [](const std::vector<MacroUse>& uses) {
    std::string text = "library(lines) {\n";
    for (const MacroUse& use : uses) {
      EXPECT_EQ(use.block, "line");
      text += fmt::format(
          "cell({}) {{ area : {}; pin(clk_i) {{ direction : input; }}\n"
          "pin(d_i) {{ direction : input; }} pin(d_o) {{ direction : output; }} }}\n",
          use.type, 100 * use.parameters.at("Width"));
    }
    return text + "}\n";
  };
  result = Synthesize(request);
  EXPECT_EQ(result.area.total.area, 200 + 300 + 300);
  EXPECT_EQ(result.area.total.macro_area, 800);
  EXPECT_EQ(result.libraries.size(), 2u);
}

TEST(Synthesize, TheCacheGivesTheSameAndADamagedEntryIsMadeAgain) {
  const ScratchFolder cache;
  SynthesisRequest request = RequestOf({kLines, kLine}, "lines");
  request.use_cache = true;
  request.cache_dir = cache.path();
  const SynthesisResult first = Synthesize(request), second = Synthesize(request);
  EXPECT_EQ(first.modules_made, 3u);
  EXPECT_EQ(second.modules_made, 0u);
  EXPECT_EQ(second.area.total.area, first.area.total.area);
  for (const auto& entry : fs::directory_iterator(cache.path() / "synth")) {
    const std::string text = ReadFile(entry.path());
    WriteFile(entry.path(), text.substr(0, text.size() / 2));
  }
  const SynthesisResult third = Synthesize(request);
  EXPECT_EQ(third.modules_made, 3u);
  EXPECT_EQ(third.area.total.area, first.area.total.area);
  EXPECT_EQ(Synthesize(request).modules_made, 0u);
}

TEST(Synthesize, WhatChangesTheResultChangesTheKey) {
  const ScratchFolder cache;
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.use_cache = true;
  request.cache_dir = cache.path();
  EXPECT_EQ(Synthesize(request).modules_made, 1u);
  request.options.synth_options = "-noalumacc";
  EXPECT_EQ(Synthesize(request).modules_made, 1u);
  request.options = {};
  request.files[0].text += "// another text\n";
  EXPECT_EQ(Synthesize(request).modules_made, 1u);
  std::vector<Library> libraries = ThreeCells();
  libraries[0].hash = "another library";
  request.libraries = &libraries;
  EXPECT_EQ(Synthesize(request).modules_made, 1u);
  EXPECT_EQ(Synthesize(request).modules_made, 0u);
}

TEST(Synthesize, ReportsWhereTheResultComesFrom) {
  const Provenance provenance = Synthesize(RequestOf({kTiny}, "tiny")).provenance;
  EXPECT_THAT(provenance.yosys, HasSubstr("Yosys"));
  EXPECT_THAT(provenance.libraries, ElementsAre("three_cells " + ThreeCells()[0].hash));
  EXPECT_THAT(provenance.options, HasSubstr("hierarchical"));
  EXPECT_EQ(provenance.rtl_hash.size(), 32u);
}

/// A core of narrow numbers.
double ArrayArea(int rows, int cols, Dataflow dataflow, const fs::path& cache) {
  ArrayConfig config;
  config.rows = rows;
  config.cols = cols;
  config.dataflow = dataflow;
  config.data_width = 4;
  config.acc_width = 8;
  SynthesisRequest request =
      RequestOf(rtl::VerilogFiles(BuildSystolicCore(config)), "systolic_core");
  request.use_cache = true;
  request.cache_dir = cache;
  request.jobs = 2;
  return Synthesize(request).area.total.area;
}

TEST(Synthesize, MoreRowsAreNeverSmaller) {
  const ScratchFolder cache;
  double last = 0;
  for (const int rows : {1, 2}) {
    const double area = ArrayArea(rows, 1, Dataflow::kOs, cache.path());
    EXPECT_GT(area, last) << rows;
    last = area;
  }
}

}  // namespace
}  // namespace systole
