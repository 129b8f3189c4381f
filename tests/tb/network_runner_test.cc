// SPDX-License-Identifier: Apache-2.0
#include "tb/network_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "base/error.h"
#include "base/file.h"
#include "gen/systolic/systolic_core.h"
#include "tests/tb/sample_network.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// Passes everything on and changes one value of one tile.
class OneWrongValue : public TileSource {
 public:
  OneWrongValue(TileSource& source, std::uint64_t tile) : source_(source), tile_(tile) {}
  std::uint64_t tile_count() const override { return source_.tile_count(); }
  void Form(std::uint64_t index, TileStream& tile) const override { source_.Form(index, tile); }
  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    std::vector<std::int32_t> changed = beats;
    if (index == tile_) changed.back() ^= 1;
    source_.Collect(index, changed);
  }

 private:
  TileSource& source_;
  std::uint64_t tile_;
};

TEST(RunLayers, VerifiesEveryLayerOnTheGeneratedCore) {
  const Sample sample;
  const NetworkRun run = RunLayers(sample.network, sample.values, SmallArray(), {});
  ASSERT_EQ(run.layers.size(), 2U);
  for (const LayerResult& layer : run.layers) {
    EXPECT_EQ(layer.verdict, Verdict::kVerified) << layer.node << ": " << layer.problem;
    EXPECT_EQ(layer.cycles, layer.model_cycles);
    EXPECT_GE(layer.cycles, layer.limit_cycles);
  }
  EXPECT_EQ(run.layers[0].node, "dense");
  EXPECT_EQ(run.layers[0].macs, 5U * 36 * 27);
  EXPECT_EQ(run.layers[1].mapping, "st-os 1x3");
  EXPECT_TRUE(run.Good());
  EXPECT_THAT(run.tools, HasSubstr("erilator"));
}

TEST(RunLayers, VerifiesEveryByteWithPausingStreams) {
  const Sample sample;
  RunSettings settings = SmallArray();
  settings.stall = 100;
  settings.seed = kSeed;
  const NetworkRun run = RunLayers(sample.network, sample.values, settings, {});
  EXPECT_TRUE(run.Good()) << run.layers[0].problem;
  EXPECT_GT(run.layers[0].cycles, run.layers[0].model_cycles);
}

TEST(RunLayers, TheModelsTableIsTheOneOfTheRightCore) {
  const Sample sample;
  RunSettings settings = SmallArray();
  const NetworkRun right = RunLayers(sample.network, sample.values, settings,
                                     With([&](TileSource& source, const RunOptions&) {
                                       return RunModel(source, settings.config);
                                     }));
  settings.engine = Engine::kModel;
  const NetworkRun model = RunLayers(sample.network, sample.values, settings, {});
  EXPECT_TRUE(right.Good());
  EXPECT_TRUE(model.Good());
  ASSERT_EQ(model.layers.size(), right.layers.size());
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    EXPECT_EQ(right.layers[i].verdict, Verdict::kVerified);
    EXPECT_EQ(model.layers[i].verdict, Verdict::kModel);
    EXPECT_EQ(model.layers[i].cycles, right.layers[i].cycles);
    EXPECT_EQ(model.layers[i].tiles, right.layers[i].tiles);
  }
}

TEST(RunLayers, OneWrongByteIsNamed) {
  const Sample sample;
  const RunSettings settings = SmallArray();
  const NetworkRun run = RunLayers(sample.network, sample.values, settings,
                                   With([&](TileSource& source, const RunOptions&) {
                                     OneWrongValue wrong(source, 1);
                                     return RunModel(wrong, settings.config);
                                   }));
  EXPECT_FALSE(run.Good());
  EXPECT_EQ(run.layers[0].verdict, Verdict::kDiffers);
  EXPECT_THAT(run.layers[0].problem,
              MatchesRegex("element \\[0,[0-4],[0-5],[0-5]\\] is -?[0-9]+, the reference has "
                           "-?[0-9]+; 1 of 180 elements differ"));
}

TEST(RunLayers, OneCycleMoreIsNamed) {
  const Sample sample;
  const RunSettings settings = SmallArray();
  const NetworkRun run = RunLayers(sample.network, sample.values, settings,
                                   With([&](TileSource& source, const RunOptions&) {
                                     RunResult result = RunModel(source, settings.config);
                                     ++result.cycles;
                                     return result;
                                   }));
  EXPECT_FALSE(run.Good());
  const LayerResult& layer = run.layers[0];
  EXPECT_EQ(layer.verdict, Verdict::kDiffers);
  EXPECT_EQ(layer.problem, "took " + std::to_string(layer.model_cycles + 1) +
                               " cycles, the formula says " + std::to_string(layer.model_cycles));
}

TEST(RunLayers, ACrashAndAnErrorAreTheFailuresOfTheirLayers) {
  const Sample sample;
  const RunSettings settings = SmallArray();
  const NetworkRun run = RunLayers(sample.network, sample.values, settings,
                                   With([&](TileSource& source, const RunOptions&) -> RunResult {
                                     if (source.tile_count() == 12) raise(SIGKILL);  // dense
                                     throw RunError("the core stands still");
                                   }));
  EXPECT_FALSE(run.Good());
  EXPECT_EQ(run.layers[0].verdict, Verdict::kFailed);
  EXPECT_EQ(run.layers[0].problem, "the worker died: Killed");
  EXPECT_EQ(run.layers[1].verdict, Verdict::kFailed);
  EXPECT_EQ(run.layers[1].problem, "the core stands still");
}

