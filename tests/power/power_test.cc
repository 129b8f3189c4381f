// SPDX-License-Identifier: Apache-2.0
// A library of three cells and circuits of them; every expected energy is worked out on paper.
#include "synth/power/power.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/stimulus.h"
#include "tests/power/hand_netlist.h"

namespace systole {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 2 V, pJ, nW: 1/2 V^2 is 2, so that a toggle of 1 pF is 2 pJ.
constexpr const char* kLibrary = R"lib(library (hand) {
  time_unit : "1ns"; voltage_unit : "1V"; capacitive_load_unit (1, pf); leakage_power_unit : "1nW";
  nom_voltage : 2;
  power_lut_template (slew) { variable_1 : input_transition_time; index_1 ("0.1, 0.3"); }
  power_lut_template (load_slew) { variable_1 : total_output_net_capacitance;
    variable_2 : input_transition_time; index_1 ("0, 1"); index_2 ("0.1, 0.3"); }
  cell (NAND) { area : 4; cell_leakage_power : 9;
    leakage_power () { when : "A & B"; value : 3; } leakage_power () { when : "!A"; value : 1; }
    leakage_power () { when : "A & !B"; value : 2; }
    pin (A) { direction : input; capacitance : 0.01; }
    pin (B) { direction : input; capacitance : 0.02; }
    pin (Y) { direction : output; function : "!(A B)";
      internal_power () { related_pin : "A";
        rise_power (slew) { values ("0.1, 0.3"); } fall_power (scalar) { values ("0.02"); } }
      internal_power () { related_pin : "B";
        rise_power (scalar) { values ("0.05"); } fall_power (scalar) { values ("0.07"); } } } }
  cell (BUF) { area : 3; cell_leakage_power : 0.5;
    pin (A) { direction : input; capacitance : 0.05; }
    pin (Y) { direction : output; function : "A";
      internal_power () { related_pin : "A"; power (scalar) { values ("0.1"); } } } }
  cell (DFF) { area : 9; cell_leakage_power : 5;
    ff (IQ, IQN) { clocked_on : "CK"; next_state : "D"; }
    pin (CK) { direction : input; capacitance : 0.03;
      internal_power () { rise_power (scalar) { values ("0.2"); }
                          fall_power (scalar) { values ("0.4"); } } }
    pin (D) { direction : input; capacitance : 0.04;
      internal_power () { rise_power (scalar) { values ("0.03"); }
                          fall_power (scalar) { values ("0.01"); } } }
    pin (Q) { direction : output; function : "IQ";
      internal_power () { related_pin : "CK";
        rise_power (load_slew) { values ("0.4, 0.8", "1.4, 1.8"); }
        fall_power (load_slew) { values ("0.2, 0.2", "0.2, 0.2"); } } }
    pin (QN) { direction : output; function : "IQN";
      internal_power () { related_pin : "CK"; power (scalar) { values ("0.5"); } } } }
})lib";

/// a, b -> NAND -> y -> DFF in the block u_reg -> q; clk -> BUF -> ck.
struct Circuit {
  std::vector<Library> libraries = HandLibrary(kLibrary);
  HandNetlist hand{libraries};
  std::int32_t a = hand.Input("a"), b = hand.Input("b"), clk = hand.Input("clk"), y = hand.Net(),
               ck = hand.Net(), q = hand.Net();
  Activity activity;
  PowerOptions options{.clock = "clk", .wire_per_fanout = 0.001e-12, .input_slew = 0.2e-9};

  Circuit() {
    const std::uint32_t reg = hand.Block("u_reg", "stage", 0);
    hand.Cell("NAND", 0, {a, b, y});
    hand.Cell("BUF", 0, {clk, ck});
    hand.Cell("DFF", reg, {ck, y, q, kUnconnected});
    activity.cycles = 100;
    activity.period = 10e-9;  // a window of 1 us: 1 pJ is 1 uW
    activity.toggles.assign(hand.netlist().nets, 0);
    activity.cycles_high.assign(hand.netlist().nets, 0);
    Set(a, 40, 50);
    Set(b, 20, 25);
    Set(y, 30, 90);
    Set(q, 26, 60);
  }
  void Set(std::int32_t net, std::uint64_t toggles, std::uint64_t high) {
    activity.toggles[static_cast<std::size_t>(net)] = toggles;
    activity.cycles_high[static_cast<std::size_t>(net)] = high;
  }
  PowerReport Compute() { return ComputePower(hand.netlist(), libraries, activity, options); }
};

