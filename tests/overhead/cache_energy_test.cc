// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_energy.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "synth/overhead/cache_overhead.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr MacroNode kNode = {0.18, 1.8};

GateWindow Window(std::uint64_t cycles, std::uint64_t accesses, const LogicEnergy& logic) {
  GateWindow window;
  window.cycles = cycles;
  window.accesses = accesses;
  window.logic = logic;
  window.tcam = {2 * logic.standing, 3 * logic.active};
  return window;
}

TEST(MeanLogic, WeighsCyclesAndAccesses) {
  const LogicEnergy mean =
      MeanLogic({Window(100, 10, {1, 8}), Window(300, 10, {5, 4})}, &GateWindow::logic);
  EXPECT_DOUBLE_EQ(mean.standing, 4);
  EXPECT_DOUBLE_EQ(mean.active, 6);
  EXPECT_EQ(MeanLogic({}, &GateWindow::logic).standing, 0);
}

TEST(EnergyOfInference, IsStandingTimesCyclesAndActiveTimesAccesses) {
  CacheConfig config;
  config.null_cache = true;
  const CacheMemories memories = MemoriesOf(config, kNode, SramReading::kModelled);
  CacheCounts counts;
  counts.accesses = 1000;
  counts.cycles = 5000;
  counts.fills = 7;
  counts.entry_writes = 20;
  const CacheInference run =
      EnergyOfInference("net", config, memories, counts, {Window(100, 10, {2e-12, 30e-12})}, 1e-8,
                        FindMemory("lpddr2"));
  EXPECT_DOUBLE_EQ(run.standing, 2e-12 * 5000);
  EXPECT_DOUBLE_EQ(run.logic, 2e-12 * 5000 + 30e-12 * 1000);
  EXPECT_DOUBLE_EQ(run.tcam_flip_flops, 4e-12 * 5000 + 90e-12 * 1000);
  EXPECT_DOUBLE_EQ(run.Standing(TcamReading::kMacro), run.standing);
  EXPECT_DOUBLE_EQ(run.Standing(TcamReading::kFlipFlops), run.standing + 4e-12 * 5000);
  const MacroFigures& tcam = memories.tcam->figures;
  EXPECT_DOUBLE_EQ(run.tcam_macro.typical, 1000 * tcam.search.typical + 20 * tcam.write.typical +
                                               5000 * 1e-8 * tcam.leakage.typical);
  EXPECT_EQ(run.arrays.tcam, Band());
  EXPECT_DOUBLE_EQ(run.arrays.leakage.typical, 5000 * 1e-8 * memories.L1Leakage().typical);
  // The readings differ in the TCAM alone.
  EXPECT_DOUBLE_EQ(run.Total(TcamReading::kFlipFlops).typical - run.tcam_flip_flops,
                   run.Total(TcamReading::kMacro).typical - run.tcam_macro.typical);
  EXPECT_DOUBLE_EQ(run.Total(TcamReading::kMacro).typical - run.arrays.memory.typical,
                   run.OnChip(TcamReading::kMacro).typical);
}

CacheConfig Small() {
  CacheConfig config;
  config.size_bytes = 256;
  config.ways = 2;
  config.line_bytes = 16;
  return config;
}

CacheOverheadSettings Settings() {
  CacheOverheadSettings settings;
  settings.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  settings.timing = false;
  settings.period = 20e-9;
  settings.window = 80;
  settings.sampling.accesses_per_layer = 2000;
  WorkloadRequest lenet;
  lenet.models = SYSTOLE_SOURCE_DIR "/models";
  settings.workloads = {lenet};
  return settings;
}

CacheOverhead Measure(const CacheOverheadSettings& settings) {
  static const Library library = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  return MeasureCacheOverhead(StudiedCaches(Small(), {4}, {}), library, settings);
}

TEST(CachePower, GatesEqualTheRtlAndTheirPowerAddsUp) {
  const CacheOverhead overhead = Measure(Settings());
  for (const CacheFigures& cache : overhead.caches) {
    const GateWindow& window = cache.windows.at(0);
    EXPECT_GT(window.compared_bits, 100'000U) << cache.name;
    EXPECT_GT(window.accesses, 40U);
    EXPECT_LE(window.accesses, 80U);
    const double modules =
        std::accumulate(window.modules.begin(), window.modules.end(), 0.0,
                        [](double sum, const auto& module) { return sum + module.second; });
    EXPECT_NEAR(modules, window.watts, 1e-9 * window.watts);
    const double cycles = static_cast<double>(window.cycles);
    const double accesses = static_cast<double>(window.accesses);
    const double joules = (window.logic.standing + window.tcam.standing) * cycles +
                          (window.logic.active + window.tcam.active) * accesses;
    EXPECT_NEAR(joules, window.watts * overhead.period * cycles, 1e-9 * joules);
    EXPECT_EQ(window.tcam.standing > 0, cache.config.null_cache);
    EXPECT_GT(cache.inferences.at(0).counts.accesses, 1000);
  }
  const auto& base = overhead.caches[0].inferences[0];
  const auto& extended = overhead.caches[1].inferences[0];
  EXPECT_EQ(base.counts.accesses, extended.counts.accesses);
  EXPECT_LT(extended.counts.Misses(), base.counts.Misses());
}

TEST(CachePower, StoredResultsAreTakenAndBelongToTheirClock) {
  const fs::path store = fs::path(::testing::TempDir()) / "cache-overhead-store";
  fs::remove_all(store);
  CacheOverheadSettings settings = Settings();
  settings.store = store;
  const CacheOverhead first = Measure(settings);
  int gate_runs = 0;
  settings.on_progress = [&](const std::string& text) {
    gate_runs += text.find(": gates on ") != std::string::npos ? 1 : 0;
  };
  const CacheOverhead again = Measure(settings);
  EXPECT_EQ(gate_runs, 0);
  EXPECT_EQ(again.caches[1].windows[0].watts, first.caches[1].windows[0].watts);
  EXPECT_EQ(again.caches[1].inferences[0].logic, first.caches[1].inferences[0].logic);
  settings.period *= 2;
  const CacheOverhead slower = Measure(settings);
  EXPECT_EQ(gate_runs, 3);
  const double before = first.caches[1].windows[0].logic.active;
  EXPECT_NEAR(slower.caches[1].windows[0].logic.active, before, 0.01 * before);
}

TEST(CachePower, WithoutTimingOrClockIsRefused) {
  CacheOverheadSettings settings = Settings();
  settings.period = 0;
  EXPECT_THROW(Measure(settings), RequestError);
}

TEST(CachePower, UnknownLayersAndMemoriesAreRefused) {
  CacheOverheadSettings settings = Settings();
  settings.layers = {"conv9"};
  EXPECT_THROW(Measure(settings), RequestError);
  settings = Settings();
  settings.memory = "tape";
  EXPECT_THROW(Measure(settings), RequestError);
}

TEST(CachePower, InterruptedStudyStops) {
  CacheOverheadSettings settings = Settings();
  settings.cancelled = [] { return true; };
  EXPECT_THROW(Measure(settings), RunError);
}

}  // namespace
}  // namespace systole
