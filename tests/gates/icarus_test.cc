// SPDX-License-Identifier: Apache-2.0
// Icarus Verilog as the second opinion on what toggles and how often.
#include "tests/gates/icarus.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/stimulus.h"
#include "tests/gates/hand_made.h"
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

bool IsClock(const Cell& cell, const CellPin& pin) {
  return cell.sequential && cell.sequential->clocked_on.find(pin.name) != std::string::npos;
}

/// A random netlist of a library's cells: `inputs` input bits, `gates` cells, each of which reads
/// the inputs or the outputs of cells before it; registers among them, whose asynchronous
/// controls are inputs of their own.
Netlist RandomNetlist(const Library& library, int inputs, int gates, std::uint64_t seed) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : library.cells) {
    bool simulated =
        !cell.pins.empty() && !cell.memory && !(cell.sequential && cell.sequential->latch);
    for (const CellPin& pin : cell.pins) simulated = simulated && pin.three_state.empty();
    if (simulated) cells.push_back(&cell);
  }
  Stimulus random(seed);
  ModuleMaker top("top");
  std::vector<std::string> nets;
  const std::string one = "1";
  for (int i = 0; i < inputs; ++i) nets.push_back("in" + std::to_string(i));
  const std::vector<std::string> controls = {"ctl0", "ctl1", "ctl2", "ctl3"};
  top.In("clk_i", {"clk"}).In("ctl_i", controls).In("in_i", nets);
  for (int i = 0; i < gates; ++i) {
    const Cell& cell = *cells[random.Below(cells.size())];
    ModuleMaker::Connections connections;
    std::vector<std::string> made;
    for (const CellPin& pin : cell.pins) {
      if (pin.direction == CellPin::Direction::kOutput) {
        made.push_back(fmt::format("w{}_{}", i, pin.name));
        connections.push_back({pin.name, {made.back()}});
      } else if (pin.direction == CellPin::Direction::kInput) {
        // Nets of late make deep paths.
        const std::size_t reach =
            random.Chance(128) ? nets.size() : std::min<std::size_t>(nets.size(), 12);
        const std::string& from = nets[nets.size() - 1 - random.Below(reach)];
        const bool control = cell.sequential && pin.name != "D";
        const std::string& own = control            ? controls[random.Below(4)]
                                 : random.Chance(5) ? one
                                                    : from;
        connections.push_back({pin.name, {IsClock(cell, pin) ? "clk" : own}});
      }
    }
    top.Add(fmt::format("u{}", i), cell.name, connections);
    nets.insert(nets.end(), made.begin(), made.end());
  }
  top.Out("out_o", {nets.end() - 16, nets.end()});
  return {{top}};
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