void ExpectParts(const PowerParts& parts, double switching, double internal, double leakage) {
  constexpr double kUlps = 1e-14;  // of the sum's order
  EXPECT_NEAR(parts.switching, switching, kUlps * (1e-9 + switching));
  EXPECT_NEAR(parts.internal, internal, kUlps * (1e-9 + internal));
  EXPECT_NEAR(parts.leakage, leakage, kUlps * (1e-9 + leakage));
}

TEST(ComputePower, GivesTheEnergiesWorkedOutOnPaper) {
  const PowerReport report = Circuit().Compute();
  ASSERT_EQ(report.blocks.size(), 2u);
  const GroupedPower& top = report.blocks[0].own;
  const GroupedPower& reg = report.blocks[1].own;
  // a: 2 x (0.01 + 0.001) x 40 = 0.88; b: 2 x 0.021 x 20 = 0.84
  ExpectParts(top[PowerGroup::kInputs], 1.72e-6, 0, 0);
  // y: 2 x (0.04 + 0.001) x 30 = 2.46. A moves Y while B is 1 (40 x 0.25), B while A is 1
  // (20 x 0.5): half each. A at slew 0.2: (0.2 + 0.02) / 2; B: 0.06; 30 x 0.085 = 2.55.
  // Leakage: 0.125 x 3 + 0.5 x 1 + 0.375 x 2 nW.
  ExpectParts(top[PowerGroup::kLogic], 2.46e-6, 2.55e-6, 1.625e-9);
  // clk: 2 x (0.05 + 0.001) x 200 = 20.4; ck: 2 x 0.031 x 200 = 12.4; BUF: 0.1 x 200.
  ExpectParts(top[PowerGroup::kClock], 32.8e-6, 20e-6, 0.5e-9);
  ExpectParts(top[PowerGroup::kRegisters], 0, 0, 0);
  // CK: (0.2 + 0.4) / 2 x 200
  ExpectParts(reg[PowerGroup::kClock], 0, 60e-6, 0);
  // D: 0.02 x 30 = 0.6. Q at load 0, slew 0.2: (0.6 + 0.2) / 2 x 26 = 10.4. QN is open and moves
  // with Q: 0.5 x 26 = 13.
  ExpectParts(reg[PowerGroup::kRegisters], 0, 24e-6, 5e-9);
  EXPECT_NEAR(report.watts(), (1.72 + 2.46 + 2.55 + 32.8 + 20 + 60 + 24) * 1e-6 + 7.125e-9, 1e-18);
  EXPECT_NEAR(report.energy_per_cycle(), report.watts() * 10e-9, 1e-24);
  EXPECT_THAT(report.warnings, Contains(HasSubstr("internal power is a constant")));
}

TEST(ComputePower, NetSlewsAndWiresReplaceTheDefaults) {
  Circuit circuit;
  circuit.options.wire.assign(circuit.hand.netlist().nets, 0);
  circuit.options.wire[static_cast<std::size_t>(circuit.q)] = 0.5e-12;
  circuit.options.slews.assign(circuit.hand.netlist().nets, 0.3e-9);
  const PowerReport report = circuit.Compute();
  // q: 2 x 0.5 x 26 = 26; Q at load 0.5, slew 0.3: ((0.8 + 1.8) / 2 + 0.2) / 2 x 26 = 19.5.
  ExpectParts(report.blocks[1].own[PowerGroup::kRegisters], 26e-6, (0.6 + 19.5 + 13) * 1e-6, 5e-9);
  // A at slew 0.3: (0.3 + 0.02) / 2 = 0.16; with B's 0.06: 0.11 x 30.
  ExpectParts(report.blocks[0].own[PowerGroup::kLogic], 2.4e-6, 3.3e-6, 1.625e-9);
}

