// SPDX-License-Identifier: Apache-2.0
// Libraries of real processes. Expected values are read off the files by eye.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "synth/liberty/function.h"
#include "synth/liberty/library.h"

namespace systole {
namespace {

using ::testing::IsEmpty;

const std::filesystem::path kDebian = "/usr/share/qflow/tech";

std::filesystem::path Given(const std::string& name) {
  const char* folder = std::getenv("SYSTOLE_LIBERTY_DIR");
  return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder) / name;
}

/// Every function and condition of a library reads, over its cell's pins and state.
std::size_t ReadFunctions(const Library& library) {
  std::size_t functions = 0;
  for (const Cell& cell : library.cells) {
    std::vector<std::string> names;
    for (const CellPin& pin : cell.pins) names.push_back(pin.name);
    if (cell.sequential) {
      names.push_back(cell.sequential->state);
      names.push_back(cell.sequential->inverted_state);
    }
    const auto read = [&](const std::string& text) {
      if (text.empty()) return;
      EXPECT_NO_THROW(LogicFunction(text, names)) << cell.name;
      ++functions;
    };
    for (const CellPin& pin : cell.pins) {
      read(pin.function);
      for (const PowerArc& arc : pin.power) read(arc.when);
    }
    for (const LeakageState& state : cell.leakage_states) read(state.when);
  }
  return functions;
}

TEST(DebianLibraries, Osu018IsReadInFull) {
  const auto path = kDebian / "osu018/osu018_stdcells.lib";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no qflow-tech-osu018";
  const Library library = ReadLiberty(path);
  EXPECT_EQ(library.cells.size(), 32u);
  EXPECT_THAT(library.warnings, IsEmpty());
  EXPECT_DOUBLE_EQ(library.voltage, 1.8);
  EXPECT_DOUBLE_EQ(library.Nand2Area(), 24);
  EXPECT_GT(ReadFunctions(library), 30u);
  const Cell* nand = library.Find("NAND2X1");
  EXPECT_DOUBLE_EQ(nand->leakage, 0.0393659e-9);
  EXPECT_DOUBLE_EQ(nand->FindPin("B")->capacitance, 0.0129035e-12);
  // cell_rise of A: third row is load 25 fF, second column is slew 180 ps.
  EXPECT_DOUBLE_EQ(nand->FindPin("Y")->timing[0].delay_rise.At(0.18e-9, 0.025e-12), 0.133733e-9);
  const Cell* flop = library.Find("DFFPOSX1");
  EXPECT_EQ(flop->sequential->state, "DS0000");
  EXPECT_DOUBLE_EQ(flop->FindPin("CLK")->power[0].fall.At(0.24e-9, 0), 0.129769e-12);
  EXPECT_DOUBLE_EQ(flop->FindPin("Q")->power[0].rise.At(0.24e-9, 0.15e-12), 0.06208e-12);
}

TEST(DebianLibraries, OlderNodesAreReadInFull) {
  if (!std::filesystem::exists(kDebian / "osu035")) GTEST_SKIP() << "no qflow-tech-osu035";
  const Library osu035 = ReadLiberty(kDebian / "osu035/osu035_stdcells.lib");
  EXPECT_EQ(osu035.cells.size(), 39u);
  EXPECT_DOUBLE_EQ(osu035.voltage, 3.3);
  EXPECT_DOUBLE_EQ(osu035.Nand2Area(), 96);
  if (!std::filesystem::exists(kDebian / "osu050")) GTEST_SKIP() << "no qflow-tech-osu050";
  const Library osu050 = ReadLiberty(kDebian / "osu050/osu05_stdcells.lib");
  EXPECT_EQ(osu050.cells.size(), 39u);
  EXPECT_DOUBLE_EQ(osu050.voltage, 5);
  EXPECT_DOUBLE_EQ(osu050.Nand2Area(), 216);
}

TEST(GivenLibraries, Ihp130StandardCells) {
  const auto path = Given("sg13g2_stdcell_typ_1p20V_25C.lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no IHP library";
  const Library library = ReadLiberty(path);
  EXPECT_EQ(library.cells.size(), 84u);
  EXPECT_DOUBLE_EQ(library.voltage, 1.2);
  EXPECT_DOUBLE_EQ(library.Nand2Area(), 7.2576);
  EXPECT_GT(ReadFunctions(library), 500u);
  const Cell* flop = library.Find("sg13g2_dfrbp_1");
  EXPECT_DOUBLE_EQ(flop->area.value(), 52.6176);
  EXPECT_DOUBLE_EQ(flop->leakage, 567.01e-12);
  EXPECT_EQ(flop->leakage_states.size(), 12u);
  EXPECT_TRUE(flop->FindPin("Q")->timing[1].asynchronous);
}

TEST(GivenLibraries, Ihp130MemoryMacro) {
  const auto path = Given("RM_IHPSG13_1P_256x64_c2_bm_bist_typ_1p20V_25C.lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no IHP macro";
  const Library library = ReadLiberty(path);
  const Cell* macro = library.Find("RM_IHPSG13_1P_256x64_c2_bm_bist");
  ASSERT_NE(macro, nullptr);
  EXPECT_TRUE(macro->memory);
  EXPECT_DOUBLE_EQ(macro->area.value(), 93180.5344);
  EXPECT_DOUBLE_EQ(macro->leakage, 198.0155e-9);
  EXPECT_DOUBLE_EQ(macro->FindPin("A_ADDR[6]")->capacitance, 0.0109212e-12);
  const CellPin* clock = macro->FindPin("A_CLK");
  EXPECT_EQ(clock->power.size(), 8u);
  EXPECT_EQ(clock->power[4].when, "A_MEN  & !A_WEN & A_REN");
  EXPECT_DOUBLE_EQ(clock->power[4].rise.At(0, 0), 49.634e-12);
  const CellPin* out = macro->FindPin("A_DOUT[63]");
  EXPECT_DOUBLE_EQ(out->max_capacitance.value(), 6.4e-14);
  ASSERT_EQ(out->timing.size(), 1u);
  EXPECT_TRUE(out->timing[0].clock_edge);
  EXPECT_DOUBLE_EQ(out->timing[0].delay_rise.At(0.04e-9, 0.01e-12), 3.0984e-9);
}

TEST(GivenLibraries, Sky130ReadsInAboutASecond) {
  const auto path = Given("sky130hd_tt.lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no SKY130 library";
  const auto begin = std::chrono::steady_clock::now();
  const Library library = ReadLiberty(path);
  // 0.3 s alone; the bound leaves room for a busy machine.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(library.cells.size(), 428u);
  EXPECT_DOUBLE_EQ(library.Nand2Area(), 3.7536);
  EXPECT_GT(ReadFunctions(library), 6000u);
  EXPECT_DOUBLE_EQ(library.Find("sky130_fd_sc_hd__dfrtp_1")->FindPin("D")->capacitance,
                   0.001977e-12);
}

}  // namespace
}  // namespace systole
