// SPDX-License-Identifier: Apache-2.0
// The core's tests can fail: each of these mistakes in the RTL is found by comparing results and
// cycles, without the RTL's own assertions. SYSTOLE_DEEP=1 tries all, else the first two.
#include "tests/core/mutants.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "gen/systolic/systolic_core.h"
#include "tb/core_sim.h"
#include "tests/core/tiles.h"

namespace systole {
namespace {

constexpr ArrayConfig kConfig = {.rows = 3, .cols = 4, .count_width = 10};

std::string Mutate(std::string text, const Mutant& mutant) {
  const std::size_t at = text.find(mutant.from);
  if (at == std::string::npos || text.find(mutant.from, at + 1) != std::string::npos) {
    throw RunError(mutant.file + " does not have once: " + mutant.from);
  }
  return text.replace(at, mutant.from.size(), mutant.to);
}

/// The first thing that tests/core finds wrong with the core; empty when it finds nothing.
std::string FirstComplaint(const CoreSim& sim) {
  const TileMix short_tiles = {.several = 0, .rest = 0, .longest = 3, .widest = 1};
  const TileMix all_params = {.raw = 32, .params = 256, .short_bank = 0, .longest = 4};
  RunOptions pauses{.longest_stall = 6};
  pauses.stall.fill(100);
  for (const TileMix& mix : {TileMix{}, short_tiles, all_params}) {
    for (const RunOptions& options : {RunOptions{}, pauses}) {
      TileList tiles(kConfig, mix, 7, 400);
      try {
        const RunResult result = sim.Run(tiles, 0, tiles.tile_count(), options);
        if (!result.timing_difference.empty()) return result.timing_difference;
      } catch (const RunError& error) {
        return error.what();
      }
      if (const std::string difference = tiles.Difference(); !difference.empty()) return difference;
    }
  }
  return "";
}

class MutantTest : public ::testing::TestWithParam<Mutant> {};

TEST_P(MutantTest, IsFound) {
  std::vector<rtl::File> verilog = rtl::VerilogFiles(BuildSystolicCore(kConfig));
  int changed = 0;
  for (rtl::File& file : verilog) {
    if (file.name != GetParam().file) continue;
    file.text = Mutate(file.text, GetParam());
    ++changed;
  }
  ASSERT_EQ(changed, 1);
  const CoreSim sim(kConfig, verilog, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache"});
  const std::string complaint = FirstComplaint(sim);
  EXPECT_NE(complaint, "");
  RecordProperty("complaint", complaint);
}

TEST(CoreWithoutMutation, GivesNoComplaint) {
  const CoreSim sim(kConfig, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache"});
  EXPECT_EQ(FirstComplaint(sim), "");
}

std::vector<Mutant> Chosen() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  if (deep != nullptr && *deep == '1') return Mutants();
  return {Mutants().begin(), Mutants().begin() + 2};
}

INSTANTIATE_TEST_SUITE_P(Rtl, MutantTest, ::testing::ValuesIn(Chosen()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