/// The generated core with one text replaced by another.
std::vector<rtl::File> Mutant(const ArrayConfig& config, const std::string& from,
                              const std::string& to) {
  std::vector<rtl::File> files = rtl::VerilogFiles(BuildSystolicCore(config));
  int replaced = 0;
  for (rtl::File& file : files) {
    if (const std::size_t at = file.text.find(from); at != std::string::npos) {
      file.text.replace(at, from.size(), to);
      ++replaced;
    }
  }
  EXPECT_EQ(replaced, 1) << from;
  return files;
}

NetworkRun RunMutant(const std::string& from, const std::string& to) {
  const Sample sample;
  const RunSettings settings = SmallArray();
  ModelOptions options;
  options.cache_dir = settings.cache_dir;
  const CoreSim core(settings.config, Mutant(settings.config, from, to), options);
  return RunLayers(sample.network, sample.values, settings,
                   With([&](TileSource& source, const RunOptions& run) {
                     return core.Run(source, 0, source.tile_count(), run);
                   }));
}

TEST(RunLayers, AMutantThatMultipliesWronglyIsFound) {
  const NetworkRun run = RunMutant("* $signed(wgt_i[c*DataW +: DataW]);",
                                   "* $signed(wgt_i[c*DataW +: DataW] | 8'd1);");
  EXPECT_FALSE(run.Good());
  EXPECT_THAT(run.layers[0].problem, HasSubstr("the reference has"));
}

TEST(RunLayers, AMutantThatLosesACycleBetweenTilesIsFound) {
  const NetworkRun run =
      RunMutant("wire go       = en_i & busy_q & ~held;",
                "wire go       = en_i & busy_q & ~held & ~(first_q & hold_q[0]);");
  EXPECT_FALSE(run.Good());
  EXPECT_THAT(run.layers[0].problem, HasSubstr("tile 1"));
  EXPECT_THAT(run.layers[0].problem, Not(HasSubstr("element")));
}

TEST(RunLayers, RunsOnlyTheLayersThatWereAsked) {
  const Sample sample;
  RunSettings settings = SmallArray();
  settings.engine = Engine::kModel;
  settings.layers = {"line"};
  const NetworkRun run = RunLayers(sample.network, sample.values, settings, {});
  ASSERT_EQ(run.layers.size(), 1U);
  EXPECT_EQ(run.layers[0].node, "line");
}

TEST(RunLayers, UnknownNamesAndWidthsThatDoNotFitAreReportedTogether) {
  const Sample sample;
  RunSettings settings = SmallArray();
  settings.layers = {"pool", "nothing"};
  try {
    RunLayers(sample.network, sample.values, settings, {});
    FAIL();
  } catch (const RequestError& error) {
    ASSERT_EQ(error.problems().size(), 2U);
    EXPECT_EQ(error.problems()[0].what,
              "--layers pool: the network has no array layer of this name");
    EXPECT_EQ(error.problems()[0].fix, "its array layers are: dense, line");
  }
  settings.layers.clear();
  settings.config.data_width = 16;
  try {
    RunLayers(sample.network, sample.values, settings, {});
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_EQ(error.problems().size(), 2U) << "one for each layer";
  }
}

TEST(RunLayers, StopEndsTheRunAndLeavesNoWaveform) {
  const Sample sample;
  const fs::path folder = fs::path(testing::TempDir()) / "systole_stop";
  fs::remove_all(folder);
  fs::create_directories(folder);
  RunSettings settings = SmallArray();
  settings.trace = TraceRequest{folder / "dense.fst", "dense"};
  RunHooks hooks = With([&](TileSource&, const RunOptions& options) -> RunResult {
    if (!options.trace.empty()) WriteFile(options.trace, "half a waveform");
    sleep(1000);
    return {};
  });
  hooks.stop = [&] { return !fs::is_empty(folder); };
  const NetworkRun run = RunLayers(sample.network, sample.values, settings, hooks);
  EXPECT_TRUE(run.stopped);
  EXPECT_FALSE(run.Good());
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(RunLayers, ProgressEndsWithAllLayersTilesAndCycles) {
  const Sample sample;
  const RunSettings settings = SmallArray();
  RunHooks hooks = With(
      [&](TileSource& source, const RunOptions&) { return RunModel(source, settings.config); });
  RunProgress last;
  hooks.on_progress = [&](const RunProgress& progress) { last = progress; };
  const NetworkRun run = RunLayers(sample.network, sample.values, settings, hooks);
  EXPECT_EQ(last.layers_done, 2U);
  EXPECT_EQ(last.tiles_done, run.layers[0].tiles + run.layers[1].tiles);
  EXPECT_EQ(last.tiles, last.tiles_done);
  EXPECT_EQ(last.cycles_done, run.layers[0].cycles + run.layers[1].cycles);
}

}  // namespace
}  // namespace systole
