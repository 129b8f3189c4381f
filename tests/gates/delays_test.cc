// SPDX-License-Identifier: Apache-2.0
// Delay calculation against paper. The tables are planes, so that they say the same between points.
#include "synth/gates/delays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/gates/simulator.h"
#include "tests/gates/hand_made.h"

namespace systole {
namespace {

constexpr double kPs = 1e-12, kFf = 1e-15;

/// base + per_slew x slew + per_load x load (in fF), in seconds.
Table Plane(double base, double per_slew, double per_load) {
  Table table;
  table.axes = {Table::Axis::kInputTransition, Table::Axis::kOutputLoad};
  table.points = {{0, 1e-9}, {0, 100 * kFf}};
  for (const double slew : table.points[0]) {
    for (const double load : table.points[1]) {
      table.values.push_back(base + per_slew * slew + per_load * load / kFf);
    }
  }
  return table;
}

/// An inverter or buffer; delays 10 + slew / 10 + 2 / fF rising, 20 + slew / 5 + 1 / fF falling;
/// slews 30 + 1 / fF rising, 40 + 2 / fF falling; in ps.
Cell Driver(const std::string& name, const std::string& function, TimingSense sense) {
  Cell cell = Gate(name, {"A"}, function);
  TimingArc& arc = cell.pins[1].timing[0];
  arc.sense = sense;
  arc.delay_rise = Plane(10 * kPs, 0.1, 2 * kPs);
  arc.delay_fall = Plane(20 * kPs, 0.2, 1 * kPs);
  arc.transition_rise = Plane(30 * kPs, 0, 1 * kPs);
  arc.transition_fall = Plane(40 * kPs, 0, 2 * kPs);
  cell.pins[0].capacitance = 3 * kFf;
  return cell;
}

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = [] {
    Cell flip_flop = FlipFlop("DFF", {}, {}, 50 * kPs, 60 * kPs);
    flip_flop.pins[2].timing[0].transition_rise = Constant(70 * kPs);
    flip_flop.pins[2].timing[0].transition_fall = Constant(80 * kPs);
    flip_flop.pins[1].capacitance = 2 * kFf;
    return std::vector<Library>{
        MakeLibrary({Driver("INV", "!A", TimingSense::kNegativeUnate),
                     Driver("BUF", "A", TimingSense::kPositiveUnate),
                     Driver("ANY", "A", TimingSense::kNonUnate), std::move(flip_flop)})};
  }();
  return libraries;
}

struct Calculated {
  Netlist netlist;
  FlatNetlist flat;
  Timing timing;

  Calculated(const NetlistModule& module, const DelayOptions& options)
      : netlist{{module}},
        flat(Flatten(netlist, Libraries())),
        timing(CalculateTiming(flat, options)) {}
  ArcDelay Arc(std::uint32_t cell) const { return timing.arcs[timing.first_arc[cell]]; }
};

/// Register, cell, register; the net between is `m`.
NetlistModule Path(const std::string& type) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d", {"d"}).Out("y", {"m"});
  top.Add("u_from", "DFF", {{"CK", {"clk"}}, {"D", {"d"}}, {"Q", {"q"}}});
  top.Add("u_cell", type, {{"A", {"q"}}, {"Y", {"m"}}});
  top.Add("u_to", "DFF", {{"CK", {"clk"}}, {"D", {"m"}}, {"Q", {"z"}}});
  return top;
}

TEST(CalculateTiming, AddsUpPinsWiresAndPorts) {
  const Calculated path(Path("INV"), {.wire_capacitance = 10 * kFf, .output_load = 5 * kFf});
  EXPECT_NEAR(path.timing.load[NetOf(path.flat, "q")], 13 * kFf, 1e-20);
  // A register's pin, a port, a wire to each.
  EXPECT_NEAR(path.timing.load[NetOf(path.flat, "m")], (2 + 5 + 2 * 10) * kFf, 1e-20);
  EXPECT_NEAR(path.timing.load[NetOf(path.flat, "z")], 0, 1e-20);
}

TEST(CalculateTiming, AnInvertersRiseComesOfAFall) {
  // q: rises 50 with slew 70, falls 60 with slew 80. m has 2 fF: the inverter rises
  // 10 + 80 / 10 + 4 = 22 after q falls, falls 20 + 70 / 5 + 2 = 36 after q rises.
  const Calculated path(Path("INV"), {});
  EXPECT_EQ(path.Arc(1).rise, 22u);
  EXPECT_EQ(path.Arc(1).fall, 36u);
  EXPECT_NEAR(path.timing.slew_rise[NetOf(path.flat, "m")], 32 * kPs, 1e-17);
  EXPECT_NEAR(path.timing.slew_fall[NetOf(path.flat, "m")], 44 * kPs, 1e-17);
  EXPECT_NEAR(path.timing.register_path->seconds, (50 + 36) * kPs, 1e-16);
  EXPECT_EQ(path.timing.register_path->cell, 2u);
  EXPECT_EQ(path.timing.register_path->pin, 1u);
}

