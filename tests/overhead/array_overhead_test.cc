// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/array_overhead.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

const Library& Osu() {
  static const Library library = ReadLiberty(kLibrary);
  return library;
}

const std::vector<ArrayWorkload>& LeNet() {
  static const std::vector<ArrayWorkload> workloads = {
      FileWorkload("lenet", SYSTOLE_SOURCE_DIR "/models/lenet/lenet5.onnx",
                   SYSTOLE_SOURCE_DIR "/models/lenet/calibration.npy")};
  return workloads;
}

OverheadSettings Settings() {
  OverheadSettings settings;
  settings.cycles = 120;
  settings.warm_up = 60;
  settings.cache_dir = kCache;
  return settings;
}

const ArrayOverhead& Measured() {
  static const ArrayOverhead overhead = MeasureArrayOverhead(1, 2, Osu(), LeNet(), Settings());
  return overhead;
}

double Sum(const std::map<std::string, double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, const auto& part) { return sum + part.second; });
}

TEST(ArrayOverhead, BlocksAddUpToTheArea) {
  for (const CoreFigures* core : {&Measured().baseline, &Measured().extended}) {
    EXPECT_NEAR(Sum(core->modules), core->area, 1e-6 * core->area);
    EXPECT_GT(core->registers, 100U);
    EXPECT_GT(core->cells, core->registers);
  }
  EXPECT_GT(Measured().extended.area, Measured().baseline.area);
  EXPECT_EQ(Measured().baseline.modules.at("requantize_lane"),
            Measured().extended.modules.at("requantize_lane"));
}

TEST(ArrayOverhead, PowerAddsUpByGroupKindAndModule) {
  ASSERT_FALSE(Measured().baseline.layers.empty());
  for (const CoreFigures* core : {&Measured().baseline, &Measured().extended}) {
    for (const LayerPower& layer : core->layers) {
      EXPECT_EQ(layer.cycles, 60U);
      EXPECT_GT(layer.compared_bits, 1000U);
      EXPECT_NEAR(Sum(layer.groups), layer.watts, 1e-9 * layer.watts);
      EXPECT_NEAR(Sum(layer.kinds), layer.watts, 1e-9 * layer.watts);
      EXPECT_NEAR(Sum(layer.modules), layer.watts, 1e-9 * layer.watts);
      EXPECT_LE(layer.watts_zero_delay, layer.watts * 1.05);
    }
  }
}

TEST(ArrayOverhead, InferencesCountEveryCycleOfTheirGroups) {
  for (const CoreFigures* core : {&Measured().baseline, &Measured().extended}) {
    const InferenceEnergy& inference = core->inferences.at(0);
    std::uint64_t cycles = 0;
    double joules = 0;
    for (const GroupEnergy& group : inference.groups) {
      cycles += group.cycles;
      joules += group.joules;
    }
    EXPECT_EQ(inference.cycles, cycles);
    EXPECT_DOUBLE_EQ(inference.joules, joules);
    EXPECT_DOUBLE_EQ(inference.groups[0].joules,
                     core->layers[0].watts * Measured().period *
                         static_cast<double>(inference.groups[0].cycles));
  }
}

TEST(ArrayOverhead, StoredResultsAreTakenAndBelongToTheirClock) {
  const fs::path store = fs::path(::testing::TempDir()) / "overhead-store";
  fs::remove_all(store);
  OverheadSettings settings = Settings();
  settings.store = store;
  const ArrayOverhead first = MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings);
  int gate_runs = 0;
  settings.on_progress = [&](const std::string& text) {
    gate_runs += text.find(": gates on ") != std::string::npos ? 1 : 0;
  };
  const ArrayOverhead again = MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings);
  EXPECT_EQ(gate_runs, 0);
  EXPECT_EQ(again.extended.layers.at(0).watts, first.extended.layers.at(0).watts);
  EXPECT_EQ(again.extended.inferences.at(0).joules, first.extended.inferences.at(0).joules);

  settings.period = 2 * first.period;
  const ArrayOverhead slower = MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings);
  EXPECT_GT(gate_runs, 0);
  // Half the toggles a second; leakage and what has not changed stay.
  EXPECT_NEAR(slower.extended.layers.at(0).watts, first.extended.layers.at(0).watts / 2,
              0.01 * first.extended.layers.at(0).watts);
}

TEST(ArrayOverhead, ClockOfOpenStaIsMeasuredOnceAndIncludesSetup) {
  if (RunTool(".", "sta -version < /dev/null").status == 127) GTEST_SKIP() << "no sta";
  OverheadSettings settings = Settings();
  settings.power = false;
  settings.sta = true;
  settings.store = fs::path(::testing::TempDir()) / "overhead-sta-store";
  fs::remove_all(settings.store);
  const ArrayOverhead first = MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings);
  for (const CoreFigures* core : {&first.baseline, &first.extended}) {
    EXPECT_GT(core->min_period, core->register_delay);
    EXPECT_LT(core->min_period, core->register_delay + 1e-9);
    EXPECT_EQ(core->sta_left_out, "");
  }
  bool asked = false;
  settings.on_progress = [&](const std::string& text) {
    asked = asked || text.ends_with(": OpenSTA");
  };
  const ArrayOverhead again = MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings);
  EXPECT_FALSE(asked);
  EXPECT_EQ(again.extended.min_period, first.extended.min_period);
  settings.sta = false;
  EXPECT_EQ(MeasureArrayOverhead(1, 1, Osu(), LeNet(), settings).extended.min_period, 0);
}

TEST(ArrayOverhead, ClockThatIsTooFastIsFoundByTheRtl) {
  OverheadSettings settings = Settings();
  settings.cycles = 500;  // the first sums end after 150
  settings.period = Measured().baseline.register_delay / 4;
  EXPECT_THROW(MeasureArrayOverhead(1, 2, Osu(), LeNet(), settings), RunError);
}

TEST(ArrayOverhead, InterruptedStudyStops) {
  OverheadSettings settings = Settings();
  settings.cancelled = [] { return true; };
  EXPECT_THROW(MeasureArrayOverhead(1, 2, Osu(), LeNet(), settings), RunError);
}

}  // namespace
}  // namespace systole
