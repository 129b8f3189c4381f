// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/compute_report.h"

#include <gtest/gtest.h>

#include "sw/cost/layer_cost.h"

namespace systole {
namespace {

TEST(ComputeReport, HasScaleSimsColumnsAndItsCyclesBeside) {
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  layer.m = 8;
  layer.k = 100;
  layer.n = 4;
  ArrayLayer written = layer;
  written.k = 10;
  const ArrayConfig config = {.rows = 4, .cols = 4, .dataflow = Dataflow::kOs};
  const Tiling tiling = PlanLayer(layer, config, MappingSet::kBasic);
  const std::uint64_t cycles = CyclesOf(tiling, config);
  ASSERT_EQ(cycles, 217u);  // two tiles of 100 steps
  EXPECT_EQ(ComputeReport({{"fc, \"1\"", layer, written, tiling, cycles + 33, cycles},
                           {"again", layer, std::nullopt, tiling, cycles, cycles}},
                          config),
            "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute "
            "Util %, Layer Name, Mapping, Limit Cycles, SCALE-Sim Cycles, SCALE-Sim Cycles As "
            "Written,\n"
            "0, 250, 33, 80.0000, 100.0000, 92.1659, \"fc, \"\"1\"\"\", gemm, 200, 211, 31,\n"
            "1, 217, 0, 92.1659, 100.0000, 92.1659, again, gemm, 200, 211, 211,\n");
}

}  // namespace
}  // namespace systole
