// SPDX-License-Identifier: Apache-2.0
// Netlists that Yosys maps: against their RTL, and against Icarus net by net.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gen/systolic/systolic_core.h"
#include "synth/flow/synthesize.h"
#include "tests/gates/icarus.h"
#include "tests/gates/toggles.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

constexpr int kPeriod = 40001, kInputTime = 101;  // ps
constexpr double kPs = 1e-12;

/// A module of a small core, mapped, and its RTL run by Icarus with random inputs.
struct Mapped {
  std::vector<Library> libraries = {
      ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")};
  SynthesisResult synthesis;
  FlatNetlist flat;
  Timing timing;
  IcarusResult rtl;

  Mapped(const ArrayConfig& config, const std::string& top, std::uint64_t cycles) {
    const auto files = rtl::VerilogFiles(BuildSystolicCore(config));
    synthesis = Synthesize({.files = files,
                            .top = top,
                            .black_boxes = {},
                            .libraries = &libraries,
                            .options = {},
                            .buffers = {.max_fanout = 8},
                            .yosys = "",
                            .use_cache = true,
                            .cache_dir = {},
                            .cancelled = {},
                            .on_progress = {}});
    flat = Flatten(synthesis.netlist, libraries);
    timing = CalculateTiming(flat, {.wire_capacitance = 5e-15});
    std::string verilog = "`timescale 1ps/1ps\n";
    for (const rtl::File& file : files) {
      if (file.name.ends_with(".v")) verilog += file.text;
    }
    const PortRecording stimulus = Inputs(cycles);
    rtl = RunIcarus({.verilog = verilog, .top = top, .stimulus = &stimulus});
  }

  /// Random; rst_ni is low in the first two cycles and once more for one.
  PortRecording Inputs(std::uint64_t cycles) const {
    const PortRecording random = RandomStimulus(PortsOf(flat, "clk_i"), cycles, 7);
    PortRecording inputs(random.ports());
    const std::size_t reset = random.Find("rst_ni").value();
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
      inputs.AddCycle();
      for (std::size_t port = 0; port < random.ports().size(); ++port) {
        for (std::uint32_t bit = 0; bit < random.ports()[port].width; ++bit) {
          inputs.Set(port, bit, 1, random.Bit(cycle, port, bit));
        }
      }
      inputs.Set(reset, 0, 1, cycle >= 2 && cycle != cycles / 4);
    }
    return inputs;
  }

  void ExpectEqualsRtl(bool delays) const {
    GateSimulator simulator(flat, {.timing = delays ? &timing : nullptr,
                                   .period = kPeriod * kPs,
                                   .input_time = kInputTime * kPs});
    const std::uint64_t known = KnownFrom(rtl.unknown);
    ASSERT_LT(known, rtl.recording.cycles() / 2);
    const Replay replay = ReplayRecording(simulator, rtl.recording, {.compare_from = known});
    EXPECT_FALSE(replay.difference) << replay.difference->port << "[" << replay.difference->bit
                                    << "] in cycle " << replay.difference->cycle;
    EXPECT_EQ(replay.cycles, rtl.recording.cycles());
    EXPECT_GT(replay.compared_bits, rtl.recording.cycles() / 2);
  }

  /// `from`: the first cycle that counts; after the last reset.
  void ExpectTogglesOfIcarus(bool delays, std::uint64_t from) const {
    GateSimulator simulator(flat, {.timing = delays ? &timing : nullptr,
                                   .period = kPeriod * kPs,
                                   .input_time = kInputTime * kPs});
    const IcarusResult gates =
        RunIcarus({.verilog = FlatVerilog(flat, timing, simulator, kPeriod, delays),
                   .stimulus = &rtl.recording,
                   .period = kPeriod,
                   .input_time = delays ? kInputTime : 0,
                   .specify = delays,
                   .window = from});
    const Replay replay = ReplayRecording(simulator, gates.recording, {.first = from});
    ASSERT_EQ(KnownFrom(gates.unknown), 0u);
    ASSERT_FALSE(replay.difference) << replay.difference->cycle << " " << replay.difference->bit;
    ExpectEqualToggles(flat, replay.activity, gates.toggles);
  }
};

bool HasTools() { return HasIcarus() && RunTool(".", "yosys -V").status != 127; }

/// The array of the smallest core with ST-OS, mapped once for all tests of this file.
const Mapped& SmallArray() {
  static const Mapped mapped({.rows = 2, .cols = 2, .data_width = 4, .acc_width = 12},
                             "systolic_array", 400);
  return mapped;
}

TEST(MappedArray, EqualsItsRtlInEveryOutputBit) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray().ExpectEqualsRtl(false);
  SmallArray().ExpectEqualsRtl(true);
}

TEST(MappedArray, HasTheTogglesOfIcarusWithoutDelays) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray().ExpectTogglesOfIcarus(false, 101);
}

TEST(MappedArray, HasTheTogglesOfIcarusWithDelays) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray().ExpectTogglesOfIcarus(true, 101);
}

TEST(MappedArray, AWrongCellIsFound) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  // One NAND in the place of a NOR, anywhere in the middle.
  Netlist netlist = SmallArray().synthesis.netlist;
  std::size_t changed = 0;
  for (NetlistModule& module : netlist.modules) {
    for (NetlistInstance& instance : module.instances) {
      if (instance.type == "NOR2X1" && changed++ == 20) instance.type = "NAND2X1";
    }
  }
  ASSERT_GT(changed, 20u);
  const FlatNetlist flat = Flatten(netlist, SmallArray().libraries);
  GateSimulator simulator(flat, {});
  EXPECT_TRUE(ReplayRecording(simulator, SmallArray().rtl.recording,
                              {.compare_from = KnownFrom(SmallArray().rtl.unknown)})
                  .difference);
}

TEST(MappedCore, EqualsItsRtlInEveryOutputBit) {
  if (std::getenv("SYSTOLE_DEEP") == nullptr) GTEST_SKIP() << "SYSTOLE_DEEP=1 runs it: a minute";
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  const Mapped core({.rows = 2, .cols = 2}, "systolic_core", 4000);
  core.ExpectEqualsRtl(false);
  core.ExpectEqualsRtl(true);
  core.ExpectTogglesOfIcarus(true, 3900);
}

}  // namespace
}  // namespace systole
