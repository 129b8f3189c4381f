// SPDX-License-Identifier: Apache-2.0
// Layers with their values, mapped and run on the RTL: the reference's bits, the formula's cycles.
#include "sw/map/plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

#include "sw/cost/layer_cost.h"
#include "sw/map/line_tiling.h"
#include "sw/map/plan_kinds.h"
#include "sw/ref/execute.h"
#include "tb/core_sim.h"
#include "tests/map/random_layer.h"
#include "tests/map/random_vector.h"

namespace systole {
namespace {

constexpr int kOpset = 13;

/// Products, products of one row, convolutions, lines of both directions, planes.
NodeCase Draw(Stimulus& random, int trial) {
  if (trial % 12 == 6) return RandomVectorProduct(random);
  if (trial % 6 == 0) return RandomMatMul(random);
  if (trial % 6 == 3) return RandomConvolution(random, {});
  if (trial % 6 == 1) return RandomConvolution(random, {.depthwise = true, .kernel_h = 1});
  if (trial % 6 == 2) return RandomConvolution(random, {.depthwise = true, .kernel_w = 1});
  return RandomConvolution(
      random,
      {.depthwise = true, .kernel_h = random.Between(2, 4), .kernel_w = random.Between(2, 4)});
}

/// The tiles of several layers, one layer behind the other without a pause.
class LayerSequence final : public TileSource {
 public:
  explicit LayerSequence(std::vector<std::unique_ptr<LayerPlan>> plans)
      : plans_(std::move(plans)) {}

  std::uint64_t tile_count() const override {
    std::uint64_t count = 0;
    for (const auto& plan : plans_) count += plan->tile_count();
    return count;
  }
  void Form(std::uint64_t index, TileStream& tile) const override {
    const std::size_t plan = Find(index);
    plans_[plan]->Form(index, tile);
  }
  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    const std::size_t plan = Find(index);
    plans_[plan]->Collect(index, beats);
  }
  Tensor TakeOutput(std::size_t plan) { return plans_[plan]->TakeOutput(); }

 private:
  /// The plan of a tile; `index` becomes the tile's number in it.
  std::size_t Find(std::uint64_t& index) const {
    std::size_t plan = 0;
    for (; index >= plans_[plan]->tile_count(); ++plan) index -= plans_[plan]->tile_count();
    return plan;
  }

  std::vector<std::unique_ptr<LayerPlan>> plans_;
};

class PlanOnCore : public ::testing::TestWithParam<ArrayConfig> {};

TEST_P(PlanOnCore, GivesTheReferencesBitsInTheCyclesOfItsTiling) {
  constexpr std::uint64_t kSeed = 31;
  const ArrayConfig config = GetParam();
  const CoreSim core(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    const NodeCase layer = Draw(random, trial);
    const auto plan = MakePlan(layer.node, layer.Pointers(), config);
    SCOPED_TRACE(fmt::format("seed {}, trial {}: {} {} {}", kSeed, trial, layer.node.op,
                             ToString(plan->layer()), plan->tiling().mapping));
    const RunResult result = core.Run(*plan, 0, plan->tile_count());
    EXPECT_EQ(result.timing_difference, "");
    EXPECT_EQ(result.cycles, Cost(plan->layer(), config).cycles);
    const Tensor wanted = ExecuteNode(layer.node, layer.Pointers(), kOpset)[0];
    EXPECT_TRUE(plan->TakeOutput() == wanted);
  }
}

TEST_P(PlanOnCore, RunsPlanesInAnyLayout) {
  constexpr std::uint64_t kSeed = 33;
  const ArrayConfig config = GetParam();
  if (config.dataflow == Dataflow::kOs) return;
  const CoreSim core(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  Stimulus random(kSeed);
  int ran = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const NodeCase node = Draw(random, 4);
    const ArrayLayer layer = MakePlan(node.node, node.Pointers(), config)->layer();
    const auto tiling = PlanLines(layer, config, RandomLineChoice(random));
    if (!tiling) continue;
    ++ran;
    SCOPED_TRACE(fmt::format("seed {}, trial {}: {}", kSeed, trial, ToString(layer)));
    const auto plan =
        MakeLinePlan(node.node, SortInputs(node.node, node.Pointers()), layer, *tiling, config);
    const RunResult result = core.Run(*plan, 0, plan->tile_count());
    EXPECT_EQ(result.timing_difference, "");
    EXPECT_EQ(result.cycles, Cost(layer, *tiling, config).cycles);
    EXPECT_TRUE(plan->TakeOutput() == ExecuteNode(node.node, node.Pointers(), kOpset)[0]);
  }
  EXPECT_GE(ran, 15);
}

TEST_P(PlanOnCore, RunsLayersOfBothModesBackToBack) {
  constexpr std::uint64_t kSeed = 32;
  const ArrayConfig config = GetParam();
  const CoreSim core(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  Stimulus random(kSeed);
  std::vector<std::unique_ptr<LayerPlan>> plans;
  std::vector<Tensor> wanted;
  for (int trial = 0; trial < 24; ++trial) {
    const NodeCase layer = Draw(random, trial % 2 == 0 ? 3 : trial % 6);
    plans.push_back(MakePlan(layer.node, layer.Pointers(), config));
    wanted.push_back(ExecuteNode(layer.node, layer.Pointers(), kOpset)[0]);
  }
  LayerSequence sequence(std::move(plans));
  const RunResult result = core.Run(sequence, 0, sequence.tile_count());
  EXPECT_EQ(result.timing_difference, "");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_TRUE(sequence.TakeOutput(i) == wanted[i]) << "seed " << kSeed << ", layer " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cores, PlanOnCore,
    ::testing::Values(ArrayConfig{.rows = 3, .cols = 5}, ArrayConfig{.rows = 7, .cols = 2},
                      ArrayConfig{.rows = 8, .cols = 16}, ArrayConfig{.rows = 6, .cols = 24},
                      ArrayConfig{.rows = 6, .cols = 12, .dataflow = Dataflow::kOs}),
    [](const auto& info) {
      return fmt::format("{}x{}{}", info.param.rows, info.param.cols,
                         info.param.dataflow == Dataflow::kOs ? "os" : "");
    });

}  // namespace
}  // namespace systole
