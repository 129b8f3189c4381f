// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "base/error.h"
#include "tests/gates/hand_made.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kPs = 1e-12;

/// Delays rise / fall: inverter 10 / 8, AND 20 / 15, buffer 5 / 5, register 7 / 9 ps.
const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {MakeLibrary({
      Gate("INV", {"A"}, "!A", 10 * kPs, 8 * kPs),
      Gate("BUF", {"A"}, "A", 5 * kPs, 5 * kPs),
      Gate("AND2", {"A", "B"}, "A B", 20 * kPs, 15 * kPs),
      Gate("XOR2", {"A", "B"}, "A ^ B", 12 * kPs, 12 * kPs),
      Gate("MUX2", {"A", "B", "S"}, "S B + !S A", 12 * kPs, 12 * kPs),
      FlipFlop("DFF", {}, {}, 7 * kPs, 9 * kPs),
      FlipFlop("DFFN", {"!CK"}, {}, 7 * kPs, 9 * kPs),
      FlipFlop("DFFSR", {"CK", "!R", "!S"}, {"R", "S"}, 7 * kPs, 9 * kPs),
      FlipFlop("LATCH", {"CK", "", "", true}, {}, 7 * kPs, 9 * kPs),
  })};
  return libraries;
}

/// A netlist, flat, with its delays, and a simulator of it.
struct Bench {
  Netlist netlist;
  FlatNetlist flat;
  Timing timing;
  GateSimulator simulator;

  Bench(const NetlistModule& module, bool delays, std::uint64_t seed = 1)
      : netlist{{module}},
        flat(Flatten(netlist, Libraries(),
                     {{"ram", MemoryKind::kCacheRam}, {"file", MemoryKind::kRegisterFile}})),
        timing(CalculateTiming(flat, {})),
        simulator(flat, {.timing = delays ? &timing : nullptr,
                         .period = 1000 * kPs,
                         .input_time = 100 * kPs,
                         .memory_delays = std::vector<double>(flat.memories.size(), 30 * kPs),
                         .seed = seed}) {}
  void Set(const std::string& port, std::uint64_t value) {
    const std::size_t index = simulator.Port(port);
    simulator.SetInput(index, 0, static_cast<std::uint32_t>(flat.ports[index].bits.size()), value);
  }
  std::uint64_t Get(const std::string& port) const {
    const std::size_t index = simulator.Port(port);
    return simulator.Output(index, 0, static_cast<std::uint32_t>(flat.ports[index].bits.size()));
  }
  std::uint64_t Toggles(const std::string& net) const {
    return simulator.TakeActivity().toggles[NetOf(flat, net)];
  }
};

/// y = a AND NOT a: a rise of a gives a pulse as long as the inverter takes, if the AND lets it.
NetlistModule Glitch(int buffers) {
  ModuleMaker top("top");
  top.In("a", {"a"}).Out("y", {"y"});
  std::string from = "a";
  for (int i = 0; i < buffers; ++i) {
    const std::string to = "b" + std::to_string(i);
    top.Add("u_" + to, "BUF", {{"A", {from}}, {"Y", {to}}});
    from = to;
  }
  top.Add("u_inv", "INV", {{"A", {from}}, {"Y", {"n"}}});
  top.Add("u_and", "AND2", {{"A", {"a"}}, {"B", {"n"}}, {"Y", {"y"}}});
  return top;
}

TEST(GateSimulator, SwallowsAPulseShorterThanTheDelay) {
  // The inverter falls 8 ps after a rises; the AND would rise after 20.
  Bench bench(Glitch(0), true);
  bench.Set("a", 1);
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Toggles("y"), 0u);
  EXPECT_EQ(bench.Toggles("n"), 1u);
  EXPECT_NEAR(bench.simulator.settled_after(), 108 * kPs, 1e-15);
}

