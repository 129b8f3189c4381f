// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/macro_figures.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/macros/arrange.h"
#include "synth/macros/reference_sram.h"

namespace systole {
namespace {

constexpr MacroNode kIhp = {0.13, 1.2};
constexpr MacroNode kOsu018 = {0.18, 1.8};

std::vector<Band> Bands(const MacroFigures& figures) {
  return {figures.area,   figures.read,    figures.write,
          figures.search, figures.leakage, figures.access};
}

TEST(ModelSram, GivesBackTheMacrosItIsMadeFrom) {
  for (const RealMacro& macro : Macros().macros) {
    if (macro.source != "sram.ihp") continue;
    SCOPED_TRACE(macro.name);
    const MacroFigures model = ModelSram({macro.depth, macro.width}, macro.node);
    EXPECT_NEAR(model.area.typical / macro.area, 1, 1e-6);
    EXPECT_NEAR(model.read.typical / macro.read.value(), 1, 2e-3);
    EXPECT_NEAR(model.write.typical / macro.write.value(), 1, 2e-3);
    EXPECT_NEAR(model.leakage.typical / macro.leakage, 1, 1e-3);
    EXPECT_NEAR(model.access.typical / macro.access, 1, 0.02);
  }
}

TEST(ModelSram, ScalesAreaWithTheSquareOfTheFeatureAndEnergyWithFeatureTimesVoltageSquared) {
  const MacroShape shape = {512, 64};
  const MacroFigures at130 = ModelSram(shape, kIhp), at180 = ModelSram(shape, kOsu018);
  EXPECT_NEAR(at180.area.typical / at130.area.typical, 0.0324 / 0.0169, 1e-12);
  EXPECT_NEAR(at180.read.typical / at130.read.typical, 0.18 / 0.13 * 2.25, 1e-12);
  EXPECT_NEAR(at180.write.typical / at130.write.typical, 0.18 / 0.13 * 2.25, 1e-12);
  EXPECT_NEAR(at180.access.typical / at130.access.typical, 0.18 / 0.13, 1e-12);
  EXPECT_NEAR(at180.leakage.typical / at130.leakage.typical, 1.5, 1e-12);
}

TEST(ModelSram, BandsReachTheOtherSources) {
  // OpenRAM's macro of the same size and node is the upper end of the area.
  EXPECT_NEAR(ModelSram({256, 64}, kIhp).area.high, 419462.7066, 1e-3);
  // TSMC's cell of 0.18 um is the lower end, the array alone compared with the array alone.
  const MacroFigures large = ModelSram({1 << 16, 1 << 10}, kOsu018);
  EXPECT_NEAR(large.area.low / (67108864.0 * 4.65), 1, 0.01);
  // Horowitz: 8 KB 10 pJ, 32 KB 20 pJ at 45 nm.
  constexpr MacroNode k45 = {0.045, 0.9};
  EXPECT_LE(ModelSram({1024, 64}, k45).read.low, 10e-12 * 1.0000001);
  EXPECT_LE(ModelSram({4096, 64}, k45).read.low, 20e-12 * 1.0000001);
  EXPECT_GE(ModelSram({1024, 64}, k45).read.typical, 10e-12);
}

TEST(ModelTcam, BandsReachThePublishedPoints) {
  const MacroFigures silicon = ModelTcam({1024, 144}, kOsu018);
  EXPECT_NEAR(silicon.search.low, 2.89e-15 * 1024 * 144, 1e-18);
  EXPECT_NEAR(silicon.search.typical, 2.89e-15 / 0.4 * 1024 * 144, 1e-17);
  EXPECT_NEAR(silicon.access.typical, 3e-9, 1e-15);
  EXPECT_NEAR(silicon.access.high, 7e-9, 1e-15);
  constexpr MacroNode kCacti = {0.045, 1.0};
  for (const auto& [entries, area, energy] :
       {std::tuple{64, 4315.0, 5.3e-12}, {128, 7297.0, 9.5e-12}, {256, 13231.0, 19.9e-12}}) {
    const MacroFigures cam = ModelTcam({entries, 32}, kCacti);
    EXPECT_NEAR(cam.area.high, 2 * area, 1e-6);
    EXPECT_NEAR(cam.search.high / energy, 1, 1e-12);
  }
  EXPECT_NEAR(ModelTcam({64, 32}, kCacti).access.low, 0.24e-9, 1e-18);
}

TEST(ModelTcam, ItsCellsAreThoseOfTheSource) {
  const double more =
      ModelTcam({200, 27}, kOsu018).area.typical - ModelTcam({100, 27}, kOsu018).area.typical;
  const double rows =
      ModelTcam({200, 1}, kOsu018).area.typical - ModelTcam({100, 1}, kOsu018).area.typical;
  EXPECT_NEAR((more - rows) / 2600, 17.54, 1e-9);
}

TEST(ModelTcam, ItsPeripheryIsThatOfAnSramWithTwoColumnsABit) {
  const ReferenceSram& sram = Reference();
  const double cells = 148 * 27 * 17.54 * (0.0169 / 0.0324);
  EXPECT_NEAR(ModelTcam({148, 27}, kIhp).area.typical, cells + 54 * sram.column + 148 * sram.row,
              1e-6);
  EXPECT_EQ(ModelTcam({148, 27}, kIhp).read, ModelSram({148, 54}, kIhp).read);
}

TEST(MacroModels, MoreIsNeverSmallerCheaperOrFaster) {
  const std::vector<int> sizes = {1, 2, 3, 8, 27, 32, 63, 64, 65, 148, 256, 300, 512, 1024, 4096};
  for (const auto& [name, model] : {std::pair{"sram", &ModelSram}, std::pair{"tcam", &ModelTcam}}) {
    for (const int fixed : sizes) {
      for (std::size_t i = 1; i < sizes.size(); ++i) {
        SCOPED_TRACE(
            fmt::format("{} {} after {}, other side {}", name, sizes[i], sizes[i - 1], fixed));
        const auto deep = Bands(model({sizes[i], fixed}, kIhp));
        const auto shallow = Bands(model({sizes[i - 1], fixed}, kIhp));
        const auto wide = Bands(model({fixed, sizes[i]}, kIhp));
        const auto narrow = Bands(model({fixed, sizes[i - 1]}, kIhp));
        for (std::size_t b = 0; b < deep.size(); ++b) {
          ASSERT_GE(deep[b].typical, shallow[b].typical) << b;
          ASSERT_GE(wide[b].typical, narrow[b].typical) << b;
          ASSERT_LE(deep[b].low, deep[b].typical) << b;
          ASSERT_LE(deep[b].typical, deep[b].high) << b;
        }
        ASSERT_GT(deep[0].low, 0);
        ASSERT_GT(deep[1].low, 0);
      }
    }
  }
}

TEST(MacroModels, RefuseWhatCannotBe) {
  EXPECT_THROW(ModelSram({0, 8}, kIhp), RequestError);
  EXPECT_THROW(ModelSram({8, -1}, kIhp), RequestError);
  EXPECT_THROW(ModelSram({8, 8}, {0, 1.2}), RequestError);
  EXPECT_THROW(ModelTcam({8, 8}, {0.13, -1}), RequestError);
  EXPECT_THROW(ModelTcam({8, 8}, {0.13, std::nan("")}), RequestError);
}

TEST(ArrangeSram, TakesTheMacroThatFitsExactly) {
  const Arrangement made = ArrangeSram({512, 64});
  EXPECT_EQ(made.macro.name, "RM_IHPSG13_1P_512x64_c2_bm_bist");
  EXPECT_EQ(made.across, 1);
  EXPECT_EQ(made.down, 1);
  EXPECT_EQ(made.unused_bits, 0);
  EXPECT_EQ(made.figures.area, Band::Exactly(150102.4032));
  EXPECT_EQ(made.figures.read, Band::Exactly(68.8967e-12));
}

TEST(ArrangeSram, CountsMacrosAndUnusedBits) {
  // Tags of 16 KB: 128 words of 21 bits. One 256x48 is smaller than one 512x32.
  const Arrangement tags = ArrangeSram({128, 21});
  EXPECT_EQ(tags.macro.depth, 256);
  EXPECT_EQ(tags.macro.width, 48);
  EXPECT_EQ(tags.unused_bits, 256 * 48 - 128 * 21);
  // 4096 x 100: an access wakes one row of macros, all of them leak.
  const Arrangement large = ArrangeSram({4096, 100});
  EXPECT_EQ(large.macro.depth, 2048);
  EXPECT_EQ(large.across, 2);
  EXPECT_EQ(large.down, 2);
  EXPECT_DOUBLE_EQ(large.figures.area.typical, 4 * 491633.616);
  EXPECT_DOUBLE_EQ(large.figures.read.typical, 2 * 122.394e-12);
  EXPECT_DOUBLE_EQ(large.figures.leakage.typical, 4 * 1584.1239e-9);
}

TEST(ArrangeSram, RefusesWhatItHasNoMacrosFor) {
  EXPECT_THROW(ArrangeSram({0, 8}), RequestError);
  EXPECT_THROW(ArrangeSram({8, 8}, "sram.openram"), RequestError);  // its energies are not known
  EXPECT_TRUE(HasRealSram(kIhp));
  EXPECT_FALSE(HasRealSram(kOsu018));
  EXPECT_FALSE(HasRealSram({0.13, 1.8}));
}

}  // namespace
}  // namespace systole
