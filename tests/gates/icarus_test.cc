// SPDX-License-Identifier: Apache-2.0
// Icarus Verilog as the second opinion on what toggles and how often.
#include "tests/gates/icarus.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/stimulus.h"
#include "tests/gates/random_netlist.h"
#include "tests/gates/toggles.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

constexpr int kPeriod = 40001, kInputTime = 101;  // ps; odd, so that few events meet by chance
constexpr double kPs = 1e-12;

/// The default library, and what of it is simulated: no tri-state cells.
const std::vector<Library>& Osu() {
  static const std::vector<Library> libraries = {
      ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")};
  return libraries;
}

struct RandomCase {
  Netlist netlist;
  FlatNetlist flat;
  Timing timing;
  PortRecording stimulus;
  static constexpr std::uint64_t kQuiet = 20;  ///< from here on no asynchronous control acts

  RandomCase(const std::vector<Library>& libraries, int gates, std::uint64_t cycles,
             std::uint64_t seed)
      : netlist(RandomNetlist(libraries[0], 24, gates, seed)),
        flat(Flatten(netlist, libraries)),
        timing(CalculateTiming(flat, {.wire_capacitance = 5e-15, .input_transition = 50e-12})),
        stimulus(RandomStimulus(PortsOf(flat, "clk_i"), cycles, seed + 1, "ctl_i", kQuiet)) {}
};

TEST(Icarus, CountsTheSameTogglesWithDelaysNetByNet) {
  if (!HasIcarus()) GTEST_SKIP() << "no iverilog";
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const RandomCase random(Osu(), 400, 60, seed);
    GateSimulator simulator(random.flat, {.timing = &random.timing,
                                          .period = kPeriod * kPs,
                                          .input_time = kInputTime * kPs,
                                          .seed = seed});
    const IcarusResult icarus =
        RunIcarus({.verilog = FlatVerilog(random.flat, random.timing, simulator, kPeriod, true),
                   .stimulus = &random.stimulus,
                   .period = kPeriod,
                   .input_time = kInputTime,
                   .specify = true});
    ASSERT_EQ(KnownFrom(icarus.unknown), 0u);
    const Replay replay = ReplayRecording(simulator, icarus.recording, {.first = 1});
    ASSERT_FALSE(replay.difference) << replay.difference->cycle << " " << replay.difference->bit;
    ExpectEqualToggles(random.flat, replay.activity, icarus.toggles);
  }
}

TEST(Icarus, CountsTheSameTogglesWithoutDelaysNetByNet) {
  if (!HasIcarus()) GTEST_SKIP() << "no iverilog";
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const RandomCase random(Osu(), 400, 60, seed);
    GateSimulator simulator(random.flat, {.seed = seed});
    const IcarusResult icarus =
        RunIcarus({.verilog = FlatVerilog(random.flat, random.timing, simulator, kPeriod, false),
                   .stimulus = &random.stimulus,
                   .period = kPeriod,
                   .input_time = 0,
                   .window = RandomCase::kQuiet});
    ASSERT_EQ(KnownFrom(icarus.unknown), 0u);
    const Replay replay =
        ReplayRecording(simulator, icarus.recording, {.first = RandomCase::kQuiet});
    ASSERT_FALSE(replay.difference) << replay.difference->cycle << " " << replay.difference->bit;
    ExpectEqualToggles(random.flat, replay.activity, icarus.toggles);
  }
}

}  // namespace
}  // namespace systole