TEST(GateSimulator, LetsALongerPulseThrough) {
  // Two buffers and the inverter: n falls after 5 + 5 + 8 = 18 ps, three: after 23. The AND rises
  // after 20 and falls 15 after n does: 38.
  Bench two(Glitch(2), true), three(Glitch(3), true);
  for (Bench* bench : {&two, &three}) {
    bench->Set("a", 1);
    bench->simulator.RunCycle();
    bench->Set("a", 0);  // no pulse: n rises when a is low again
    bench->simulator.RunCycle();
  }
  EXPECT_EQ(two.Toggles("y"), 0u);
  EXPECT_EQ(three.Toggles("y"), 2u);
  EXPECT_NEAR(three.simulator.settled_after(), 138 * kPs, 1e-15);
  EXPECT_EQ(three.simulator.TakeActivity().cycles_high[NetOf(three.flat, "y")], 0u);
  EXPECT_TRUE(three.simulator.TakeActivity().glitches);
}

TEST(GateSimulator, APulseAsLongAsTheDelayPasses) {
  // n falls 20 ps after a, in the tick in which the AND would rise: its function is looked at
  // before the tick's changes reach it, so that it rises, and falls 15 ps later.
  ModuleMaker top("top");
  top.In("a", {"a"}).Out("y", {"y"});
  for (int i = 0; i < 4; ++i) {
    top.Add(
        "u" + std::to_string(i), "BUF",
        {{"A", {i == 0 ? "a" : "b" + std::to_string(i - 1)}}, {"Y", {"b" + std::to_string(i)}}});
  }
  top.Add("u_xor", "XOR2", {{"A", {"b3"}}, {"B", {"a"}}, {"Y", {"x"}}});
  top.Add("u_and", "AND2", {{"A", {"x"}}, {"B", {"1"}}, {"Y", {"y"}}});
  Bench bench(top, true);
  bench.Set("a", 1);
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Toggles("x"), 2u);  // up at 112, down at 132: 20 ps
  EXPECT_EQ(bench.Toggles("y"), 2u);  // up at 132, down at 147
  EXPECT_NEAR(bench.simulator.settled_after(), 147 * kPs, 1e-15);
}

TEST(GateSimulator, WithoutDelaysThereAreNoGlitches) {
  Bench bench(Glitch(3), false);
  for (int cycle = 0; cycle < 10; ++cycle) {
    bench.Set("a", cycle % 2 == 0);
    bench.simulator.RunCycle();
  }
  EXPECT_EQ(bench.Toggles("y"), 0u);
  EXPECT_EQ(bench.Toggles("a"), 10u);
  EXPECT_EQ(bench.Toggles("n"), 10u);
  const Activity activity = bench.simulator.TakeActivity();
  EXPECT_EQ(activity.cycles, 10u);
  EXPECT_FALSE(activity.glitches);
  EXPECT_EQ(activity.cycles_high[NetOf(bench.flat, "a")], 5u);
  EXPECT_EQ(activity.cycles_high[NetOf(bench.flat, "n")], 5u);
}

/// q takes d at each edge, p takes q: a shift register; c is the clock behind a buffer.
NetlistModule Shift(const std::string& second = "DFF") {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d", {"d"}).Out("q", {"q"}).Out("p", {"p"});
  top.Add("u_clock", "BUF", {{"A", {"clk"}}, {"Y", {"c"}}});
  top.Add("u_q", "DFF", {{"CK", {"clk"}}, {"D", {"d"}}, {"Q", {"q"}}});
  top.Add("u_p", second, {{"CK", {"c"}}, {"D", {"q"}}, {"Q", {"p"}}});
  return top;
}

class BothModes : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(GateSimulator, BothModes, testing::Bool(), [](const auto& info) {
  return info.param ? "WithDelays" : "WithoutDelays";
});

TEST_P(BothModes, RegistersShiftOnceACycle) {
  Bench bench(Shift(), GetParam());
  const int data[] = {1, 0, 0, 1, 1, 0, 1, 0};
  for (int cycle = 0; cycle < 8; ++cycle) {
    bench.Set("d", static_cast<std::uint64_t>(data[cycle]));
    bench.simulator.RunCycle();
    if (cycle >= 1) {
      EXPECT_EQ(bench.Get("q"), static_cast<unsigned>(data[cycle - 1])) << cycle;
    }
    if (cycle >= 2) {
      EXPECT_EQ(bench.Get("p"), static_cast<unsigned>(data[cycle - 2])) << cycle;
    }
  }
}

