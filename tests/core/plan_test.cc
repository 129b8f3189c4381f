// SPDX-License-Identifier: Apache-2.0
// Layers with their values, mapped and run on the RTL: the reference's bits, the formula's cycles.
#include "sw/map/plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sw/cost/layer_cost.h"
#include "sw/ref/execute.h"
#include "tb/core_sim.h"
#include "tests/map/random_layer.h"

namespace systole {
namespace {

constexpr int kOpset = 13;

class PlanOnCore : public ::testing::TestWithParam<ArrayConfig> {};

TEST_P(PlanOnCore, GivesTheReferencesBitsInTheCyclesOfItsTiling) {
  constexpr std::uint64_t kSeed = 31;
  const ArrayConfig config = GetParam();
  const CoreSim core(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    const NodeCase layer = trial % 6 == 0   ? RandomMatMul(random)
                           : trial % 3 == 0 ? RandomConvolution(random, {})
                           : trial % 3 == 1
                               ? RandomConvolution(random, {.depthwise = true, .kernel_h = 1})
                               : RandomConvolution(random, {.depthwise = true, .kernel_w = 1});
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

INSTANTIATE_TEST_SUITE_P(
    Cores, PlanOnCore,
    ::testing::Values(ArrayConfig{.rows = 3, .cols = 5}, ArrayConfig{.rows = 7, .cols = 2},
                      ArrayConfig{.rows = 8, .cols = 16},
                      ArrayConfig{.rows = 4, .cols = 4, .dataflow = Dataflow::kOs}),
    [](const auto& info) {
      return fmt::format("{}x{}{}", info.param.rows, info.param.cols,
                         info.param.dataflow == Dataflow::kOs ? "os" : "");
    });

}  // namespace
}  // namespace systole
