// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/cache_runs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "sw/cache_study/workload.h"

namespace systole {
namespace {

WorkloadRequest Lenet(ProgramKind program = ProgramKind::kUnpacked) {
  WorkloadRequest request;
  request.program = program;
  request.models = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "models";
  return request;
}

TEST(CachePoints, AreGoodAndDifferent) {
  std::set<std::string> seen;
  for (const CachePoint& point : PublishedPoints()) {
    EXPECT_TRUE(Check(point.config).empty()) << point.name;
    EXPECT_TRUE(seen.insert(Describe(point).dump()).second) << point.name;
  }
  for (const CacheSweep& sweep : Sweeps()) {
    std::set<std::string> values;
    for (const CacheSweep::Value& value : sweep.values) {
      EXPECT_TRUE(Check(value.point.config).empty()) << sweep.key << " " << value.text;
      EXPECT_TRUE(Check(value.base.config).empty()) << sweep.key << " " << value.text;
      EXPECT_TRUE(values.insert(Describe(value.point).dump()).second) << sweep.key;
      EXPECT_FALSE(value.base.config.null_cache);
    }
  }
}

TEST(RunCaches, CountsWhatOneModelCounts) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(), image);
  const std::vector<CachePoint> points = PublishedPoints();
  const std::vector<CacheRun> runs = RunCaches(workload.program, image, points, {});
  ASSERT_EQ(runs.size(), points.size());
  for (std::size_t p = 0; p < points.size(); ++p) {
    MemoryImage own(32);
    const Workload again = BuildWorkload(Lenet(), own);
    CacheModel model(points[p].config, own, {}, points[p].extras);
    const ProgramRun run = RunProgram(again.program, own, model);
    const CacheCounters counters = model.Counters();
    const CacheCounts total = runs[p].Total();
    EXPECT_EQ(total.accesses, static_cast<double>(counters.accesses)) << points[p].name;
    EXPECT_EQ(total.Misses(), static_cast<double>(counters.Misses())) << points[p].name;
    EXPECT_EQ(total.cycles, static_cast<double>(model.cycle() + run.trailing_instructions));
    EXPECT_EQ(total.insertions, static_cast<double>(counters.null.insertions));
    const CacheArrayUse use = model.ArrayUse();
    EXPECT_EQ(total.store_hits, static_cast<double>(use.store_hits));
    EXPECT_EQ(total.installs, static_cast<double>(use.installs));
    EXPECT_EQ(total.victim_copies, static_cast<double>(use.victim_copies));
    EXPECT_EQ(total.merger_searches, static_cast<double>(use.tcam.searches));
    EXPECT_EQ(total.entry_reads, static_cast<double>(use.tcam.reads));
    EXPECT_EQ(total.entry_writes, static_cast<double>(use.tcam.writes));
    EXPECT_EQ(runs[p].layers.size(), workload.program.layers.size());
    // No cache does better than one cycle an instruction.
    EXPECT_GE(total.cycles, total.instructions);
  }
  const auto misses = [&](std::size_t p) { return runs[p].Total().Misses(); };
  EXPECT_LT(misses(kNullPoint), misses(kBasePoint));
  EXPECT_LT(misses(kIdealPoint), misses(kNullPoint));
  EXPECT_LT(misses(kDoublePoint), misses(kBasePoint));
  EXPECT_LE(misses(kVictimPoint), misses(kBasePoint));
}

TEST(RunCaches, ASampleStandsForTheWhole) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(), image);
  const std::vector<CachePoint> points = {PublishedPoints()[kBasePoint]};
  const CacheCounts whole = RunCaches(workload.program, image, points, {})[0].Total();
  const CacheRun sampled =
      RunCaches(workload.program, image, points, {.accesses_per_layer = 10000})[0];
  EXPECT_GT(sampled.layers[0].factor, 1.5);
  EXPECT_DOUBLE_EQ(sampled.Total().accesses, whole.accesses);
  EXPECT_EQ(sampled.Total().instructions, whole.instructions);
}

TEST(CacheRun, JsonReadsWhatItWrote) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(ProgramKind::kDirect), image);
  const CacheRun run =
      RunCaches(workload.program, image, {PublishedPoints()[kNullPoint]}, {}).at(0);
  const nlohmann::json json = run;
  EXPECT_EQ(nlohmann::json(json.get<CacheRun>()), json);
  EXPECT_GT(run.layers.at(0).counts.null_hits, 0);
}

TEST(Workload, SaysWhatIsZero) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(), image);
  ASSERT_EQ(workload.zeros.size(), 5u);
  std::int64_t weights = 0, zero = 0;
  for (const LayerZeros& layer : workload.zeros) {
    weights += layer.weights;
    zero += layer.zero_weights;
    EXPECT_GT(layer.activations, 0) << layer.layer;
  }
  EXPECT_EQ(weights, 61470);
  EXPECT_GT(static_cast<double>(zero) / static_cast<double>(weights), 0.85);
  WorkloadRequest line = Lenet();
  line.pruning = WorkloadPruning::kLine;
  MemoryImage other(32);
  std::int64_t zero_by_line = 0;
  for (const LayerZeros& layer : BuildWorkload(line, other).zeros)
    zero_by_line += layer.zero_weights;
  EXPECT_NEAR(static_cast<double>(zero_by_line), static_cast<double>(zero), 5 * 8);
}

TEST(Workload, WordsThatAreUnknownAreRefused) {
  EXPECT_THROW(ParseCacheNetwork("lenet5"), RequestError);
  EXPECT_THROW(ParseProgramKind(""), RequestError);
  EXPECT_THROW(ParseWorkloadPruning("all"), RequestError);
  for (const CacheNetwork network : AllCacheNetworks()) {
    EXPECT_EQ(ParseCacheNetwork(ToString(network)), network);
  }
  WorkloadRequest request = Lenet();
  request.models = "nowhere";
  EXPECT_THROW(BuildPrunedNetwork(request), RequestError);
  request.network = CacheNetwork::kFace;
  EXPECT_FALSE(IsPresent(request));
  EXPECT_THROW(BuildPrunedNetwork(request), RequestError);
  request = Lenet();
  request.size = 64;
  EXPECT_THROW(BuildPrunedNetwork(request), RequestError);
}

}  // namespace
}  // namespace systole
