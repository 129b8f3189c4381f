// SPDX-License-Identifier: Apache-2.0
// Energies and leakage under conditions (`when`), as IHP's library has them; on paper.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/power/power.h"
#include "tests/power/hand_netlist.h"

namespace systole {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// 1 V, pJ, nW; no capacitances, so that there is no switching power.
constexpr const char* kHead = R"lib(library (hand) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, pf); leakage_power_unit : "1nW";
  nom_voltage : 1;
)lib";

std::string Power(const std::string& when, double picojoules, const std::string& more = "") {
  return "internal_power () { " + (when.empty() ? "" : "when : \"" + when + "\"; ") + more +
         "power (scalar) { values (\"" + std::to_string(picojoules) + "\"); } }\n";
}
std::string Leak(const std::string& when, double nanowatts) {
  return "leakage_power () { when : \"" + when + "\"; value : " + std::to_string(nanowatts) +
         "; }\n";
}

/// One cell, its pins on nets of their own; 100 cycles in 1 us, so that 1 pJ is 1 uW.
struct OneCell {
  std::vector<Library> libraries;
  HandNetlist hand{libraries};
  Activity activity;
  PowerOptions options;

  OneCell(const std::string& cell, const std::vector<std::string>& inputs, std::size_t outputs)
      : libraries(HandLibrary(kHead + cell + "}\n")) {
    std::vector<std::int32_t> nets;
    for (const std::string& input : inputs) nets.push_back(hand.Input(input));
    for (std::size_t i = 0; i < outputs; ++i) nets.push_back(hand.Net());
    hand.Cell("C", 0, nets);
    activity.cycles = 100;
    activity.period = 10e-9;
    activity.toggles.assign(nets.size(), 0);
    activity.cycles_high.assign(nets.size(), 0);
  }
  PowerReport Compute() const {
    return ComputePower(const_cast<OneCell*>(this)->hand.netlist(), libraries, activity, options);
  }
  double Nanowatts() const { return Compute().total.sum().leakage * 1e9; }
  double Picojoules() const { return Compute().total.sum().internal * 1e6; }
};

const std::string kInputs = "pin (A, B) { direction : input; }\n";

TEST(Conditions, ATableWithoutOneHoldsWhereNoOtherDoes) {
  OneCell cell("cell (C) { pin (A) { direction : input; " + Power("B", 1) + Power("", 5) +
                   "} pin (B) { direction : input; } pin (Y) { direction : output; } }",
               {"a", "b"}, 1);
  cell.activity.toggles = {10, 0, 0};
  cell.activity.cycles_high = {0, 25, 0};
  EXPECT_NEAR(cell.Picojoules(), 10 * (0.25 * 1 + 0.75 * 5), 1e-9);
}

TEST(Conditions, OutputTablesShareByWhatTheirInputsCanCause) {
  // Y = A ^ B: both inputs always reach Y; A's table depends on B.
  OneCell cell("cell (C) { " + kInputs + "pin (Y) { direction : output; function : \"A^B\"; " +
                   Power("B", 1, "related_pin : \"A\"; ") +
                   Power("!B", 3, "related_pin : \"A\"; ") +
                   Power("", 100, "related_pin : \"A\"; ") +  // no state is left for it
                   Power("", 7, "related_pin : \"B\"; ") + "} }",
               {"a", "b"}, 1);
  cell.activity.toggles = {30, 10, 20};
  cell.activity.cycles_high = {50, 40, 0};
  // A has 30 of 40: 0.3 with B, 0.45 without; B has 0.25.
  EXPECT_NEAR(cell.Picojoules(), 20 * (0.3 * 1 + 0.45 * 3 + 0.25 * 7), 1e-9);
}

TEST(Conditions, WhenNoInputExplainsAnOutputItsTablesShareEvenly) {
  OneCell cell("cell (C) { " + kInputs + "pin (Y) { direction : output; function : \"A B\"; " +
                   Power("", 1, "related_pin : \"A\"; ") + Power("", 3, "related_pin : \"B\"; ") +
                   "} }",
               {"a", "b"}, 1);
  cell.activity.toggles = {0, 0, 20};
  EXPECT_NEAR(cell.Picojoules(), 20 * 2, 1e-9);
  cell.activity.toggles = {6, 2, 20};  // but neither can: the other is always 0
  EXPECT_NEAR(cell.Picojoules(), 20 * (0.75 * 1 + 0.25 * 3), 1e-9);
}

