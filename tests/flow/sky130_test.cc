// SPDX-License-Identifier: Apache-2.0
// Cells for power management, on a small library and on SKY130.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gen/systolic/systolic_core.h"
#include "synth/flow/amend_cells.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// The three cells and an isolation cell that is a smaller NAND.
std::vector<Library> WithIsolation(const fs::path& folder, const std::string& mark) {
  std::string text = ReadFile(ThreeCells()[0].path);
  const std::size_t end = text.rfind('}');
  text.insert(end, "  cell (\"ISO\") {\n    area : 1;\n    " + mark +
                       "\n    pin (A) { direction : input; capacitance : 0.001; }\n"
                       "    pin (B) { direction : input; capacitance : 0.001; }\n"
                       "    pin (Y) { direction : output; function : \"!(A B)\"; }\n  }\n");
  WriteFile(folder / "isolation.lib", text);
  return {ReadLiberty(folder / "isolation.lib")};
}

TEST(PowerCells, AreNotTakenForGates) {
  for (const char* mark :
       {"is_isolation_cell : \"true\";", "is_level_shifter : true;", "always_on : true;",
        "retention_cell : \"kind\";", "switch_cell_type : coarse_grain;"}) {
    const ScratchFolder folder;
    const std::vector<Library> libraries = WithIsolation(folder.path(), mark);
    EXPECT_THAT(Amendments(libraries[0]), ElementsAre(Pair("ISO", "dont_use : true;"))) << mark;
    SynthesisRequest request = RequestOf({kTiny}, "tiny");
    request.libraries = &libraries;
    EXPECT_EQ(Synthesize(request).area.total.area, 33) << mark;
  }
  // Without the mark the smaller cell is taken: the test can fail.
  const ScratchFolder folder;
  const std::vector<Library> libraries = WithIsolation(folder.path(), "");
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.libraries = &libraries;
  EXPECT_EQ(Synthesize(request).area.total.area, 31);
}

TEST(AmendCells, MarksTheNamedCellsAndMovesNoLine) {
  const std::string text =
      "library(x) {\n  cell (A) { area : 1; }\n  cell(\"AB\"){\n  }\n  my_cell (AB) { }\n"
      "  cell_leakage : AB;\n  cell\n( AB ) {\n";
  EXPECT_EQ(AmendCells(text, {{"AB", "dont_use : true;"}}),
            "library(x) {\n  cell (A) { area : 1; }\n  cell(\"AB\"){ dont_use : true;\n  }\n"
            "  my_cell (AB) { }\n  cell_leakage : AB;\n  cell\n( AB ) { dont_use : true;\n");
  EXPECT_EQ(AmendCells(text, {}), text);
  EXPECT_EQ(AmendCells("cell", {{"AB", "x"}}), "cell");
  EXPECT_EQ(AmendCells("cell(A", {{"A", "x"}}), "cell(A");
}

TEST(Sky130, ACoreIsMappedWithoutPowerCellsAndTimed) {
  const char* folder = std::getenv("SYSTOLE_LIBERTY_DIR");
  if (folder == nullptr) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR is not set";
  fs::path path = fs::path(folder) / "sky130hd_tt.lib";
  if (!fs::exists(path)) path += ".gz";
  if (!fs::exists(path)) GTEST_SKIP() << path << " is not there";
  const std::vector<Library> libraries = {ReadLiberty(path)};
  ArrayConfig config;
  config.rows = 2;
  config.cols = 2;
  SynthesisRequest request =
      RequestOf(rtl::VerilogFiles(BuildSystolicCore(config)), "systolic_core");
  request.libraries = &libraries;
  request.use_cache = true;
  request.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  const SynthesisResult result = Synthesize(request);
  for (const auto& [type, count] : result.area.total.types) {
    EXPECT_THAT(type, Not(HasSubstr("lpflow"))) << count;
  }
  EXPECT_EQ(result.area.total.types.contains("sky130_fd_sc_hd__dfxtp_1"), true);
  EXPECT_LE(result.warnings.size(), 2u);
  // SKY130's NAND2 has 3.75 um2: the same core in OSU 0.18 has 37 kGE.
  EXPECT_GT(result.area.total.area / libraries[0].Nand2Area(), 20e3);
  EXPECT_LT(result.area.total.area / libraries[0].Nand2Area(), 60e3);
  const TimingResult timing = AnalyzeTiming(result.netlist, result.libraries, {});
  EXPECT_GT(timing.min_period, 5e-9);
  EXPECT_LT(timing.min_period, 20e-9);
}

}  // namespace
}  // namespace systole