TEST_P(BothModes, TheClockAndItsBuffersToggleTwiceACycle) {
  Bench bench(Shift(), GetParam());
  bench.simulator.RunCycle();
  bench.simulator.ResetActivity();
  for (int cycle = 0; cycle < 5; ++cycle) bench.simulator.RunCycle();
  EXPECT_EQ(bench.Toggles("clk"), 10u);
  EXPECT_EQ(bench.Toggles("c"), 10u);
  EXPECT_EQ(bench.simulator.TakeActivity().cycles, 5u);
}

TEST_P(BothModes, AFallingEdgeRegisterTakesWhatStandsInTheMiddleOfTheCycle) {
  Bench bench(Shift("DFFN"), GetParam());
  const int data[] = {1, 0, 0, 1, 1, 0};
  for (int cycle = 0; cycle < 6; ++cycle) {
    bench.Set("d", static_cast<std::uint64_t>(data[cycle]));
    bench.simulator.RunCycle();
    if (cycle >= 1) {
      EXPECT_EQ(bench.Get("p"), bench.Get("q")) << cycle;
    }
  }
}

TEST_P(BothModes, ClearAndPresetActWithoutAClock) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d", {"d"}).In("r", {"r"}).In("s", {"s"}).Out("q", {"q"});
  top.Add("u", "DFFSR", {{"CK", {"clk"}}, {"D", {"d"}}, {"R", {"r"}}, {"S", {"s"}}, {"Q", {"q"}}});
  Bench bench(top, GetParam());
  const auto run = [&](int d, int r, int s) {
    bench.Set("d", static_cast<std::uint64_t>(d));
    bench.Set("r", static_cast<std::uint64_t>(r));
    bench.Set("s", static_cast<std::uint64_t>(s));
    bench.simulator.RunCycle();
    return bench.Get("q");
  };
  EXPECT_EQ(run(1, 0, 1), 0u);  // cleared in this very cycle
  EXPECT_EQ(run(1, 0, 1), 0u);  // held against the edge
  EXPECT_EQ(run(1, 1, 1), 0u);  // released: the edge before still saw the clear
  EXPECT_EQ(run(0, 1, 1), 1u);  // took d = 1
  EXPECT_EQ(run(0, 1, 0), 1u);  // took d = 0, then preset
  EXPECT_EQ(run(0, 0, 0), 0u);  // clear wins
  EXPECT_EQ(run(0, 1, 0), 1u);  // preset alone
}

TEST_P(BothModes, ALatchIsOpenWhileItsEnableIsHigh) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("en", {"en"}).In("d", {"d"}).Out("q", {"q"});
  top.Add("u", "LATCH", {{"CK", {"en"}}, {"D", {"d"}}, {"Q", {"q"}}});
  Bench bench(top, GetParam());
  const auto run = [&](int en, int d) {
    bench.Set("en", static_cast<std::uint64_t>(en));
    bench.Set("d", static_cast<std::uint64_t>(d));
    bench.simulator.RunCycle();
    return bench.Get("q");
  };
  EXPECT_EQ(run(1, 1), 1u);
  EXPECT_EQ(run(1, 0), 0u);
  EXPECT_EQ(run(1, 1), 1u);
  EXPECT_EQ(run(0, 1), 1u);
  EXPECT_EQ(run(0, 0), 1u);
  EXPECT_EQ(run(1, 0), 0u);
}