TEST(Conditions, SuppliesAddUp) {
  OneCell cell(
      "cell (C) { pin (A) { direction : input; } pin (Y) { direction : output; "
      "function : \"A\"; " +
          Power("", 1, "related_pin : \"A\"; related_pg_pin : VDD; ") +
          Power("", 3, "related_pin : \"A\"; related_pg_pin : VDDH; ") + "} }",
      {"a"}, 1);
  cell.activity.toggles = {5, 5};
  EXPECT_NEAR(cell.Picojoules(), 20, 1e-9);
}

TEST(Conditions, LeakageOfUnlistedStatesIsTheMeanAndOfOverlappingOnesShared) {
  OneCell partly("cell (C) { cell_leakage_power : 10; " + Leak("A", 2) + kInputs + "}", {"a", "b"},
                 0);
  partly.activity.cycles_high = {25, 0};
  EXPECT_NEAR(partly.Nanowatts(), 0.25 * 2 + 0.75 * 10, 1e-9);
  OneCell overlapping("cell (C) { " + Leak("A", 2) + Leak("1", 6) + kInputs + "}", {"a", "b"}, 0);
  overlapping.activity.cycles_high = {25, 0};
  EXPECT_NEAR(overlapping.Nanowatts(), (0.25 * 2 + 6) / 1.25, 1e-9);
}

const std::string kRegister =
    "cell (C) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; } cell_leakage_power : "
    "99;" +
    Leak("CK & Q & !QN", 1) + Leak("!CK & Q & !QN", 3) + Leak("!Q & QN", 20) +
    "pin (CK, D) { direction : input; }"
    "pin (Q) { direction : output; function : \"IQ\"; }"
    "pin (QN) { direction : output; function : \"IQN\"; } }";

TEST(Conditions, BothOutputsOfARegisterAreOneState) {
  OneCell cell(kRegister, {"ck", "d"}, 2);
  cell.options.clock = "ck";
  // The clock is seen at one end of the cycle only (cycles_high 0), but is high half of the time.
  cell.activity.cycles_high = {0, 0, 75, 25};
  EXPECT_NEAR(cell.Nanowatts(), 0.75 * (0.5 * 1 + 0.5 * 3) + 0.25 * 20, 1e-9);
}

TEST(Conditions, AStateThatOnlyTheInvertedOutputShowsIsKnownToo) {
  OneCell cell("cell (C) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; }" +
                   Leak("QN", 20) + Leak("!QN", 4) +
                   "pin (CK, D) { direction : input; }"
                   "pin (QN) { direction : output; function : \"IQN\"; } }",
               {"ck", "d"}, 1);
  cell.activity.cycles_high = {0, 0, 75};
  EXPECT_NEAR(cell.Nanowatts(), 0.75 * 20 + 0.25 * 4, 1e-9);
}

/// A flip-flop whose clock pin takes 1, 2, 4, 8 pJ for D, Q = 11, 10, 01, 00.
const std::string kClockPinStates =
    "cell (C) { ff (IQ, IQN) { clocked_on : \"CK\"; next_state : \"D\"; }"
    "pin (CK) { direction : input; clock : true; " +
    Power("D & Q", 1) + Power("D & !Q", 2) + Power("!D & Q", 4) + Power("!D & !Q", 8) +
    "} pin (D) { direction : input; } pin (Q) { direction : output; function : \"IQ\"; } }";

TEST(Conditions, StateAndNextStateDifferInJustTheCyclesInWhichTheOutputMoves) {
  OneCell cell(kClockPinStates, {"ck", "d"}, 1);
  cell.options.clock = "ck";
  cell.activity.cycles_high = {0, 50, 50};
  cell.activity.toggles = {0, 20, 20};  // rises in 10 of 100 cycles, falls in 10
  EXPECT_NEAR(cell.Picojoules(), 200 * (0.4 * 1 + 0.1 * 2 + 0.1 * 4 + 0.4 * 8), 1e-9);
  cell.activity.toggles = {0, 0, 0};  // held: D and Q are one
  EXPECT_NEAR(cell.Picojoules(), 200 * (0.5 * 1 + 0.5 * 8), 1e-9);
  cell.activity.toggles = {0, 100, 100};  // a toggle flip-flop: D and Q always differ
  EXPECT_NEAR(cell.Picojoules(), 200 * (0.5 * 2 + 0.5 * 4), 1e-9);
}

