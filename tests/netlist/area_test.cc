// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/area.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/netlist/make.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

NetlistModule Pair() {
  return ModuleBuilderForTests("pair")
      .In("clk")
      .In("a")
      .Out("y", "q")
      .Cell("u_inv", "INV", {{"A", "a"}, {"Y", "n"}})
      .Cell("q_reg", "DFF", {{"CK", "clk"}, {"D", "n"}, {"Q", "q"}})
      .Done();
}

NetlistModule Top() {
  return ModuleBuilderForTests("top")
      .In("clk")
      .In("a")
      .Out("y", "z")
      .Cell("u0", "pair", {{"clk", "clk"}, {"a", "a"}, {"y", "m"}}, true)
      .Cell("u1", "pair", {{"clk", "clk"}, {"a", "m"}, {"y", "o"}}, true)
      .Cell("u_nand", "NAND2", {{"A", "o"}, {"B", "1"}, {"Y", "z"}})
      .Done();
}

TEST(MeasureArea, IsCountsTimesAreas) {
  const DesignArea area = MeasureArea({{Pair(), Top()}}, ThreeCells());
  EXPECT_EQ(area.modules[0].instances, 2u);
  EXPECT_EQ(area.modules[0].cells, 2u);
  EXPECT_EQ(area.modules[0].area, 2 + 10);  // INV, DFF
  EXPECT_EQ(area.modules[1].area, 3);       // NAND2
  EXPECT_EQ(area.total.area, 2 * 12 + 3);
  EXPECT_EQ(area.total.cells, 5u);
  EXPECT_EQ(area.total.registers, 2u);
  EXPECT_EQ(area.total.types.at("DFF"), 2u);
}

TEST(MeasureArea, ACellOfNoLibraryIsAnErrorThatNamesIt) {
  NetlistModule module = Pair();
  module.instances[0].type = "XOR9";
  try {
    MeasureArea({{module}}, ThreeCells());
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cell XOR9 is in no library (three_cells)"));
  }
}

TEST(MeasureArea, ACellWithoutAnAreaIsAnErrorThatNamesIt) {
  std::vector<Library> libraries = ThreeCells();
  for (Cell& cell : libraries[0].cells) {
    if (cell.name == "INV") cell.area.reset();
  }
  try {
    MeasureArea({{Pair()}}, libraries);
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cell INV has no area"));
  }
}

TEST(MeasureArea, MacrosWithoutALibraryAreListedAndInNoSum) {
  NetlistModule module = Pair();
  module.instances[0].block = "ram";
  module.instances[0].type = "ram_Depth4";
  const DesignArea area = MeasureArea({{module}}, ThreeCells());
  ASSERT_EQ(area.macros.size(), 1u);
  EXPECT_EQ(area.macros[0].type, "ram_Depth4");
  EXPECT_EQ(area.macros[0].instances, 1u);
  EXPECT_FALSE(area.macros[0].area.has_value());
  EXPECT_EQ(area.total.area, 10);
}

TEST(MeasureArea, MacrosOfALibraryCount) {
  NetlistModule module = Pair();
  module.instances[0].block = "INV";
  const DesignArea area = MeasureArea({{module}}, ThreeCells());
  EXPECT_EQ(area.total.area, 12);
  EXPECT_EQ(area.total.macro_area, 2);
  EXPECT_EQ(area.total.cells, 1u);
}

}  // namespace
}  // namespace systole
