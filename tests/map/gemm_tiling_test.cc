// SPDX-License-Identifier: Apache-2.0
#include "sw/map/gemm_tiling.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/stimulus.h"

namespace systole {
namespace {

ConvAxis Axis(std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  ConvAxis axis{.input = input, .kernel = kernel, .stride = stride};
  axis.pad_before = axis.pad_after = kernel / 2;
  axis.output = (input + 2 * axis.pad_before - kernel) / stride + 1;
  return axis;
}

ArrayLayer Convolution(std::int64_t in, std::int64_t out, std::int64_t group,
                       const ConvAxis& axis) {
  ArrayLayer layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.group = group;
  layer.height = layer.width = axis;
  return layer;
}

ArrayConfig Os(int rows, int cols) {
  return {.rows = rows, .cols = cols, .dataflow = Dataflow::kOs};
}

ArrayLayer RandomLayer(Stimulus& random) {
  ArrayLayer layer;
  layer.weight_parts = static_cast<int>(random.Between(1, 3));
  if (random.Chance(50)) {
    layer.kind = ArrayLayer::Kind::kMatMul;
    layer.products = random.Between(1, 9);
    layer.m = random.Between(1, 70);
    layer.k = random.Between(1, 70);
    layer.n = random.Between(1, 70);
    return layer;
  }
  for (ConvAxis* axis : {&layer.height, &layer.width}) {
    axis->kernel = random.Between(1, 5);
    axis->stride = random.Between(1, 4);
    axis->dilation = random.Between(1, 3);
    axis->output = random.Between(1, 30);
    axis->input = (axis->output - 1) * axis->stride + (axis->kernel - 1) * axis->dilation + 1;
  }
  layer.batch = random.Between(1, 3);
  layer.group = random.Between(1, 40);
  layer.in_channels = layer.group * (random.Chance(160) ? 1 : random.Between(1, 5));
  layer.out_channels = layer.group * (random.Chance(128) ? 1 : random.Between(1, 40));
  return layer;
}

TEST(PlanGemm, CoversEveryChannelOfEveryProductOnce) {
  constexpr std::uint64_t kSeed = 51;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 2000; ++trial) {
    const ArrayLayer layer = RandomLayer(random);
    const ArrayConfig config =
        Os(static_cast<int>(random.Between(1, 64)), static_cast<int>(random.Between(1, 64)));
    const PlaneProducts planes = PlaneProductsOf(layer);
    for (const MappingSet mappings : {MappingSet::kBasic, MappingSet::kBest}) {
      const Tiling tiling = PlanGemm(layer, config, mappings);
      SCOPED_TRACE(fmt::format("seed {}, trial {}: {} on {} as {}", kSeed, trial, ToString(layer),
                               ToString(config), tiling.mapping));
      std::set<std::pair<std::int64_t, std::int64_t>> seen;
      for (const GemmPart& part : tiling.parts) {
        ASSERT_EQ(part.groups % part.tile_groups, 0);
        ASSERT_EQ(part.channels % part.tile_channels, 0);
        ASSERT_LE(part.Columns(), config.cols);
        ASSERT_LE(part.tile_rows, config.rows);
        ASSERT_EQ(part.tile_groups % part.row_groups, 0);
        for (std::int64_t g = 0; g < part.groups; ++g) {
          for (std::int64_t c = 0; c < part.channels; ++c) {
            ASSERT_TRUE(seen.emplace(part.first_group + g, part.first_channel + c).second);
          }
        }
      }
      ASSERT_EQ(seen.size(), static_cast<std::size_t>(planes.products * planes.out_channels));
    }
  }
}

TEST(PlanGemm, KnowsTheSizeOfABlocksWindow) {
  constexpr std::uint64_t kSeed = 52;
  Stimulus random(kSeed);
  int blocked = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const ArrayLayer layer = RandomLayer(random);
    const PlaneProducts planes = PlaneProductsOf(layer);
    const Tiling tiling = PlanGemm(layer, Os(32, 48), MappingSet::kBest);
    SCOPED_TRACE(
        fmt::format("seed {}, trial {}: {} as {}", kSeed, trial, ToString(layer), tiling.mapping));
    for (const GemmPart& part : tiling.parts) {
      blocked += part.Positions() > 1 ? 1 : 0;
      ASSERT_EQ(part.window, planes.in_channels *
                                 std::ssize(WindowOf(planes.height, part.block_height)) *
                                 std::ssize(WindowOf(planes.width, part.block_width)));
    }
  }
  EXPECT_GT(blocked, 200);
}

TEST(PlanGemm, LeavesFullColumnsAsTheyAre) {
  const ArrayLayer layer = Convolution(32, 64, 1, Axis(28, 3, 1));
  EXPECT_EQ(PlanGemm(layer, Os(32, 32), MappingSet::kBest).parts,
            PlanGemm(layer, Os(32, 32), MappingSet::kBasic).parts);
}

TEST(PlanGemm, FillsTheColumnsOfAStemWithASecondPixel) {
  // 27 steps drain for 64 cycles; with two pixels, 45 steps drain for 64.
  const Tiling tiling =
      PlanGemm(Convolution(3, 32, 1, Axis(224, 3, 2)), Os(64, 64), MappingSet::kBest);
  EXPECT_EQ(tiling.mapping, "gemm blocked 1x2");
  ASSERT_EQ(tiling.parts.size(), 1u);
  EXPECT_EQ(tiling.parts[0].window, 45);
  EXPECT_EQ(tiling.TileCount(), 98u);
}

TEST(PlanGemm, GivesADepthwisePlaneAllColumns) {
  const Tiling tiling =
      PlanGemm(Convolution(32, 32, 32, Axis(112, 3, 1)), Os(64, 64), MappingSet::kBest);
  EXPECT_EQ(tiling.mapping, "depthwise-os blocked 7x7");
  EXPECT_EQ(tiling.TileCount(), 32u * 4u);
  EXPECT_EQ(tiling.blocks[0].runs[0].steps, 81u);
}

TEST(PlanGemm, PutsChannelsWithSmallPlanesAbreast) {
  // 7x7 in 16 blocks of 2x2: four channels on 64 rows, four times one after the other.
  const Tiling tiling =
      PlanGemm(Convolution(960, 960, 960, Axis(7, 3, 1)), Os(64, 64), MappingSet::kBest);
  EXPECT_EQ(tiling.mapping, "depthwise-os blocked 2x2 x16");
  ASSERT_EQ(tiling.parts.size(), 1u);
  EXPECT_EQ(tiling.parts[0].row_groups, 4);
  EXPECT_EQ(tiling.parts[0].Slots(), 4);
  EXPECT_EQ(tiling.blocks[0].runs[0].steps, 64u);
  EXPECT_EQ(tiling.TileCount(), 60u);
}

}  // namespace
}  // namespace systole