TEST_P(BothModes, AGatedClockReachesOnlyItsRegisters) {
  // A latch that is open while the clock is low, and an AND: the classic clock gate.
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("en", {"en"}).In("d", {"d"}).Out("q", {"q"});
  top.Add("u_inv", "INV", {{"A", {"clk"}}, {"Y", {"low"}}});
  top.Add("u_latch", "LATCH", {{"CK", {"low"}}, {"D", {"en"}}, {"Q", {"open"}}});
  top.Add("u_and", "AND2", {{"A", {"clk"}}, {"B", {"open"}}, {"Y", {"gated"}}});
  top.Add("u_q", "DFF", {{"CK", {"gated"}}, {"D", {"d"}}, {"Q", {"q"}}});
  Bench bench(top, GetParam());
  const auto run = [&](int en, int d) {
    bench.Set("en", static_cast<std::uint64_t>(en));
    bench.Set("d", static_cast<std::uint64_t>(d));
    bench.simulator.RunCycle();
    return bench.Get("q");
  };
  run(1, 1);
  EXPECT_EQ(run(0, 0), 1u);  // the edge with en = 1 took 1
  EXPECT_EQ(run(0, 0), 1u);  // no edge
  bench.simulator.ResetActivity();
  EXPECT_EQ(run(1, 0), 1u);
  EXPECT_EQ(bench.Toggles("gated"), 0u);
  EXPECT_EQ(run(0, 1), 0u);
  EXPECT_EQ(bench.Toggles("gated"), 2u);
}

TEST_P(BothModes, ACacheRamReadsAndWritesUnderItsMask) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("en", {"en"}).In("we", {"we"}).In("a", {"a0", "a1"});
  top.In("m", {"m0", "m1"}).In("d", {"d0", "d1"}).Out("q", {"q0", "q1"});
  top.Add("u_ram", "ram",
          {{"clk_i", {"clk"}},
           {"en_i", {"en"}},
           {"write_i", {"we"}},
           {"addr_i", {"a0", "a1"}},
           {"mask_i", {"m0", "m1"}},
           {"wdata_i", {"d0", "d1"}},
           {"rdata_o", {"q0", "q1"}}});
  Bench bench(top, GetParam());
  const auto run = [&](int en, int we, int a, int m, int d) {
    bench.Set("en", static_cast<std::uint64_t>(en));
    bench.Set("we", static_cast<std::uint64_t>(we));
    bench.Set("a", static_cast<std::uint64_t>(a));
    bench.Set("m", static_cast<std::uint64_t>(m));
    bench.Set("d", static_cast<std::uint64_t>(d));
    bench.simulator.RunCycle();
    return bench.Get("q");
  };
  run(1, 1, 2, 3, 1);
  run(1, 1, 3, 3, 2);
  run(1, 0, 2, 0, 0);
  EXPECT_EQ(run(1, 1, 2, 2, 2), 1u);  // was read; now the upper bit is written
  EXPECT_EQ(run(1, 0, 3, 0, 0), 1u);  // writing does not disturb what was read
  EXPECT_EQ(run(0, 0, 2, 0, 0), 2u);
  EXPECT_EQ(run(1, 0, 2, 0, 0), 2u);  // not enabled: nothing was read
  EXPECT_EQ(run(0, 1, 2, 3, 0), 3u);
  EXPECT_EQ(run(1, 0, 2, 3, 0), 3u);  // not enabled: nothing was written
  EXPECT_EQ(run(0, 0, 0, 0, 0), 3u);
  const Activity activity = bench.simulator.TakeActivity();
  ASSERT_EQ(activity.memories.size(), 1u);
  EXPECT_EQ(activity.memories[0].writes, 3u);
  EXPECT_EQ(activity.memories[0].reads, 4u);
}

