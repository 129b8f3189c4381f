// SPDX-License-Identifier: Apache-2.0
#include "synth/power/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Two blocks of two modules; binary fractions, so that sums are exact.
PowerReport Report() {
  PowerReport report;
  report.cycles = 64;
  report.period = 0.5e-9;
  BlockPower top{.path = "top", .module = "top", .own = {}, .whole = {}};
  BlockPower row{.path = "u_row", .module = "row", .own = {}, .whole = {}};
  top.own[PowerGroup::kLogic] = {0.25, 0.125, 0.5};
  row.own[PowerGroup::kClock] = {2, 1, 0};
  row.whole = row.own;
  top.whole = top.own;
  top.whole += row.own;
  report.total = top.whole;
  report.modules = {{"row", 1, row.own}, {"top", 1, top.own}};
  report.blocks = {top, row};
  report.warnings = {"something is missing"};
  return report;
}

TEST(PowerJson, HoldsEveryFigureAndAddsUp) {
  const auto json = PowerJson(Report());
  EXPECT_EQ(json["watts"], 3.875);
  EXPECT_EQ(json["energy_per_cycle_j"], 3.875 * 0.5e-9);
  EXPECT_EQ(json["total"]["switching_w"], 2.25);
  EXPECT_EQ(json["groups"]["clock"]["internal_w"], 1.0);
  EXPECT_FALSE(json["groups"].contains("memories"));
  double blocks = 0, modules = 0;
  for (const auto& block : json["blocks"]) blocks += block["own_watts"].get<double>();
  for (const auto& module : json["modules"]) modules += module["watts"].get<double>();
  EXPECT_EQ(blocks, 3.875);
  EXPECT_EQ(modules, 3.875);
  EXPECT_EQ(json["blocks"][0]["whole_watts"], 3.875);
  EXPECT_EQ(json["warnings"][0], "something is missing");
}

TEST(PowerText, ShowsGroupsAndModulesByWhatTheyTake) {
  const std::string text = PowerText(Report());
  EXPECT_THAT(text, HasSubstr("3875 mW over 64 cycles of 0.5 ns, without cell delays"));
  EXPECT_THAT(text, HasSubstr("clock"));
  EXPECT_THAT(text, Not(HasSubstr("memories")));
  EXPECT_LT(text.find("row (1)"), text.find("top (1)"));
  EXPECT_THAT(text, HasSubstr("note: something is missing"));
}

}  // namespace
}  // namespace systole
