// SPDX-License-Identifier: Apache-2.0
#include "sw/map/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "base/error.h"
#include "sw/map/line_tiling.h"
#include "sw/map/plan_kinds.h"
#include "sw/ref/core_model.h"
#include "sw/ref/execute.h"
#include "tests/map/random_layer.h"

namespace systole {
namespace {

constexpr int kOpset = 13;

ArrayConfig RandomArray(Stimulus& random) {
  ArrayConfig config;
  config.rows = static_cast<int>(random.Between(1, 7));
  config.cols = static_cast<int>(random.Between(1, 7));
  if (random.Chance(60)) config.cols = random.Chance(128) ? 16 : 24;
  if (random.Chance(60)) config.rows = random.Chance(128) ? 17 : 40;
  config.dataflow = random.Chance(180) ? Dataflow::kOsStos : Dataflow::kOs;
  config.count_width = random.Chance(128) ? 4 : 16;
  return config;
}

/// The tensor that the tiles of the plan make on the functional model of the core.
Tensor RunOnModel(LayerPlan& plan, const ArrayConfig& config) {
  CoreModel core(config);
  TileStream tile;
  for (std::uint64_t i = 0; i < plan.tile_count(); ++i) {
    plan.Form(i, tile);
    plan.Collect(i, core.Run(tile));
  }
  return plan.TakeOutput();
}

/// What the tiles of a plan are, one by one, as its tiling says they are.
std::vector<TileRun> Unroll(const Tiling& tiling) {
  std::vector<TileRun> tiles;
  for (const TileBlock& block : tiling.blocks) {
    for (std::uint64_t repeat = 0; repeat < block.repeat; ++repeat) {
      for (TileRun run : block.runs) {
        const std::uint64_t count = run.count;
        run.count = 1;
        tiles.insert(tiles.end(), count, run);
      }
    }
  }
  return tiles;
}

TileRun Measure(const TileStream& tile) {
  TileRun run;
  run.steps = run.taps = run.passes = 0;
  for (const Pass& pass : tile.passes) {
    run.steps += Steps(pass);
    run.taps += pass.taps;
    ++run.passes;
  }
  run.rows = tile.passes.back().rows;
  run.params = static_cast<std::uint32_t>(tile.params.size());
  run.stos = tile.passes.back().stos != 0;
  run.raw = tile.passes.back().raw != 0;
  return run;
}

std::string Describe(const ArrayConfig& config, const LayerPlan& plan, const Node& node) {
  return fmt::format("{} count width {}: {} {} parts {} {}", ToString(config), config.count_width,
                     node.op, ToString(plan.layer()), plan.layer().weight_parts,
                     plan.tiling().mapping);
}

void ExpectReferenceBits(std::uint64_t seed, int trials,
                         const std::function<NodeCase(Stimulus&)>& draw) {
  Stimulus random(seed);
  for (int trial = 0; trial < trials; ++trial) {
    const NodeCase layer = draw(random);
    const ArrayConfig config = RandomArray(random);
    const MappingSet mappings = random.Chance(64) ? MappingSet::kBasic : MappingSet::kBest;
    const auto plan = MakePlan(layer.node, layer.Pointers(), config, mappings);
    SCOPED_TRACE(
        fmt::format("seed {}, trial {}: {}", seed, trial, Describe(config, *plan, layer.node)));
    const Tensor wanted = ExecuteNode(layer.node, layer.Pointers(), kOpset)[0];
    const Tensor result = RunOnModel(*plan, config);
    ASSERT_EQ(ToString(result.type()), ToString(wanted.type()));
    ASSERT_EQ(result.shape(), wanted.shape());
    ASSERT_TRUE(result == wanted);
  }
}

TEST(LayerPlan, ConvolutionsOnTheCoreGiveTheReferencesBits) {
  ExpectReferenceBits(1, 400, [](Stimulus& random) { return RandomConvolution(random, {}); });
}

TEST(LayerPlan, DepthwiseConvolutionsGiveTheReferencesBits) {
  ExpectReferenceBits(
      2, 200, [](Stimulus& random) { return RandomConvolution(random, {.depthwise = true}); });
}

TEST(LayerPlan, LinesAlongTheWidthGiveTheReferencesBits) {
  ExpectReferenceBits(3, 500, [](Stimulus& random) {
    return RandomConvolution(random, {.depthwise = true, .kernel_h = 1});
  });
}

TEST(LayerPlan, LinesAlongTheHeightGiveTheReferencesBits) {
  ExpectReferenceBits(4, 500, [](Stimulus& random) {
    return RandomConvolution(random, {.depthwise = true, .kernel_w = 1});
  });
}

TEST(LayerPlan, LongLineKernelsGiveTheReferencesBits) {
  ExpectReferenceBits(5, 200, [](Stimulus& random) {
    return RandomConvolution(random,
                             {.depthwise = true, .kernel_h = 1, .kernel_w = random.Between(6, 40)});
  });
}

TEST(LayerPlan, MatrixProductsGiveTheReferencesBits) { ExpectReferenceBits(6, 600, RandomMatMul); }

TEST(LayerPlan, PlanesGiveTheReferencesBits) {
  ExpectReferenceBits(9, 500, [](Stimulus& random) {
    return RandomConvolution(
        random,
        {.depthwise = true, .kernel_h = random.Between(2, 5), .kernel_w = random.Between(2, 5)});
  });
}

// The choice of a mapping would leave most layouts out: here each runs, the good and the bad.
TEST(LayerPlan, EveryLayoutOfLinesAndPlanesGivesTheReferencesBits) {
  constexpr std::uint64_t kSeed = 10;
  Stimulus random(kSeed);
  std::map<std::string, int> ran;
  for (int trial = 0; trial < 3000; ++trial) {
    const NodeCase node = RandomConvolution(random, {.depthwise = true});
    ArrayConfig config = RandomArray(random);
    config.dataflow = Dataflow::kOsStos;
    const ArrayLayer layer = MakePlan(node.node, node.Pointers(), config)->layer();
    const LineChoice choice = RandomLineChoice(random);
    const auto tiling = PlanLines(layer, config, choice);
    if (!tiling) continue;
    SCOPED_TRACE(fmt::format("seed {}, trial {}: {} {} {}, count width {}, along {}, {} strips{}{}",
                             kSeed, trial, ToString(config), node.node.op, ToString(layer),
                             config.count_width, choice.along_width ? "width" : "height",
                             choice.strips, choice.dense ? ", dense" : "",
                             choice.short_first ? ", short first" : ""));
    const auto plan =
        MakeLinePlan(node.node, SortInputs(node.node, node.Pointers()), layer, *tiling, config);
    ASSERT_TRUE(RunOnModel(*plan, config) == ExecuteNode(node.node, node.Pointers(), kOpset)[0]);
    ++ran[choice.strips > 1 ? "strips" : "whole"];
    const bool strided = layer.width.stride > 1 || layer.height.stride > 1;
    if (strided) ++ran[choice.dense ? "dense" : "phases"];
    if (layer.height.kernel > 1 && layer.width.kernel > 1) ++ran["planes"];
  }
  for (const char* kind : {"strips", "whole", "dense", "phases", "planes"}) {
    EXPECT_GT(ran[kind], 300) << kind;
  }
}

TEST(LayerPlan, SharesNoPaddingWithABankThatEndsWithinAPlane) {
  // 3 channels of 12 lines on 2 rows each end within the second of 3 planes; the 2 that remain have
  // a row for each plane.
  constexpr std::uint64_t kSeed = 13;
  Stimulus random(kSeed);
  NodeCase node;
  node.node.op = "ConvInteger";
  node.node.outputs = {"y"};
  node.node.attributes["group"] = std::int64_t{5};
  node.node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
  node.inputs = {RandomBytes(random, ElementType::kInt8, {3, 5, 4, 3}),
                 RandomBytes(random, ElementType::kInt8, {5, 1, 3, 3})};
  const ArrayConfig config{.rows = 6, .cols = 16};
  const ArrayLayer layer = MakePlan(node.node, node.Pointers(), config)->layer();
  const auto tiling = PlanLines(layer, config, LineChoice{});
  ASSERT_TRUE(tiling);
  ASSERT_EQ(tiling->lines.banks.size(), 2u);
  EXPECT_EQ(tiling->lines.banks[0].share, 6);
  EXPECT_EQ(tiling->lines.banks[1].share, 4);
  EXPECT_EQ(tiling->lines.banks[1].shared, 0);
  const auto plan =
      MakeLinePlan(node.node, SortInputs(node.node, node.Pointers()), layer, *tiling, config);
  EXPECT_TRUE(RunOnModel(*plan, config) == ExecuteNode(node.node, node.Pointers(), kOpset)[0]);
}

/// An array without ST-OS that has room for blocks.
ArrayConfig WideArray(Stimulus& random) {
  ArrayConfig config{.dataflow = Dataflow::kOs};
  config.rows = static_cast<int>(random.Between(1, 40));
  config.cols = static_cast<int>(random.Between(8, 64));
  config.count_width = random.Chance(64) ? 4 : 16;
  return config;
}

TEST(LayerPlan, BlocksOfPositionsAndGroupsGiveTheReferencesBits) {
  constexpr std::uint64_t kSeed = 11;
  Stimulus random(kSeed);
  int positions = 0, serial = 0, abreast = 0, both = 0, several = 0, in_channels = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const NodeCase layer = trial % 8 == 0
                               ? RandomMatMul(random)
                               : RandomConvolution(random, {.depthwise = random.Chance(160)});
    const ArrayConfig config = WideArray(random);
    const auto plan = MakePlan(layer.node, layer.Pointers(), config);
    SCOPED_TRACE(
        fmt::format("seed {}, trial {}: {}", kSeed, trial, Describe(config, *plan, layer.node)));
    for (const GemmPart& part : plan->tiling().parts) {
      positions += part.block_height > 1 && part.block_width > 1 ? 1 : 0;
      serial += part.Slots() > 1 ? 1 : 0;
      abreast += part.row_groups > 1 ? 1 : 0;
      both += part.row_groups > 1 && part.Slots() > 1 ? 1 : 0;
      in_channels += part.Positions() > 1 && part.window > part.Positions() * 9 ? 1 : 0;
    }
    several += plan->tiling().parts.size() > 1 ? 1 : 0;
    ASSERT_TRUE(RunOnModel(*plan, config) == ExecuteNode(layer.node, layer.Pointers(), kOpset)[0]);
  }
  // The draw reaches every form of a part.
  EXPECT_GT(positions, 50);
  EXPECT_GT(serial, 50);
  EXPECT_GT(abreast, 50);
  EXPECT_GT(both, 10);
  EXPECT_GT(several, 50);
  EXPECT_GT(in_channels, 10);
}

TEST(LayerPlan, RunsInShardsThatBeginWhereItMay) {
  constexpr std::uint64_t kSeed = 8;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 200; ++trial) {
    const NodeCase layer = RandomConvolution(random, {.depthwise = true, .kernel_h = trial % 2});
    const ArrayConfig config = RandomArray(random);
    const auto plan = MakePlan(layer.node, layer.Pointers(), config);
    SCOPED_TRACE(
        fmt::format("seed {}, trial {}: {}", kSeed, trial, Describe(config, *plan, layer.node)));
    ASSERT_TRUE(plan->StartsFresh(0));
    std::vector<std::uint64_t> starts;
    for (std::uint64_t i = 0; i < plan->tile_count(); ++i) {
      if (plan->StartsFresh(i)) starts.push_back(i);
    }
    TileStream tile;
    for (std::size_t shard = starts.size(); shard-- > 0;) {  // the last shard first
      CoreModel core(config);
      const std::uint64_t end = shard + 1 < starts.size() ? starts[shard + 1] : plan->tile_count();
      for (std::uint64_t i = starts[shard]; i < end; ++i) {
        plan->Form(i, tile);
        plan->Collect(i, core.Run(tile));
      }
    }
    const Tensor wanted = ExecuteNode(layer.node, layer.Pointers(), kOpset)[0];
    ASSERT_TRUE(plan->TakeOutput() == wanted);
  }
}

TEST(LayerPlan, FormsTheTilesOfItsTiling) {
  constexpr std::uint64_t kSeed = 7;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 400; ++trial) {
    const NodeCase layer =
        trial % 4 == 3
            ? RandomMatMul(random)
            : RandomConvolution(random, {.depthwise = random.Chance(128), .kernel_h = trial % 3});
    const ArrayConfig config = RandomArray(random);
    const auto plan = MakePlan(layer.node, layer.Pointers(), config);
    SCOPED_TRACE(
        fmt::format("seed {}, trial {}: {}", kSeed, trial, Describe(config, *plan, layer.node)));
    const std::vector<TileRun> tiles = Unroll(plan->tiling());
    ASSERT_EQ(tiles.size(), plan->tile_count());
    TileStream tile;
    for (std::uint64_t i = 0; i < plan->tile_count(); ++i) {
      plan->Form(i, tile);
      ASSERT_EQ(Measure(tile), tiles[i]) << "tile " << i;
    }
  }
}

}  // namespace
}  // namespace systole