TEST(GateSimulator, EachMemoryHasItsOwnDelay) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("we", {"we"}).Out("q", {"q0", "q1"});
  for (const char* bit : {"0", "1"}) {
    top.Add(std::string("u_ram") + bit, "ram",
            {{"clk_i", {"clk"}},
             {"en_i", {"1"}},
             {"write_i", {"we"}},
             {"addr_i", {"0"}},
             {"mask_i", {"1"}},
             {"wdata_i", {"1"}},
             {"rdata_o", {std::string("q") + bit}}});
  }
  const Netlist netlist{{top}};
  const FlatNetlist flat = Flatten(netlist, Libraries(), {{"ram", MemoryKind::kCacheRam}});
  const Timing timing = CalculateTiming(flat, {});
  SimulatorOptions options{.timing = &timing,
                           .period = 1000 * kPs,
                           .input_time = 100 * kPs,
                           .memory_delays = {30 * kPs, 1200 * kPs},
                           .seed = 0};
  GateSimulator simulator(flat, options);
  const std::size_t we = simulator.Port("we"), q = simulator.Port("q");
  simulator.SetInput(we, 0, 1, 1);
  simulator.RunCycle();
  simulator.SetInput(we, 0, 1, 0);
  simulator.RunCycle();  // the edge at its beginning wrote
  simulator.RunCycle();  // this one reads: the second memory answers in the next cycle
  EXPECT_EQ(simulator.Output(q, 0, 2), 1u);
  simulator.RunCycle();
  EXPECT_EQ(simulator.Output(q, 0, 2), 3u);
  options.memory_delays.pop_back();
  EXPECT_THROW(GateSimulator(flat, options), RequestError);
}

TEST_P(BothModes, ARegisterFileReadsWithoutAClock) {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("we", {"we"}).In("wa", {"w0"}).In("ra", {"r0"});
  top.In("d", {"d0", "d1"}).Out("q", {"q0", "q1"}).Out("n", {"n"});
  top.Add("u_file", "file",
          {{"clk_i", {"clk"}},
           {"write_i", {"we"}},
           {"waddr_i", {"w0"}},
           {"wdata_i", {"d0", "d1"}},
           {"raddr_i", {"r0"}},
           {"rdata_o", {"q0", "q1"}}});
  top.Add("u_inv", "INV", {{"A", {"q0"}}, {"Y", {"n"}}});
  Bench bench(top, GetParam());
  const auto run = [&](int we, int wa, int ra, int d) {
    bench.Set("we", static_cast<std::uint64_t>(we));
    bench.Set("wa", static_cast<std::uint64_t>(wa));
    bench.Set("ra", static_cast<std::uint64_t>(ra));
    bench.Set("d", static_cast<std::uint64_t>(d));
    bench.simulator.RunCycle();
    EXPECT_EQ(bench.Get("n"), ~bench.Get("q") & 1);
    return bench.Get("q");
  };
  run(1, 0, 0, 1);
  EXPECT_EQ(run(1, 1, 0, 2), 1u);
  EXPECT_EQ(run(0, 0, 1, 0), 2u);
  EXPECT_EQ(run(1, 1, 0, 3), 1u);
  EXPECT_EQ(run(1, 1, 1, 0), 3u);
  EXPECT_EQ(run(0, 0, 1, 0), 0u);
}

TEST_P(BothModes, ConstantsReachThroughCells) {
  ModuleMaker top("top");
  top.In("a", {"a"}).Out("y", {"y", "1", "0", "z"});
  top.Add("u_and", "AND2", {{"A", {"1"}}, {"B", {"a"}}, {"Y", {"y"}}});
  top.Add("u_inv", "INV", {{"A", {"0"}}, {"Y", {"z"}}});
  top.Add("u_open", "INV", {{"A", {"a"}}, {"Y", {""}}});
  Bench bench(top, GetParam());
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Get("y"), 0b1010u);
  bench.Set("a", 1);
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Get("y"), 0b1011u);
  EXPECT_EQ(bench.Toggles("z"), 0u);
  EXPECT_EQ(bench.simulator.TakeActivity().cycles_high[NetOf(bench.flat, "z")], 2u);
}

TEST_P(BothModes, AnEmptyModuleRuns) {
  Bench bench(ModuleMaker("top"), GetParam());
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.simulator.TakeActivity().cycles, 1u);
}

