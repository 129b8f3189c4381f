// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/array_workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "sw/cost/layer_cost.h"
#include "sw/study/layers.h"

namespace systole {
namespace {

constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

const ArrayWorkload& LeNet() {
  static const ArrayWorkload workload =
      FileWorkload("lenet", SYSTOLE_SOURCE_DIR "/models/lenet/lenet5.onnx",
                   SYSTOLE_SOURCE_DIR "/models/lenet/calibration.npy");
  return workload;
}

TEST(GroupLayers, HoldEveryLayerOnceWithItsCycles) {
  const ArrayConfig config = {.rows = 4, .cols = 4};
  std::uint64_t cycles = 0;
  std::size_t layers = 0;
  for (const LayerGroup& group : GroupLayers(LeNet(), config)) {
    cycles += group.cycles;
    layers += group.layers;
    EXPECT_LE(group.sample_cycles, group.cycles);
  }
  std::uint64_t expected = 0;
  for (const StudyLayer& layer : ArrayLayersOf(LeNet().network)) {
    expected += Cost(layer.layer, config).cycles;
  }
  EXPECT_EQ(cycles, expected);
  EXPECT_EQ(layers, 5U);
}

TEST(RecordLayer, BeginsWithTheResetAndGivesTheCyclesAskedFor) {
  const ArrayConfig config = {.rows = 2, .cols = 2};
  const PortRecording recording =
      RecordLayer(LeNet(), "/conv2/Conv", config, 500, MappingSet::kBest, kCache);
  EXPECT_EQ(recording.cycles(), 502U);
  const std::size_t reset = recording.Find("rst_ni").value();
  EXPECT_FALSE(recording.Bit(1, reset, 0));
  EXPECT_TRUE(recording.Bit(2, reset, 0));
  const std::size_t valid = recording.Find("act_valid_i").value();
  const std::size_t ready = recording.Find("act_ready_o").value();
  int moved = 0;
  for (std::uint64_t cycle = 2; cycle < recording.cycles(); ++cycle) {
    moved += recording.Bit(cycle, valid, 0) && recording.Bit(cycle, ready, 0) ? 1 : 0;
  }
  EXPECT_GT(moved, 450);  // the core computes all the time
}

}  // namespace
}  // namespace systole
