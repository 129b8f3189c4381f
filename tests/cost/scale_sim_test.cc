// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/scale_sim.h"

#include <gtest/gtest.h>

#include "tests/cost/mobilenet.h"

namespace systole {
namespace {

constexpr ArrayConfig k32 = {.rows = 32, .cols = 32};

TEST(ScaleSim, EveryFoldTakesAsLongAsAFullOne) {
  // 5x5 results and 384 filters, reductions of 9 * 192: one fold of rows, twelve of columns.
  ConvAxis axis = Axis(7, 3, 1);
  axis.pad_before = axis.pad_after = 0;
  axis.output = 5;
  const ScaleSimCost cost = ScaleSimOs(Convolution(192, 384, 1, axis, axis), k32);
  EXPECT_EQ(cost.cycles, std::uint64_t{12 * (1728 + 62)});
  EXPECT_EQ(cost.reported, cost.cycles - 1);
  EXPECT_DOUBLE_EQ(cost.mapping_efficiency, 25.0 / 32);
  EXPECT_DOUBLE_EQ(cost.compute_utilization, 25.0 / 32 * 1728 / 1790);
  EXPECT_DOUBLE_EQ(cost.overall_utilization, 25.0 * 384 * 1728 / (21479.0 * 1024));
}

TEST(ScaleSim, AChannelOfADepthwiseLayerIsALayerOfItsOwn) {
  const ArrayLayer layer = Convolution(32, 32, 32, Axis(112, 3, 1), Axis(112, 3, 1));
  const ScaleSimCost cost = ScaleSimOs(layer, k32);
  EXPECT_EQ(cost.cycles, std::uint64_t{32 * 392 * (9 + 62)});
  EXPECT_EQ(cost.reported, cost.cycles - 32);
  EXPECT_DOUBLE_EQ(cost.mapping_efficiency, 1.0 / 32);
}

TEST(ScaleSim, RowsAndColumnsAreNotExchanged) {
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  layer.products = 3;
  layer.m = 256;
  layer.k = 100;
  layer.n = 10;
  EXPECT_EQ(ScaleSimOs(layer, {.rows = 16, .cols = 128}).cycles, std::uint64_t{3 * 16 * 242});
  EXPECT_EQ(ScaleSimOs(layer, {.rows = 128, .cols = 16}).cycles, std::uint64_t{3 * 2 * 242});
}

TEST(ScaleSim, OneElementReportsNoCycle) {
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  const ScaleSimCost cost = ScaleSimOs(layer, {.rows = 1, .cols = 1});
  EXPECT_EQ(cost.cycles, 1u);
  EXPECT_EQ(cost.reported, 0u);
  EXPECT_EQ(cost.overall_utilization, 0.0);
}

}  // namespace
}  // namespace systole