TEST(ComputePower, AClockInTheActivityIsTakenAsItIs) {
  Circuit circuit;
  circuit.Set(circuit.clk, 100, 0);  // stopped half of the time
  circuit.Set(circuit.ck, 60, 0);
  const PowerReport report = circuit.Compute();
  ExpectParts(report.blocks[0].own[PowerGroup::kClock], (10.2 + 2 * 0.031 * 60) * 1e-6, 6e-6,
              0.5e-9);
  ExpectParts(report.blocks[1].own[PowerGroup::kClock], 0, 18e-6, 0);
}

TEST(ComputePower, GatedClocksBelongToTheClockNetworkAndDataGatesDoNot) {
  std::vector<Library> libraries = HandLibrary(kLibrary);
  HandNetlist hand(libraries);
  const auto clk = hand.Input("clk"), enable = hand.Input("enable"), d = hand.Input("d");
  const auto gated = hand.Net(), buffered = hand.Net(), data = hand.Net(), q = hand.Net();
  hand.Cell("NAND", 0, {clk, enable, gated});
  hand.Cell("BUF", 0, {gated, buffered});
  hand.Cell("NAND", 0, {clk, d, data});  // reaches no clock pin
  hand.Cell("DFF", 0, {buffered, data, q, kUnconnected});
  Activity activity;
  activity.cycles = 10;
  activity.period = 1e-6;  // 10 us
  activity.toggles = {20, 0, 0, 4, 4, 6, 0};
  activity.cycles_high.assign(7, 0);
  const PowerReport report =
      ComputePower(hand.netlist(), libraries, activity, {.clock = "clk", .input_slew = 0.2e-9});
  // clk: 2 x (0.01 + 0.01) x 20 = 0.8; gated: 2 x 0.05 x 4 = 0.4; buffered: 2 x 0.03 x 4 = 0.24
  const PowerParts& clock = report.total[PowerGroup::kClock];
  EXPECT_NEAR(clock.switching, 1.44e-7, 1e-20);
  // The gate: its toggles come from clk: 0.11 x 4; the buffer 0.4; CK 0.3 x 4.
  EXPECT_NEAR(clock.internal, (0.44 + 0.4 + 1.2) * 1e-7, 1e-20);
  EXPECT_NEAR(report.total[PowerGroup::kLogic].switching, 2 * 0.04 * 6 * 1e-7, 1e-20);
}

TEST(ComputePower, WithoutAClockPortItSaysSo) {
  Circuit circuit;
  circuit.options.clock.clear();
  const PowerReport report = circuit.Compute();
  EXPECT_THAT(report.warnings, Contains(HasSubstr("no clock port is named")));
  EXPECT_EQ(report.total[PowerGroup::kClock].total(), 0);
}

TEST(ComputePower, MemoriesThatStayWholeCountByTheirAccesses) {
  Circuit circuit;
  const auto address = circuit.hand.Input("address"), word = circuit.hand.Net();
  circuit.hand.Cell("BUF", 0, {word, circuit.hand.Net()});
  FlatMemory memory{
      .name = "u_ram", .type = "ram", .kind = MemoryKind::kCacheRam, .block = 1, .ports = {}};
  memory.ports = {{"addr_i", PortDirection::kInput, {address}},
                  {"data_o", PortDirection::kOutput, {word}}};
  circuit.hand.netlist().memories.push_back(memory);
  circuit.activity.toggles.resize(circuit.hand.netlist().nets, 10);
  circuit.activity.cycles_high.resize(circuit.hand.netlist().nets, 10);
  EXPECT_THAT(circuit.Compute().warnings,
              Contains("1 memories have no energy data and count as zero"));
  circuit.activity.memories = {{.reads = 7, .writes = 3}};
  circuit.options.memories = {
      {.read_energy = 2e-12, .write_energy = 5e-12, .leakage = 8e-9, .input_capacitance = 0.1e-12}};
  const PowerReport report = circuit.Compute();
  // 7 x 2 + 3 x 5 pJ; the word's net: 2 x (0.05 + 0.001) x 10, in the block of what it feeds.
  ExpectParts(report.blocks[1].own[PowerGroup::kMemories], 0, 29e-6, 8e-9);
  ExpectParts(report.blocks[0].own[PowerGroup::kMemories], 1.02e-6, 0, 0);
  // The address: 2 x (0.1 + 0.001) x 10.
  ExpectParts(report.blocks[1].own[PowerGroup::kInputs], 2.02e-6, 0, 0);
}

