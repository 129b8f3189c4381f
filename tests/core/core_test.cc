// SPDX-License-Identifier: Apache-2.0
// The RTL of the core against its functional model and its cycle formulas, with the RTL's own
// assertions on. SYSTOLE_DEEP=1 runs many times more.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "tb/core_sim.h"
#include "tests/core/tiles.h"

namespace systole {
namespace {

std::size_t Depth() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  return deep != nullptr && *deep == '1' ? 40 : 1;
}

class CoreTest : public ::testing::TestWithParam<ArrayConfig> {
 protected:
  CoreTest()
      : sim_(GetParam(), {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true}) {}

  /// Runs a random list of tiles and expects the model's results and, without pauses, the formula's
  /// cycles.
  void ExpectEqual(const TileMix& mix, std::uint64_t seed, std::size_t count,
                   const RunOptions& options = {}) {
    SCOPED_TRACE(fmt::format("tiles of seed {}, pauses of seed {}", seed, options.seed));
    TileList tiles(GetParam(), mix, seed, count);
    RunResult result;
    ASSERT_NO_THROW(result = sim_.Run(tiles, 0, tiles.tile_count(), options));
    EXPECT_EQ(tiles.Difference(), "");
    EXPECT_EQ(result.timing_difference, "");
  }

  CoreSim sim_;
};

TEST_P(CoreTest, MixedTilesEqualModelAndFormula) {
  for (std::uint64_t seed = 1; seed <= 3 * Depth(); ++seed) ExpectEqual({}, seed, 1000);
}

TEST_P(CoreTest, ModesBackToBackEqualModelAndFormula) {
  for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
    ExpectEqual({.several = 0, .rest = 0, .longest = 3, .widest = 1}, seed, 400);
    ExpectEqual({.several = 0, .all_rows = 0, .rest = 0, .longest = 2, .widest = 2}, seed, 400);
  }
}

TEST_P(CoreTest, EveryTileWithItsOwnParametersEqualsModelAndFormula) {
  for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
    ExpectEqual({.raw = 32, .params = 256, .short_bank = 0, .longest = 4}, seed, 200);
    ExpectEqual({.raw = 32, .params = 256, .short_bank = 200, .longest = 40}, seed, 200);
  }
}

TEST_P(CoreTest, OneBankForAllTilesEqualsModelAndFormula) {
  for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
    ExpectEqual({.raw = 0, .params = 0, .short_bank = 0, .longest = 4}, seed, 400);
  }
}

TEST_P(CoreTest, LongReductionsEqualModelAndFormula) {
  for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
    ExpectEqual({.several = 128, .longest = 400, .widest = 2}, seed, 20);
  }
}

TEST_P(CoreTest, SumsOfExtremeOperandsWrapAsTheModelDoes) {
  for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
    ExpectEqual({.raw = 160, .extreme = 256, .longest = 300, .widest = 1}, seed, 40);
  }
}

TEST_P(CoreTest, PausesOfAllStreamsChangeNoResult) {
  for (const int chance : {16, 128, 240}) {
    for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
      RunOptions options{.longest_stall = seed % 2 == 0 ? 1U : 6U, .seed = seed};
      options.stall.fill(static_cast<std::uint8_t>(chance));
      ExpectEqual({}, seed + 100, 150, options);
    }
  }
}

TEST_P(CoreTest, PausesOfOneStreamChangeNoResult) {
  for (int stream = 0; stream < kStreamCount; ++stream) {
    SCOPED_TRACE(fmt::format("stream {}", stream));
    for (std::uint64_t seed = 1; seed <= Depth(); ++seed) {
      RunOptions options{.longest_stall = 30, .seed = seed};
      options.stall[static_cast<std::size_t>(stream)] = 40;
      ExpectEqual({.params = 160, .longest = 6}, seed + 200, 150, options);
    }
  }
}

TEST_P(CoreTest, UnevenPausesChangeNoResult) {
  for (std::uint64_t seed = 1; seed <= 4 * Depth(); ++seed) {
    Stimulus random(seed);
    RunOptions options{.longest_stall = static_cast<std::uint32_t>(random.Between(1, 20)),
                       .seed = seed};
    for (std::uint8_t& chance : options.stall) {
      chance = random.Chance(96) ? 0 : static_cast<std::uint8_t>(random.Between(1, 250));
    }
    ExpectEqual({}, seed + 300, 80, options);
  }
}

std::vector<ArrayConfig> Shapes() {
  std::vector<std::pair<int, int>> shapes = {{1, 1}, {1, 3},  {2, 2},   {3, 5},  {4, 4}, {7, 2},
                                             {5, 1}, {8, 16}, {16, 16}, {2, 33}, {3, 70}};
  if (Depth() > 1) shapes.insert(shapes.end(), {{16, 4}, {5, 17}, {3, 33}, {24, 24}});
  std::vector<ArrayConfig> configs;
  for (const auto& [rows, cols] : shapes) {
    for (const Dataflow dataflow : {Dataflow::kOs, Dataflow::kOsStos}) {
      configs.push_back({.rows = rows, .cols = cols, .dataflow = dataflow});
    }
  }
  const Dataflow both = Dataflow::kOsStos;
  configs.push_back({.rows = 3, .cols = 4, .dataflow = both, .data_width = 4, .acc_width = 24});
  configs.push_back({.rows = 5, .cols = 3, .dataflow = both, .data_width = 16, .acc_width = 40});
  configs.push_back({.rows = 2, .cols = 3, .dataflow = both, .acc_width = 16, .count_width = 10});
  return configs;
}

std::string NameOf(const ::testing::TestParamInfo<ArrayConfig>& info) {
  const ArrayConfig& config = info.param;
  return fmt::format("{}x{}_{}_int{}_int{}", config.rows, config.cols,
                     config.dataflow == Dataflow::kOs ? "os" : "stos", config.data_width,
                     config.acc_width);
}

TEST(CoreCounters, HoldTheGreatestCountsOfTheirWidth) {
  const ArrayConfig config{.rows = 2, .cols = 2, .count_width = 4};
  const CoreSim sim(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  const Pass gemm{.taps = 15, .rows = 2, .params = 1};
  const Pass stos{.fill = 15, .taps = 15, .spacing = 15, .rows = 2, .stos = 1, .raw = 1};
  std::vector<TileStream> list;
  for (const Pass& pass : {gemm, stos, stos}) {
    TileStream tile{.passes = {pass},
                    .activations = std::vector<std::int8_t>(Steps(pass) * 2, -128),
                    .weights = std::vector<std::int8_t>(pass.taps * 2, -128)};
    if (pass.params != 0)
      tile.params = {{.scale = 0.0001F}, {.bias = 5, .scale = 0.001F, .end = 1}};
    for (std::size_t i = 0; i < tile.activations.size(); i += 3) tile.activations[i] = 77;
    list.push_back(std::move(tile));
  }
  TileList tiles(config, std::move(list));
  const RunResult result = sim.Run(tiles, 0, tiles.tile_count());
  EXPECT_EQ(tiles.Difference(), "");
  EXPECT_EQ(result.timing_difference, "");
}

INSTANTIATE_TEST_SUITE_P(Shapes, CoreTest, ::testing::ValuesIn(Shapes()), NameOf);

}  // namespace
}  // namespace systole