TEST(Conditions, ARegisterThatContradictsItsInputStillHasProbabilities) {
  OneCell cell(kClockPinStates, {"ck", "d"}, 1);
  cell.options.clock = "ck";
  cell.activity.cycles_high = {0, 0, 50};  // D never high, yet Q rises in 10 cycles
  cell.activity.toggles = {0, 0, 20};
  // 0.1 falling and 0.4 resting at 0 are left; they stand for all.
  EXPECT_NEAR(cell.Picojoules(), 200 * (0.2 * 4 + 0.8 * 8), 1e-9);
  cell.activity.cycles_high = {0, 0, 100};  // held at 1 against D
  cell.activity.toggles = {0, 0, 0};
  EXPECT_NEAR(cell.Picojoules(), 200 * 4, 1e-9);
}

TEST(Conditions, AMemorysAccessEnergyIsNotTheClocks) {
  OneCell cell(
      "cell (C) { memory () { type : ram; } pin (CK) { direction : input; clock : true; "
      "capacitance : 1; " +
          Power("EN", 40) + Power("!EN", 0) +
          "} pin (EN) { direction : input; } pin (Q) { direction : output; } }",
      {"ck", "en"}, 1);
  cell.options.clock = "ck";
  cell.activity.cycles_high = {0, 30, 0};
  const PowerReport report = cell.Compute();
  EXPECT_NEAR(report.total[PowerGroup::kMemories].internal, 200 * 0.3 * 40 * 1e-6, 1e-12);
  EXPECT_EQ(report.total[PowerGroup::kClock].internal, 0);
  EXPECT_NEAR(report.total[PowerGroup::kClock].switching, 0.5 * 200 * 1e-6, 1e-12);
  EXPECT_THAT(report.warnings, Contains(HasSubstr("probabilities of its control pins")));
}

TEST(Conditions, CellsOfTooManyPinsTakeTheirMean) {
  std::string pins, when = "p0", names;
  std::vector<std::string> inputs;
  for (int i = 0; i < 12; ++i) {
    inputs.push_back("p" + std::to_string(i));
    if (i > 0) when += "&p" + std::to_string(i);
    names += (i > 0 ? ", " : "") + inputs.back();
  }
  inputs.push_back("e");
  OneCell cell("cell (C) { cell_leakage_power : 7; " + Leak(when, 1) + "pin (" + names +
                   ") { direction : input; } pin (E) { direction : input; " + Power(when, 8) +
                   Power("", 2) + "} pin (Y) { direction : output; " +
                   Power(when, 1, "related_pin : p0; ") +
                   Power("!(" + when + ")", 3, "related_pin : p0; ") + "} }",
               inputs, 1);
  cell.activity.toggles.assign(14, 10);
  EXPECT_NEAR(cell.Nanowatts(), 7, 1e-9);
  EXPECT_NEAR(cell.Picojoules(), 10 * 2 + 10 * 5, 1e-9);
  EXPECT_THAT(cell.Compute().warnings, Contains(HasSubstr("too many pins")));
}

TEST(Conditions, AClosedClockGateStopsTheClockBehindIt) {
  std::vector<Library> libraries = HandLibrary(std::string(kHead) + R"lib(
    cell (AND) { pin (A, B) { direction : input; } pin (Y) { direction : output;
      function : "A B"; } }
    cell (DFF) { ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }
      pin (CK, D) { direction : input; capacitance : 1; }
      pin (Q) { direction : output; function : "IQ"; } } })lib");
  HandNetlist hand(libraries);
  const auto clk = hand.Input("clk"), enable = hand.Input("enable"), gated = hand.Net(),
             q = hand.Net();
  hand.Cell("AND", 0, {clk, enable, gated});
  hand.Cell("DFF", 0, {gated, enable, q});
  Activity activity;
  activity.cycles = 100;
  activity.period = 10e-9;
  activity.toggles.assign(4, 0);
  activity.cycles_high.assign(4, 0);
  PowerOptions options;
  options.clock = "clk";
  EXPECT_EQ(ComputePower(hand.netlist(), libraries, activity, options).watts(), 0);
}

}  // namespace
}  // namespace systole