TEST_P(BothModes, TheSeedDecidesWhatRegistersHold) {
  ModuleMaker top("top");
  std::vector<std::string> bits;
  for (int i = 0; i < 64; ++i) bits.push_back("q" + std::to_string(i));
  top.In("clk_i", {"clk"}).In("d", {"d"}).Out("q", bits);
  for (const std::string& bit : bits) {
    top.Add("u_" + bit, "DFF", {{"CK", {"clk"}}, {"D", {"d"}}, {"Q", {bit}}});
  }
  Bench one(top, GetParam(), 1), again(top, GetParam(), 1), two(top, GetParam(), 2);
  EXPECT_EQ(one.Get("q"), again.Get("q"));
  EXPECT_NE(one.Get("q"), two.Get("q"));
  EXPECT_GT(std::popcount(one.Get("q")), 16);
  EXPECT_LT(std::popcount(one.Get("q")), 48);
}

TEST_P(BothModes, SettingABitTwiceIsOneChange) {
  Bench bench(Glitch(0), GetParam());
  bench.Set("a", 1);
  bench.Set("a", 0);
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Toggles("a"), 0u);
  bench.Set("a", 0);
  bench.Set("a", 1);
  bench.simulator.RunCycle();
  EXPECT_EQ(bench.Toggles("a"), 1u);
}

TEST(GateSimulator, CountsCyclesHighWithinItsWindow) {
  Bench bench(Glitch(0), false);
  const int data[] = {1, 1, 0, 1, 1, 1, 0, 1};
  for (int cycle = 0; cycle < 8; ++cycle) {
    if (cycle == 1) bench.simulator.ResetActivity();
    bench.Set("a", static_cast<std::uint64_t>(data[cycle]));
    bench.simulator.RunCycle();
  }
  const Activity activity = bench.simulator.TakeActivity();
  EXPECT_EQ(activity.cycles, 7u);
  EXPECT_EQ(activity.cycles_high[NetOf(bench.flat, "a")], 5u);
  EXPECT_EQ(activity.toggles[NetOf(bench.flat, "a")], 4u);
}

std::string ErrorOf(const NetlistModule& module) {
  try {
    Bench bench(module, false);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "none";
}

TEST(GateSimulator, RefusesCombinationalLoops) {
  ModuleMaker self("top");
  self.Out("y", {"y"}).Add("u_self", "INV", {{"A", {"y"}}, {"Y", {"y"}}});
  EXPECT_THAT(ErrorOf(self), HasSubstr("combinational loop through u_self"));
  ModuleMaker far("top");
  far.In("a", {"a"}).Out("y", {"y"});
  far.Add("u_before", "INV", {{"A", {"a"}}, {"Y", {"b"}}});
  far.Add("u_one", "AND2", {{"A", {"b"}}, {"B", {"y"}}, {"Y", {"x"}}});
  far.Add("u_two", "INV", {{"A", {"x"}}, {"Y", {"y"}}});
  EXPECT_THAT(ErrorOf(far), HasSubstr("combinational loop through u_"));
  EXPECT_THAT(ErrorOf(far), testing::Not(HasSubstr("u_before")));
}

TEST(GateSimulator, RefusesTimesThatDoNotFit) {
  Bench bench(Glitch(0), false);
  const auto with = [&](double period, double input) {
    GateSimulator simulator(bench.flat,
                            {.timing = &bench.timing, .period = period, .input_time = input});
  };
  EXPECT_THROW(with(1e-9, 0), RequestError);
  EXPECT_THROW(with(1e-9, 0.6e-9), RequestError);
  EXPECT_THROW(with(1e300, 1e299), RequestError);
  EXPECT_NO_THROW(with(1e-9, 0.4e-9));
}

TEST(GateSimulator, RefusesPortsAndBitsThatAreNot) {
  Bench bench(Shift(), false);
  EXPECT_THROW(bench.simulator.Port("nothing"), RequestError);
  EXPECT_THROW(bench.simulator.SetInput(0, 0, 1, 1), RequestError);  // the clock
  EXPECT_THROW(bench.simulator.SetInput(1, 0, 2, 1), RequestError);
  EXPECT_THROW(bench.simulator.SetInput(1, 0xffffffff, 1, 1), RequestError);
  EXPECT_THROW(bench.simulator.SetInput(2, 0, 1, 1), RequestError);  // an output
  EXPECT_THROW(bench.simulator.Output(2, 0, 0), RequestError);
}

}  // namespace
}  // namespace systole