TEST(ComputePower, AMemorysClockBelongsToTheClockNetworkToo) {
  std::vector<Library> libraries = HandLibrary(kLibrary);
  HandNetlist hand(libraries);
  const auto clk = hand.Input("clk"), buffered = hand.Net();
  hand.Cell("BUF", 0, {clk, buffered});
  FlatMemory memory{
      .name = "u_ram", .type = "ram", .kind = MemoryKind::kCacheRam, .block = 0, .ports = {}};
  memory.ports = {{"clk_i", PortDirection::kInput, {buffered}}};
  hand.netlist().memories.push_back(memory);
  Activity activity;
  activity.cycles = 10;
  activity.period = 1e-7;  // 1 us
  activity.toggles = {0, 0};
  activity.cycles_high = {0, 0};
  activity.memories = {{}};
  PowerOptions options;
  options.clock = "clk";
  options.memories = {{.input_capacitance = 0.1e-12}};
  const PowerReport report = ComputePower(hand.netlist(), libraries, activity, options);
  // clk: 2 x 0.05 x 20; buffered: 2 x 0.1 x 20; BUF: 0.1 x 20.
  ExpectParts(report.total[PowerGroup::kClock], 6e-6, 2e-6, 0.5e-9);
  EXPECT_DOUBLE_EQ(report.watts(), report.total[PowerGroup::kClock].total());
}

TEST(ComputePower, RefusesAnActivityOfAnotherNetlist) {
  Circuit circuit;
  circuit.activity.toggles.pop_back();
  EXPECT_THROW(circuit.Compute(), RequestError);
}

TEST(ComputePower, RefusesWhatItCannotComputeWith) {
  const auto expect_refusal = [](const auto& change, const std::string& text) {
    Circuit circuit;
    change(circuit);
    EXPECT_THAT([&] { circuit.Compute(); }, testing::ThrowsMessage<RequestError>(HasSubstr(text)));
  };
  expect_refusal([](Circuit& c) { c.activity.cycles = 0; }, "no cycles or no period");
  expect_refusal([](Circuit& c) { c.activity.period = 0; }, "no cycles or no period");
  expect_refusal([](Circuit& c) { c.libraries[0].voltage = 0; }, "states no supply voltage");
  expect_refusal([](Circuit& c) { c.options.clock = "clock"; }, "clock is no input port");
  expect_refusal([](Circuit& c) { c.options.slews = {1e-10}; }, "1 values are given for 6 nets");
}

/// A random netlist of the three cells in a random hierarchy, with random activity.
struct RandomCircuit {
  std::vector<Library> libraries = HandLibrary(kLibrary);
  HandNetlist hand{libraries};
  Activity activity;
  PowerOptions options{.clock = "clk", .wire_per_fanout = 0.002e-12, .input_slew = 0.15e-9};

  explicit RandomCircuit(std::uint64_t seed) {
    Stimulus random(seed);
    for (std::uint32_t b = 1; b < 9; ++b)
      hand.Block("u" + std::to_string(b), "m" + std::to_string(b % 3),
                 static_cast<std::uint32_t>(random.Below(b)));
    const auto clk = hand.Input("clk");
    std::vector<std::int32_t> nets = {hand.Input("a"), hand.Input("b"), kConstant1};
    for (int i = 0; i < 200; ++i) {
      const auto block = static_cast<std::uint32_t>(random.Below(9));
      const auto pick = [&] { return nets[random.Below(nets.size())]; };
      const auto out = hand.Net();
      switch (random.Below(3)) {
        case 0:
          hand.Cell("NAND", block, {pick(), pick(), out});
          break;
        case 1:
          hand.Cell("BUF", block, {pick(), out});
          break;
        default:
          hand.Cell("DFF", block, {clk, pick(), out, kUnconnected});
          break;
      }
      nets.push_back(out);
    }
    activity.cycles = 64;
    activity.period = 5e-9;
    for (std::uint32_t net = 0; net < hand.netlist().nets; ++net) {
      activity.toggles.push_back(random.Below(64));
      activity.cycles_high.push_back(random.Below(65));
    }
    activity.toggles[0] = 0;
  }
  PowerReport Compute() const {
    return ComputePower(const_cast<RandomCircuit*>(this)->hand.netlist(), libraries, activity,
                        options);
  }
};

