// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/layer_cost.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/stimulus.h"
#include "sw/cost/core_timing.h"
#include "sw/map/line_tiling.h"
#include "tests/cost/mobilenet.h"

namespace systole {
namespace {

TEST(LayerCost, EqualsTheTimingTileByTile) {
  constexpr std::uint64_t kSeed = 21;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 3000; ++trial) {
    Tiling tiling;
    const bool raw = random.Chance(64);
    for (std::int64_t block = random.Between(1, 3); block > 0; --block) {
      TileBlock& added = tiling.blocks.emplace_back();
      added.repeat = static_cast<std::uint64_t>(random.Between(1, 7));
      for (std::int64_t run = random.Between(1, 3); run > 0; --run) {
        TileRun& tiles = added.runs.emplace_back();
        tiles.count = static_cast<std::uint64_t>(random.Between(1, 7));
        tiles.steps = static_cast<std::uint64_t>(random.Between(1, 30));
        tiles.rows = static_cast<std::uint32_t>(random.Between(1, 12));
        tiles.params = random.Chance(128) ? static_cast<std::uint32_t>(random.Between(1, 12)) : 0;
        tiles.stos = random.Chance(128);
        tiles.raw = raw;
      }
    }
    const ArrayConfig config{.rows = 12, .cols = static_cast<int>(random.Between(1, 12))};
    CoreTiming timing(config);
    for (const TileBlock& block : tiling.blocks) {
      for (std::uint64_t i = 0; i < block.repeat; ++i) {
        for (const TileRun& run : block.runs) {
          for (std::uint64_t j = 0; j < run.count; ++j) {
            timing.Next({.steps = run.steps,
                         .rows = run.rows,
                         .params = run.params,
                         .stos = run.stos,
                         .raw = run.raw});
          }
        }
      }
    }
    ASSERT_EQ(CyclesOf(tiling, config), timing.total()) << "seed " << kSeed << ", trial " << trial;
  }
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
    axis->kernel = random.Chance(80) ? 1 : random.Between(2, 5);
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

TEST(LayerCost, AllMappingsTogetherAreNeverSlowerThanTheBasicOnes) {
  constexpr std::uint64_t kSeed = 22;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 5000; ++trial) {
    const ArrayLayer layer = RandomLayer(random);
    const ArrayConfig config{.rows = static_cast<int>(random.Between(1, 64)),
                             .cols = static_cast<int>(random.Between(1, 64)),
                             .dataflow = random.Chance(128) ? Dataflow::kOs : Dataflow::kOsStos};
    const LayerCost best = Cost(layer, config), basic = Cost(layer, config, MappingSet::kBasic);
    ASSERT_LE(best.cycles, basic.cycles) << "seed " << kSeed << ", trial " << trial << ": "
                                         << ToString(layer) << " on " << ToString(config);
    ASSERT_GE(best.distance, 1.0);
  }
}

TEST(LayerCost, BlocksGiveTheFiguresOfThePage) {  // docs/mapping.md, "Blocks"
  const ArrayConfig config{.rows = 64, .cols = 64, .dataflow = Dataflow::kOs};
  const auto depthwise = [](std::int64_t channels, std::int64_t size, std::int64_t stride) {
    return Convolution(channels, channels, channels, Axis(size, 3, stride), Axis(size, 3, stride));
  };
  const struct {
    ArrayLayer layer;
    std::uint64_t basic, best;
    std::string mapping;
  } rows[] = {
      {Convolution(3, 32, 1, Axis(224, 3, 2), Axis(224, 3, 2)), 12704, 6450, "gemm blocked 1x2"},
      {Convolution(16, 96, 1, Axis(112, 1, 1), Axis(112, 1, 1)), 25237, 18965, "gemm blocked 1x2"},
      {depthwise(32, 112, 1), 401550, 10565, "depthwise-os blocked 7x7"},
      {depthwise(96, 112, 2), 301198, 21797, "depthwise-os blocked 7x7"},
      {depthwise(192, 28, 1), 150670, 5658, "depthwise-os blocked 4x7 x2"},
      {depthwise(576, 14, 1), 115913, 6237, "depthwise-os blocked 2x5 x6"},
      {depthwise(960, 7, 1), 47182, 4096, "depthwise-os blocked 2x2 x16"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Cost(row.layer, config, MappingSet::kBasic).cycles, row.basic);
    EXPECT_EQ(Cost(row.layer, config).cycles, row.best);
    EXPECT_EQ(PlanLayer(row.layer, config).mapping, row.mapping);
  }
}

TEST(LayerCost, NeverGoesBelowItsLimit) {
  for (const bool fused : {false, true}) {
    for (const int size : {1, 7, 16, 64, 128}) {
      for (const ArrayLayer& layer : MobileNetV1(fused)) {
        const LayerCost cost = Cost(layer, {.rows = size, .cols = size});
        EXPECT_GE(cost.distance, 1.0) << size << ": " << ToString(layer);
        EXPECT_LE(cost.utilization, 1.0);
      }
    }
  }
}

TEST(LayerCost, LinesTakeAtMostATenthMoreThanTheEdgeAllows) {
  for (const std::int64_t width : {28, 56, 112}) {
    const ArrayLayer layer = Convolution(256, 256, 256, Axis(width, 1, 1), Axis(width, 3, 1));
    const LayerCost cost = Cost(layer, {.rows = 16, .cols = 16});
    EXPECT_EQ(cost.limit.Bound(), "activations");
    EXPECT_LE(cost.distance, 1.1) << width;
  }
}

TEST(LayerCost, SmallPlanesLoseTheRestOfTheirLastWindow) {
  // 14 lines of 14 with a zero between are 209 outputs: 14 windows of 16, drained in 16 cycles
  // each; 38 cycles fill and drain the array.
  const ArrayLayer layer = Convolution(256, 256, 256, Axis(14, 1, 1), Axis(14, 3, 1));
  const LayerCost basic = Cost(layer, {.rows = 16, .cols = 16}, MappingSet::kBasic);
  EXPECT_EQ(basic.tiles, 16u * 14u);
  EXPECT_EQ(basic.cycles, 16u * 14u * 16u + 38u);
  // As a plane with the kernel across lines of 7 it needs no zeros between lines but for one line
  // between the two strips: 29 * 7 = 203 outputs, of which the first window takes 11 in 25 steps.
  // The line of zeros that ends a bank begins the next one.
  const LayerCost best = Cost(layer, {.rows = 16, .cols = 16});
  EXPECT_EQ(best.tiles, 16u * 13u);
  EXPECT_EQ(best.cycles, 16u * (25u + 12u * 16u) - 15u * 7u + 38u);
}

TEST(LayerCost, APlaneTakesOneStepForEachElementOfItsStream) {
  // 28 lines of period 29 without the last zero, and two lines and two elements that the last
  // window reads ahead; then Rows + 1 cycles to the first beat, 64 beats and the requantizer.
  const ArrayLayer layer = Convolution(64, 64, 64, Axis(28, 3, 1), Axis(28, 3, 1));
  const LayerCost cost = Cost(layer, {.rows = 64, .cols = 64});
  EXPECT_EQ(cost.cycles, (28u * 29u - 1u) + (2u * 29u + 2u) + 65u + 64u + 5u);
  // The same with stride 2: every stream output is computed, every fourth one is kept.
  const ArrayLayer strided = Convolution(64, 64, 64, Axis(28, 3, 2), Axis(28, 3, 2));
  EXPECT_EQ(Cost(strided, {.rows = 64, .cols = 64}).cycles,
            (26u * 29u + 27u) + (2u * 29u + 2u) + 65u + 64u + 5u);
}

TEST(LayerCost, PlanesOfOneChannelBeginInThePaddingOfTheOneBefore) {
  // 55 outputs whose taps span 19: 73 steps. The zero line and the zero before its first element
  // end the plane before; 65 steps are left, one more than rows drain.
  const ArrayConfig config{.rows = 64, .cols = 64};
  const ArrayLayer layer = Convolution(960, 960, 960, Axis(7, 3, 1), Axis(7, 3, 1));
  EXPECT_EQ(Cost(layer, config).cycles, 73u + 14u * 65u + 65u + 64u + 5u);
}

TEST(LayerCost, WindowsStreamedAnewHoldWholeLines) {
  // 5x5 at 32 columns: lines of 7 with two zeros, three a window: 25 outputs whose taps span 41.
  const ArrayConfig config{.rows = 32, .cols = 32};
  const ArrayLayer layer = Convolution(32, 32, 32, Axis(7, 5, 1), Axis(7, 5, 1));
  const auto tiling = PlanLines(layer, config, LineChoice{});
  ASSERT_TRUE(tiling);
  EXPECT_EQ(tiling->TileCount(), 3u);
  EXPECT_EQ(CyclesOf(*tiling, config), 2u * (24u + 41u) + (6u + 41u) + 33u + 32u + 5u);
}

TEST(LayerCost, PlanesComeNearToTheLimitOfTheEdgesOnWideArrays) {
  for (const std::int64_t width : {28, 56, 112}) {
    for (const std::int64_t stride : {1, 2}) {
      const ConvAxis axis = Axis(width, 3, stride);
      const LayerCost cost = Cost(Convolution(192, 192, 192, axis, axis), {.rows = 64, .cols = 64});
      EXPECT_EQ(cost.limit.Bound(), "activations");
      EXPECT_LE(cost.distance, 1.17) << width << " stride " << stride;
    }
  }
}

TEST(LayerCost, TheBestMappingsNeverTakeLongerThanTheBasicOnes) {
  for (const bool fused : {false, true}) {
    for (int size = 1; size <= 128; ++size) {
      const ArrayConfig config{.rows = size, .cols = size};
      for (const ArrayLayer& layer : MobileNetV1(fused)) {
        EXPECT_LE(Cost(layer, config).cycles, Cost(layer, config, MappingSet::kBasic).cycles)
            << size << ": " << ToString(layer);
      }
    }
  }
}

TEST(LayerCost, TheBasicMappingsStayWhatTheyWere) {
  const auto cycles = [](bool fused, int size) {
    std::uint64_t sum = 0;
    for (const ArrayLayer& layer : MobileNetV1(fused)) {
      sum += Cost(layer, {.rows = size, .cols = size}, MappingSet::kBasic).cycles;
    }
    return sum;
  };
  EXPECT_EQ(cycles(false, 16), 4333358u);
  EXPECT_EQ(cycles(true, 16), 2529734u);
  EXPECT_EQ(cycles(false, 32), 2584249u);
  EXPECT_EQ(cycles(true, 32), 716053u);
  EXPECT_EQ(cycles(false, 64), 2144953u);
  EXPECT_EQ(cycles(true, 64), 240425u);
}

TEST(LayerCost, MobileNetV1ReachesTheDesignsCycles) {
  // On paper, without filling and draining the array for each layer: 4.36 M and 2.53 M at 16x16,
  // 2.68 M and 0.716 M at 32x32, 2.32 M and 0.239 M at 64x64.
  const auto cycles = [](bool fused, int size) {
    return static_cast<double>(NetworkCycles(MobileNetV1(fused), {.rows = size, .cols = size}));
  };
  EXPECT_LE(cycles(false, 16), 4.36e6);
  EXPECT_LE(cycles(true, 16), 2.535e6);
  EXPECT_LE(cycles(false, 32), 2.68e6);
  EXPECT_LE(cycles(true, 32), 0.7165e6);
  EXPECT_LE(cycles(false, 64), 2.32e6);
  EXPECT_LE(cycles(true, 64), 0.2405e6);
}

TEST(LayerCost, WeightsOnBothEdgesHalveTheCyclesOfAClassifier) {
  ArrayLayer classifier;
  classifier.kind = ArrayLayer::Kind::kMatMul;
  classifier.k = 1280;
  classifier.n = 1000;
  const ArrayConfig config{.rows = 64, .cols = 64};
  const LayerCost basic = Cost(classifier, config, MappingSet::kBasic);
  const LayerCost both_edges = Cost(classifier, config);
  EXPECT_EQ(basic.cycles, 20614U);
  EXPECT_LT(both_edges.cycles, 11000U);
  EXPECT_GE(both_edges.cycles, both_edges.limit.Cycles());
}

}  // namespace
}  // namespace systole
