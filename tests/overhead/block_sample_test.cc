// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/block_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "gen/systolic/systolic_core.h"
#include "synth/gates/simulator.h"
#include "synth/overhead/array_overhead.h"
#include "synth/overhead/cut_out.h"

namespace systole {
namespace {

constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

const Library& Osu() {
  static const Library library = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  return library;
}

const std::vector<ArrayWorkload>& LeNet() {
  static const std::vector<ArrayWorkload> workloads = {
      FileWorkload("lenet", SYSTOLE_SOURCE_DIR "/models/lenet/lenet5.onnx",
                   SYSTOLE_SOURCE_DIR "/models/lenet/calibration.npy")};
  return workloads;
}

BlockPower Block(std::uint32_t parent, double watts) {
  BlockPower block;
  block.parent = parent;
  block.module = "row";
  block.own[PowerGroup::kLogic].switching = watts / 4;
  block.own[PowerGroup::kClock].internal = watts * 3 / 4;
  return block;
}

PowerReport Report(const std::vector<double>& watts) {
  PowerReport report;
  for (const double value : watts) report.blocks.push_back(Block(0, value));
  return report;
}

TEST(BlockSample, EstimateAndIntervalAreThoseOfPaper) {
  // The top, then four instances, of which the first and the third were simulated.
  BlockSample sample;
  sample.units = {BlockSample::kNoUnit, 0, 1, 2, 3};
  sample.chosen = {true, false, true, false};
  sample.keep = {true, true, false, true, false};
  const SampledPower power =
      EstimatePower(sample, Report({1, 2, 3, 2, 5}), Report({4, 2.5, 3, 3.5, 5}));
  // Ratio 6 / 4; the others 3 * 1.5 and 5 * 1.5.
  EXPECT_DOUBLE_EQ(power.timed.blocks[2].own.sum().total(), 4.5);
  EXPECT_DOUBLE_EQ(power.timed.blocks[4].own.sum().total(), 7.5);
  EXPECT_DOUBLE_EQ(power.timed.watts(), 4 + 2.5 + 4.5 + 3.5 + 7.5);
  EXPECT_DOUBLE_EQ(power.timed.blocks[0].whole.sum().total(), power.timed.watts());
  // Deviations -0.5 and 0.5: 12.706 sqrt(16 (1 - 2/4) / 2 * 0.5 / 1).
  EXPECT_DOUBLE_EQ(power.interval, 12.706 * std::sqrt(2.0));
}

TEST(BlockSample, QuantilesNeverLieBelowTheNormalOne) {
  EXPECT_EQ(StudentT(1), 12.706);
  EXPECT_EQ(StudentT(7), 2.365);
  EXPECT_GT(StudentT(1000), 1.96);
  EXPECT_THROW(StudentT(0), RequestError);
}

/// A mapped 4x2 core and a recording.
struct Core {
  ArrayConfig config{.rows = 4, .cols = 2};
  std::vector<Library> libraries = {Osu()};
  StudyRun run;
  SynthesisResult synthesis;
  FlatNetlist flat;
  PortRecording recording;

