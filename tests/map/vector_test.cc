// SPDX-License-Identifier: Apache-2.0
// Matrix-vector products with weights on both edges.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sw/map/plan.h"
#include "sw/map/vector_tiling.h"
#include "sw/ref/core_model.h"
#include "sw/ref/execute.h"
#include "tests/map/random_vector.h"

namespace systole {
namespace {

TEST(VectorBlocks, CoverEveryOutputOnceAndFitTheArray) {
  for (const auto& [rows, cols] : {std::pair{2, 2}, {2, 9}, {9, 2}, {5, 4}, {64, 64}}) {
    const ArrayConfig config{.rows = rows, .cols = cols};
    for (std::int64_t outputs = cols + 1; outputs < 4 * (rows + cols); ++outputs) {
      std::int64_t next = 0;
      for (std::int64_t i = 0; i < VectorBlocks(outputs, config); ++i) {
        const VectorBlock block = VectorBlockAt(i, outputs, config);
        EXPECT_EQ(block.output, next);
        EXPECT_GE(block.across, 1);
        EXPECT_LE(block.FirstColumn() + block.across, cols);
        EXPECT_LE(block.up, rows - 1);
        next += block.Outputs();
      }
      EXPECT_EQ(next, outputs) << rows << "x" << cols;
    }
  }
}

TEST(VectorPlan, GivesTheReferencesBitsInTheTilesOfItsTiling) {
  constexpr std::uint64_t kSeed = 41;
  Stimulus random(kSeed);
  int vectors = 0, several_products = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const NodeCase layer = RandomVectorProduct(random);
    ArrayConfig config;
    config.rows = static_cast<int>(random.Between(2, 9));
    config.cols = static_cast<int>(random.Between(2, 9));
    config.count_width = random.Chance(64) ? 4 : 16;
    const auto plan = MakePlan(layer.node, layer.Pointers(), config);
    SCOPED_TRACE(fmt::format("seed {}, trial {}: {} {} {} on {}x{}", kSeed, trial, layer.node.op,
                             ToString(plan->layer()), plan->tiling().mapping, config.rows,
                             config.cols));
    vectors += plan->tiling().vector;
    several_products += plan->tiling().vector && GemmShapeOf(plan->layer()).products > 1;
    CoreModel core(config);
    TileStream tile;
    for (std::uint64_t i = 0; i < plan->tile_count(); ++i) {
      plan->Form(i, tile);
      plan->Collect(i, core.Run(tile));
    }
    ASSERT_TRUE(plan->TakeOutput() == ExecuteNode(layer.node, layer.Pointers(), 13)[0]);
  }
  EXPECT_GT(vectors, 200) << "the draw reaches the mapping";
  EXPECT_GT(several_products, 20);
}

ArrayLayer Linear(std::int64_t k, std::int64_t n) {
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  layer.k = k;
  layer.n = n;
  return layer;
}

TEST(VectorPlan, NeedsChannelsByRowAndMoreOutputsThanColumns) {
  const ArrayConfig both{.rows = 8, .cols = 8};
  EXPECT_TRUE(PlanLayer(Linear(100, 40), both).vector);
  EXPECT_FALSE(PlanLayer(Linear(100, 8), both).vector);
  EXPECT_FALSE(PlanLayer(Linear(100, 40), both, MappingSet::kBasic).vector);
  EXPECT_FALSE(
      PlanLayer(Linear(100, 40), {.rows = 8, .cols = 8, .dataflow = Dataflow::kOs}).vector);
  EXPECT_FALSE(PlanLayer(Linear(100, 40), {.rows = 1, .cols = 8}).vector);
  ArrayLayer two_rows = Linear(100, 40);
  two_rows.m = 2;
  EXPECT_FALSE(PlanLayer(two_rows, both).vector);
}

}  // namespace
}  // namespace systole
