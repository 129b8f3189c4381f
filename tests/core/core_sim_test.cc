// SPDX-License-Identifier: Apache-2.0
// What the runner does when something is wrong, and what it promises besides results.
#include "tb/core_sim.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/error.h"
#include "gen/systolic/systolic_core.h"
#include "tests/core/tiles.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr ArrayConfig kConfig = {.rows = 2, .cols = 2};
constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

const CoreSim& Sim() {
  static const CoreSim sim(kConfig, {.cache_dir = kCache, .assertions = true});
  return sim;
}

/// The core with `from` replaced by `to` in file `name`.
CoreSim Changed(const std::string& name, const std::string& from, const std::string& to) {
  std::vector<rtl::File> verilog = rtl::VerilogFiles(BuildSystolicCore(kConfig));
  int changed = 0;
  for (rtl::File& file : verilog) {
    const std::size_t at = file.name == name ? file.text.find(from) : std::string::npos;
    if (at == std::string::npos) continue;
    file.text.replace(at, from.size(), to);
    ++changed;
  }
  EXPECT_EQ(changed, 1);
  return CoreSim(kConfig, verilog, {.cache_dir = kCache, .assertions = true});
}

template <typename Error>
std::string Message(const CoreSim& sim, TileSource& source, const RunOptions& options = {}) {
  try {
    sim.Run(source, 0, source.tile_count(), options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Tiles of which one is not formed or not taken.
class Refusing : public TileList {
 public:
  Refusing(std::uint64_t bad_form, std::uint64_t bad_collect)
      : TileList(kConfig, {}, 1, 20), bad_form_(bad_form), bad_collect_(bad_collect) {}
  void Form(std::uint64_t index, TileStream& tile) const override {
    if (index == bad_form_) throw std::logic_error("not formed");
    TileList::Form(index, tile);
  }
  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    if (index == bad_collect_) throw std::logic_error("not taken");
    TileList::Collect(index, beats);
  }

 private:
  std::uint64_t bad_form_, bad_collect_;
};

TEST(CoreSim, ExceptionsOfTheSourceComeThrough) {
  Refusing forms(7, 100), collects(100, 7);
  EXPECT_EQ(Message<std::logic_error>(Sim(), forms), "not formed");
  EXPECT_EQ(Message<std::logic_error>(Sim(), collects), "not taken");
}

TEST(CoreSim, TileThatBreaksTheContractIsNamed) {
  class Broken : public TileList {
   public:
    Broken() : TileList(kConfig, {}, 1, 5) {}
    void Form(std::uint64_t index, TileStream& tile) const override {
      TileList::Form(index, tile);
      if (index == 3) tile.weights.pop_back();
    }
  } tiles;
  EXPECT_THAT(Message<RequestError>(Sim(), tiles),
              AllOf(HasSubstr("tile 3"), HasSubstr("weights")));
}

TEST(CoreSim, FailedAssertionEndsTheRunWithItsText) {
  const CoreSim sim =
      Changed("systolic_sequencer.v", "assert (cmd_taps_i != 0)", "assert (cmd_taps_i != 3)");
  TileList tiles(kConfig, {}, 1, 100);
  EXPECT_THAT(Message<RunError>(sim, tiles),
              AllOf(HasSubstr("systolic_sequencer.v:"), HasSubstr("command: taps is 0")));
}

TEST(CoreSim, CoreThatStandsStillEndsTheRun) {
  const CoreSim sim = Changed("systolic_sequencer.v", "assign cmd_ready_o = ~busy_q | done;",
                              "assign cmd_ready_o = 1'b0;");
  TileList tiles(kConfig, {}, 1, 100);
  EXPECT_THAT(Message<RunError>(sim, tiles), HasSubstr("stands still"));
}

TEST(CoreSim, BrokenStreamProtocolEndsTheRun) {
  const CoreSim sim =
      Changed("systolic_core.v", "assign acc_last_o  = sum_last_q;", "assign acc_last_o  = 1'b0;");
  TileList tiles(kConfig, {.raw = 256}, 1, 20);
  EXPECT_THAT(Message<RunError>(sim, tiles), HasSubstr("does not mark the last row"));
}

TEST(CoreSim, OtherCyclesThanTheFormulasAreReportedWithTheTile) {
  const CoreSim sim =
      Changed("systolic_sequencer.v", "hold_q <= rows_q - 1'b1;", "hold_q <= rows_q;");
  TileList tiles(kConfig, {.stos = 0, .several = 0, .params = 0, .all_rows = 256, .longest = 1}, 1,
                 20);
  const RunResult result = sim.Run(tiles, 0, tiles.tile_count());
  EXPECT_EQ(tiles.Difference(), "");
  EXPECT_THAT(result.timing_difference, HasSubstr("tile 1 completes in cycle"));
}

TEST(CoreSim, RegistersWithoutResetStartWithNoise) {
  const CoreSim sim =
      Changed("systolic_sequencer.v", "hold_q <= {RowsW{1'b0}};", "hold_q <= hold_q;");
  int disturbed = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TileList tiles(kConfig, {.stos = 0, .several = 0, .longest = 1}, 1, 1);
    disturbed += sim.Run(tiles, 0, 1, {.seed = seed}).timing_difference.empty() ? 0 : 1;
  }
  EXPECT_GT(disturbed, 0);
  EXPECT_LT(disturbed, 8);
}

TEST(CoreSim, RecordedFramesHoldEveryBeatThatMoved) {
  TileList tiles(kConfig, {.raw = 256}, 3, 40);
  RunOptions options{.seed = 3};
  options.stall.fill(60);
  std::map<std::string, FramePort> ports;
  for (const FramePort& port : FramePorts(BuildSystolicCore(kConfig))) {
    ports[port.name] = port;
  }
  ASSERT_EQ(ports.at("acc_data_o").bits, 64U);
  std::uint64_t frames = 0;
  std::vector<std::uint8_t> activations;
  std::vector<std::uint64_t> sums;
  options.record = [&](const std::uint8_t* frame) {
    ++frames;
    const auto at = [&](const char* port) { return frame + ports.at(port).offset; };
    if (*at("act_valid_i") && *at("act_ready_o")) {
      activations.insert(activations.end(), at("act_data_i"), at("act_data_i") + 2);
    }
    if (*at("acc_valid_o") && *at("acc_ready_i")) {
      std::memcpy(&sums.emplace_back(), at("acc_data_o"), 8);
    }
  };
  const RunResult result = Sim().Run(tiles, 0, tiles.tile_count(), options);
  EXPECT_EQ(tiles.Difference(), "");
  EXPECT_EQ(frames, result.cycles);
  std::vector<std::uint8_t> driven;
  std::size_t rows = 0;
  for (const TileStream& tile : tiles.tiles()) {
    driven.insert(driven.end(), tile.activations.begin(), tile.activations.end());
    rows += tile.passes.back().rows;
  }
  EXPECT_EQ(activations, driven);
  EXPECT_EQ(sums.size(), rows);
}

TEST(CoreSim, SameSeedSamePauses) {
  const auto cycles = [](std::uint64_t seed) {
    TileList tiles(kConfig, {}, 1, 50);
    RunOptions options{.seed = seed};
    options.stall.fill(60);
    return Sim().Run(tiles, 0, tiles.tile_count(), options).cycles;
  };
  EXPECT_EQ(cycles(1), cycles(1));
  EXPECT_NE(cycles(1), cycles(2));
}

TEST(CoreSim, RunsAPartOfTheTiles) {
  TileList tiles(kConfig, {.stos = 0, .params = 256}, 1, 30);
  const RunResult front = Sim().Run(tiles, 0, 11), back = Sim().Run(tiles, 11, 19);
  EXPECT_EQ(tiles.Difference(), "");
  EXPECT_EQ(front.completion.size(), 11u);
  EXPECT_EQ(back.completion.size(), 19u);
  EXPECT_EQ(front.cycles, front.completion.back() + 1);
  EXPECT_EQ(back.timing_difference, "");
  EXPECT_EQ(Sim().Run(tiles, 30, 0).cycles, 0u);
}

TEST(CoreSim, ProgressIsReportedAndMayEndTheRun) {
  TileList tiles(kConfig, {.stos = 0, .longest = 1000}, 1, 400);
  std::uint64_t calls = 0, latest = 0;
  RunOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t cycle) {
    EXPECT_GT(cycle, latest);
    EXPECT_LE(done, 400u);
    latest = cycle;
    ++calls;
  };
  const RunResult result = Sim().Run(tiles, 0, 400, options);
  EXPECT_EQ(calls, result.cycles / kProgressInterval);
  EXPECT_GT(calls, 0u);
  options.progress = [](std::uint64_t, std::uint64_t) { throw std::logic_error("enough"); };
  EXPECT_EQ(Message<std::logic_error>(Sim(), tiles, options), "enough");
}

TEST(CoreSim, TraceHoldsTheWindow) {
  const CoreSim sim(kConfig, {.cache_dir = kCache, .trace = true});
  const ScratchFolder scratch;
  const auto size = [&](const char* name, std::uint64_t from, std::uint64_t to) {
    TileList tiles(kConfig, {}, 1, 200);
    const fs::path file = scratch.path() / name;
    sim.Run(tiles, 0, 200, {.trace = file, .trace_from = from, .trace_to = to});
    EXPECT_EQ(tiles.Difference(), "");
    return fs::file_size(file);
  };
  const auto whole = size("whole.fst", 0, ~std::uint64_t{0}), part = size("part.fst", 100, 200);
  EXPECT_GT(part, 0u);
  EXPECT_GT(whole, 2 * part);
}

}  // namespace
}  // namespace systole