TEST(PowerProperties, BlocksAndModulesAndGroupsAddUpToTheTotal) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const PowerReport report = RandomCircuit(seed).Compute();
    GroupedPower blocks, modules;
    for (const BlockPower& block : report.blocks) blocks += block.own;
    for (const ModulePower& module : report.modules) modules += module.own;
    EXPECT_EQ(blocks.sum().total(), report.watts());  // the same sums in the same order: exact
    EXPECT_NEAR(modules.sum().total(), report.watts(), 1e-13 * report.watts());
    EXPECT_NEAR(report.blocks[0].whole.sum().total(), report.watts(), 1e-13 * report.watts());
    for (std::size_t b = 0; b < report.blocks.size(); ++b) {
      GroupedPower whole = report.blocks[b].own;
      for (std::size_t child = b + 1; child < report.blocks.size(); ++child) {
        if (report.blocks[child].parent == b) whole += report.blocks[child].whole;
      }
      EXPECT_NEAR(whole.sum().total(), report.blocks[b].whole.sum().total(),
                  1e-13 * report.watts());
    }
    std::uint64_t instances = 0;
    for (const ModulePower& module : report.modules) instances += module.instances;
    EXPECT_EQ(instances, report.blocks.size());
  }
}

TEST(PowerProperties, MoreTogglesNeverTakeLess) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RandomCircuit circuit(seed);
    Stimulus random(seed);
    double before = circuit.Compute().watts();
    for (int step = 0; step < 20; ++step) {
      // A register's output: more toggles of a net elsewhere may move blame to a cheaper arc.
      for (auto& toggles : circuit.activity.toggles) toggles += toggles > 0 ? toggles / 2 + 1 : 0;
      const double after = circuit.Compute().watts();
      EXPECT_GT(after, before) << "seed " << seed << " step " << step;
      before = after;
    }
  }
}

TEST(PowerProperties, DynamicPowerIsProportionalToTogglesAndInverseToThePeriod) {
  RandomCircuit circuit(3);
  circuit.activity.toggles[0] = 128;
  const PowerParts once = circuit.Compute().total.sum();
  for (auto& toggles : circuit.activity.toggles) toggles *= 2;
  const PowerParts twice = circuit.Compute().total.sum();
  EXPECT_NEAR(twice.switching, 2 * once.switching, 1e-12 * once.switching);
  EXPECT_NEAR(twice.internal, 2 * once.internal, 1e-12 * once.internal);
  EXPECT_DOUBLE_EQ(twice.leakage, once.leakage);
  circuit.activity.period *= 2;
  const PowerParts slow = circuit.Compute().total.sum();
  EXPECT_NEAR(slow.switching, once.switching, 1e-12 * once.switching);
  EXPECT_NEAR(slow.internal, once.internal, 1e-12 * once.internal);
  EXPECT_NEAR(slow.leakage, once.leakage, 1e-12 * once.leakage);
}

TEST(PowerProperties, SwitchingGoesWithTheSquareOfTheVoltage) {
  RandomCircuit circuit(4);
  const double low = circuit.Compute().total.sum().switching;
  circuit.libraries[0].voltage *= 3;
  EXPECT_NEAR(circuit.Compute().total.sum().switching, 9 * low, 1e-12 * low);
}

TEST(PowerProperties, ADesignAtRestOnlyLeaksAndClocks) {
  RandomCircuit circuit(5);
  for (auto& toggles : circuit.activity.toggles) toggles = 0;
  const PowerReport report = circuit.Compute();
  for (const PowerGroup group : {PowerGroup::kLogic, PowerGroup::kRegisters, PowerGroup::kInputs}) {
    EXPECT_EQ(report.total[group].switching, 0);
    EXPECT_EQ(report.total[group].internal, 0);
  }
  EXPECT_GT(report.total[PowerGroup::kClock].switching, 0);
  EXPECT_GT(report.total.sum().leakage, 0);
}

}  // namespace
}  // namespace systole