  Core() {
    run.cache_dir = kCache;
    synthesis = Synthesize(MappingOf(BuildSystolicCore(config), libraries, "4x2", run));
    flat = Flatten(synthesis.netlist, libraries);
    const auto layer = GroupLayers(LeNet()[0], config)[0].sample;
    recording = RecordLayer(LeNet()[0], layer, config, 100, MappingSet::kBest, kCache);
  }
};
const Core& SmallCore() {
  static const Core core;
  return core;
}

TEST(BlockSample, HasTheWantedNumberAndFollowsTheSeed) {
  const FlatNetlist& flat = SmallCore().flat;
  const BlockSample sample = ChooseBlocks(flat, {.module = "systolic_row", .count = 2});
  EXPECT_EQ(sample.chosen.size(), 4U);
  EXPECT_EQ(std::count(sample.chosen.begin(), sample.chosen.end(), true), 2);
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 20; ++seed) {
    const BlockSample other =
        ChooseBlocks(flat, {.module = "systolic_row", .count = 2, .seed = seed});
    EXPECT_EQ(std::count(other.chosen.begin(), other.chosen.end(), true), 2) << seed;
    differs = differs || other.chosen != sample.chosen;
  }
  EXPECT_TRUE(differs);
  EXPECT_EQ(ChooseBlocks(flat, {.module = "systolic_row", .count = 4}).Count(), 0U);
  EXPECT_THROW(ChooseBlocks(flat, {.module = "systolic_row", .count = 1}), RequestError);
}

/// Toggles of every net of the cut, by the nets of the whole; 0 for others.
std::vector<std::uint64_t> TimedToggles(const CutOut& cut, const PortRecording& recording,
                                        std::uint32_t nets) {
  GateSimulator simulator(cut.netlist, {.timing = &cut.timing, .period = 20e-9, .seed = 0});
  const Replay replay = ReplayRecording(simulator, recording, {.compare_from = 2});
  EXPECT_FALSE(replay.difference);
  EXPECT_GT(replay.compared_bits, 0U);
  std::vector<std::uint64_t> toggles(nets, 0);
  for (std::size_t i = 0; i < cut.nets.size(); ++i) {
    toggles[cut.nets[i]] = replay.activity.toggles[i];
  }
  return toggles;
}

TEST(BlockSample, CutRowsDoWhatTheyDoInTheWholeCore) {
  const Core& core = SmallCore();
  const Timing timing = CalculateTiming(core.flat, {.input_transition = 1e-10});
  GateSimulator whole(core.flat, {.timing = &timing, .period = 20e-9, .seed = 0});
  const Replay expected = ReplayRecording(whole, core.recording, {.compare_from = 2});
  ASSERT_FALSE(expected.difference);

  const CutOut all = CutBlocks(core.flat, timing, std::vector<bool>(core.flat.blocks.size(), true));
  EXPECT_TRUE(all.inputs.empty());
  EXPECT_EQ(TimedToggles(all, core.recording, core.flat.nets), expected.activity.toggles);

  const BlockSample sample =
      ChooseBlocks(core.flat, {.module = "systolic_row", .count = 2, .seed = 3});
  const CutOut cut = CutBlocks(core.flat, timing, sample.keep);
  ASSERT_FALSE(cut.inputs.empty());
  EXPECT_LT(cut.netlist.cells.size(), core.flat.cells.size());
  CutRecorder recorder(cut, core.recording);
  GateSimulator still(core.flat, {.seed = 0});
  ReplayRecording(still, core.recording,
                  {.compare_from = 2, .after_cycle = [&] {
                     recorder.AddCycle([&](std::uint32_t net) { return still.Value(net); });
                   }});
  // The outputs at the cut are compared with the whole's in there.
  const auto toggles = TimedToggles(cut, recorder.Take(), core.flat.nets);
  double wanted = 0, found = 0;
  const std::vector<std::uint32_t> drivers = DrivingCells(core.flat);
  for (std::uint32_t net = 0; net < core.flat.nets; ++net) {
    if (drivers[net] == kNoCell || !sample.Chosen(core.flat.cells[drivers[net]].block)) continue;
    wanted += static_cast<double>(expected.activity.toggles[net]);
    found += static_cast<double>(toggles[net]);
  }
  EXPECT_GT(wanted, 1000);
  EXPECT_NEAR(found, wanted, 0.005 * wanted);
}

TEST(BlockSample, EveryGateOfTheArrayLiesInTheIntervalAndThePartsAddUp) {
  OverheadSettings settings;
  settings.cycles = 120;
  settings.warm_up = 60;
  settings.cache_dir = kCache;
  const ArrayOverhead all = MeasureArrayOverhead(6, 2, Osu(), LeNet(), settings);
  settings.every_gate = 0;
  settings.sample_rows = 4;
  const ArrayOverhead some = MeasureArrayOverhead(6, 2, Osu(), LeNet(), settings);
  ASSERT_FALSE(some.extended.layers.empty());
  const auto sum = [](const std::map<std::string, double>& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0.0,
                           [](double total, const auto& part) { return total + part.second; });
  };
  for (std::size_t i = 0; i < some.extended.layers.size(); ++i) {
    const LayerPower& layer = some.extended.layers[i];
    const LayerPower& every = all.extended.layers[i];
    EXPECT_EQ(every.rows_sampled, 0U);
    EXPECT_EQ(layer.rows_sampled, 4U);
    EXPECT_EQ(layer.rows, 6U);
    EXPECT_DOUBLE_EQ(layer.watts_zero_delay, every.watts_zero_delay);
    EXPECT_NEAR(layer.watts, every.watts, layer.interval + 0.002 * every.watts) << layer.layer;
    EXPECT_LT(layer.interval, 0.1 * layer.watts);
    EXPECT_NEAR(sum(layer.groups), layer.watts, 1e-9 * layer.watts);
    EXPECT_NEAR(sum(layer.kinds), layer.watts, 1e-9 * layer.watts);
    EXPECT_NEAR(sum(layer.modules), layer.watts, 1e-9 * layer.watts);
  }
}

}  // namespace
}  // namespace systole