TEST(CalculateTiming, ABuffersRiseComesOfARise) {
  // Rises 10 + 70 / 10 + 4 = 21, falls 20 + 80 / 5 + 2 = 38.
  const Calculated path(Path("BUF"), {});
  EXPECT_EQ(path.Arc(1).rise, 21u);
  EXPECT_EQ(path.Arc(1).fall, 38u);
  EXPECT_NEAR(path.timing.register_path->seconds, (60 + 38) * kPs, 1e-16);
}

TEST(CalculateTiming, WithoutASenseTheSlowestEdgeCounts) {
  const Calculated path(Path("ANY"), {});
  EXPECT_EQ(path.Arc(1).rise, 22u);
  EXPECT_EQ(path.Arc(1).fall, 38u);
}

TEST(CalculateTiming, ATickMayBeFiner) {
  const Calculated path(Path("INV"), {.tick = 0.1e-12});
  EXPECT_EQ(path.Arc(1).rise, 220u);
  EXPECT_EQ(path.Arc(1).fall, 360u);
}

TEST(CalculateTiming, PathsFromInputsAreNoRegisterPaths) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d", {"d"}).Out("y", {"q"});
  top.Add("u_cell", "BUF", {{"A", {"d"}}, {"Y", {"m"}}});
  top.Add("u_to", "DFF", {{"CK", {"clk"}}, {"D", {"m"}}, {"Q", {"q"}}});
  const Calculated path(top, {.input_transition = 100 * kPs});
  EXPECT_FALSE(path.timing.register_path);
  EXPECT_EQ(path.Arc(0).rise, 10u + 10u + 4u);  // the input's slew counts
}

/// The clock of u_late comes through a buffer.
NetlistModule LateClock() {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d", {"d"}).Out("y", {"q"});
  top.Add("u_clock", "BUF", {{"A", {"clk"}}, {"Y", {"late"}}});
  top.Add("u_late", "DFF", {{"CK", {"late"}}, {"D", {"d"}}, {"Q", {"q"}}});
  return top;
}

TEST(CalculateTiming, KnowsTheClockNetwork) {
  const Calculated path(LateClock(), {});
  EXPECT_TRUE(path.timing.clock_network[NetOf(path.flat, "clk")]);
  EXPECT_TRUE(path.timing.clock_network[NetOf(path.flat, "late")]);
  EXPECT_FALSE(path.timing.clock_network[NetOf(path.flat, "d")]);
  EXPECT_FALSE(path.timing.clock_network[NetOf(path.flat, "q")]);
}

TEST(CalculateTiming, ADividedClockIsNotIdeal) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).Out("y", {"y"});
  top.Add("u_inv", "INV", {{"A", {"half"}}, {"Y", {"next"}}});
  top.Add("u_half", "DFF", {{"CK", {"clk"}}, {"D", {"next"}}, {"Q", {"half"}}});
  top.Add("u_slow", "DFF", {{"CK", {"half"}}, {"D", {"next"}}, {"Q", {"y"}}});
  const Calculated path(top, {});
  EXPECT_TRUE(path.timing.clock_network[NetOf(path.flat, "clk")]);
  EXPECT_FALSE(path.timing.clock_network[NetOf(path.flat, "half")]);
  EXPECT_FALSE(path.timing.clock_network[NetOf(path.flat, "next")]);
}

TEST(GateSimulator, AClockThatIsNotIdealArrivesLate) {
  // The buffer rises after 10 + 2 x 1 (its load: CK) = 12, the register 50 later.
  for (const bool ideal : {true, false}) {
    const Calculated path(LateClock(), {.ideal_clock = ideal});
    GateSimulator simulator(path.flat, {.timing = &path.timing,
                                        .period = 1000 * kPs,
                                        .input_time = 400 * kPs,
                                        .ideal_clock = ideal});
    simulator.SetInput(1, 0, 1, 0);
    for (int cycle = 0; cycle < 3; ++cycle) simulator.RunCycle();
    simulator.SetInput(1, 0, 1, 1);
    simulator.RunCycle();
    simulator.ResetActivity();
    simulator.RunCycle();
    EXPECT_EQ(simulator.Output(2, 0, 1), 1u);
    EXPECT_EQ(simulator.TakeActivity().toggles[NetOf(path.flat, "late")], 2u);
    // The buffer's fall in the middle comes last: 500 + 20 + 1.
    EXPECT_NEAR(simulator.settled_after(), (ideal ? 50 : 521) * kPs, 1e-16);
  }
}

TEST(GateSimulator, SaysThatADelayIsTooLongForItsTicks) {
  const Calculated path(Path("INV"), {.tick = 1e-18});
  EXPECT_THROW(GateSimulator(path.flat, {.timing = &path.timing}), RequestError);
}

}  // namespace
}  // namespace systole
