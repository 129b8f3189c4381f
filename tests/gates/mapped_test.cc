// SPDX-License-Identifier: Apache-2.0
// Netlists that Yosys maps: against their RTL, and against Icarus net by net.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gen/systolic/systolic_core.h"
#include "synth/flow/synthesize.h"
#include "synth/overhead/array_workload.h"
#include "tests/gates/icarus.h"
#include "tests/gates/toggles.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

constexpr int kPeriod = 40001, kInputTime = 101;  // ps
constexpr double kPs = 1e-12;

/// A module of a small core, mapped, and what its ports do in the RTL.
struct Mapped {
  std::vector<Library> libraries = {
      ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")};
  SynthesisResult synthesis;
  FlatNetlist flat;
  Timing timing;
  PortRecording rtl;
  std::uint64_t known = 0;  ///< the first cycle in which all outputs are known

  Mapped(const ArrayConfig& config, const std::string& top, int clock_gating) {
    synthesis = Synthesize({.files = rtl::VerilogFiles(BuildSystolicCore(config)),
                            .top = top,
                            .black_boxes = {},
                            .libraries = &libraries,
                            .options = {.clock_gating = clock_gating},
                            .buffers = {.max_fanout = 8},
                            .yosys = "",
                            .use_cache = true,
                            .cache_dir = {},
                            .cancelled = {},
                            .on_progress = {}});
    flat = Flatten(synthesis.netlist, libraries);
    timing = CalculateTiming(flat, {.wire_capacitance = 5e-15});
  }

  /// Icarus runs the RTL with random inputs; rst_ni is low in the first two cycles and once more.
  void RunRtl(const ArrayConfig& config, const std::string& top, std::uint64_t cycles) {
    PortRecording inputs = RandomStimulus(PortsOf(flat, "clk_i"), cycles, 7);
    inputs = WithReset(inputs, cycles / 4);
    std::string verilog = "`timescale 1ps/1ps\n";
    for (const rtl::File& file : rtl::VerilogFiles(BuildSystolicCore(config))) {
      if (file.name.ends_with(".v")) verilog += file.text;
    }
    IcarusResult icarus = RunIcarus({.verilog = verilog, .top = top, .stimulus = &inputs});
    known = KnownFrom(icarus.unknown);
    ASSERT_LT(known, cycles / 2);
    rtl = std::move(icarus.recording);
  }

  static PortRecording WithReset(const PortRecording& random, std::uint64_t again) {
    PortRecording inputs(random.ports());
    const std::size_t reset = random.Find("rst_ni").value();
    for (std::uint64_t cycle = 0; cycle < random.cycles(); ++cycle) {
      inputs.AddCycle();
      for (std::size_t port = 0; port < random.ports().size(); ++port) {
        for (std::uint32_t bit = 0; bit < random.ports()[port].width; ++bit) {
          inputs.Set(port, bit, 1, random.Bit(cycle, port, bit));
        }
      }
      inputs.Set(reset, 0, 1, cycle >= 2 && cycle != again);
    }
    return inputs;
  }

  /// As many clusters as blocks: what Icarus is compared with.
  GateSimulator Simulator(bool delays) const {
    return GateSimulator(flat, {.timing = delays ? &timing : nullptr,
                                .period = kPeriod * kPs,
                                .input_time = kInputTime * kPs,
                                .cluster_cells = 1});
  }

  void ExpectEqualsRtl(bool delays) const {
    GateSimulator simulator = Simulator(delays);
    const Replay replay = ReplayRecording(simulator, rtl, {.compare_from = known});
    EXPECT_FALSE(replay.difference) << replay.difference->port << "[" << replay.difference->bit
                                    << "] in cycle " << replay.difference->cycle;
    EXPECT_EQ(replay.cycles, rtl.cycles());
    EXPECT_GT(replay.compared_bits, rtl.cycles() / 2);
  }

  /// In the cycles from `from` on, which is behind the last reset, up to `end`.
  void ExpectTogglesOfIcarus(bool delays, std::uint64_t from, std::uint64_t end) const {
    GateSimulator simulator = Simulator(delays);
    PortRecording inputs(rtl.ports());
    for (std::uint64_t cycle = 0; cycle < end; ++cycle) {
      inputs.AddCycle();
      for (std::size_t port = 0; port < rtl.ports().size(); ++port) {
        for (std::uint32_t bit = 0; bit < rtl.ports()[port].width; ++bit) {
          inputs.Set(port, bit, 1, rtl.Bit(cycle, port, bit));
        }
      }
    }
    const IcarusResult gates =
        RunIcarus({.verilog = FlatVerilog(flat, timing, simulator, kPeriod, delays),
                   .stimulus = &inputs,
                   .period = kPeriod,
                   .input_time = delays ? kInputTime : 0,
                   .specify = delays,
                   .window = from});
    ASSERT_EQ(KnownFrom(gates.unknown), 0u);
    const Replay replay = ReplayRecording(simulator, gates.recording, {.first = from});
    ASSERT_FALSE(replay.difference) << replay.difference->cycle << " " << replay.difference->bit;
    ExpectEqualToggles(flat, replay.activity, gates.toggles);
  }
};

bool HasTools() { return HasIcarus() && RunTool(".", "yosys -V").status != 127; }

Mapped MapSmallArray(int clock_gating) {
  const ArrayConfig config = {.rows = 2, .cols = 2, .data_width = 4, .acc_width = 12};
  Mapped made(config, "systolic_array", clock_gating);
  made.RunRtl(config, "systolic_array", 400);
  return made;
}

/// The array of the smallest core with ST-OS, mapped once for all tests of this file: without clock
/// gates, and with gates for words of two bits.
const Mapped& SmallArray(bool gated) {
  static const Mapped plain = MapSmallArray(0);
  static const Mapped with_gates = MapSmallArray(2);
  return gated ? with_gates : plain;
}

class MappedArray : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(ClockGates, MappedArray, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Gated" : "Plain"; });

TEST_P(MappedArray, HasClockGatesWhenAskedFor) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  const auto latches = SmallArray(GetParam()).synthesis.area.total.types.contains("LATCH");
  EXPECT_EQ(latches, GetParam());
}

TEST_P(MappedArray, EqualsItsRtlInEveryOutputBit) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray(GetParam()).ExpectEqualsRtl(false);
  SmallArray(GetParam()).ExpectEqualsRtl(true);
}

TEST_P(MappedArray, HasTheTogglesOfIcarusWithoutDelays) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray(GetParam()).ExpectTogglesOfIcarus(false, 101, 400);
}

TEST_P(MappedArray, HasTheTogglesOfIcarusWithDelays) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  SmallArray(GetParam()).ExpectTogglesOfIcarus(true, 101, 400);
}

/// A clock that is too fast leaves events for the next half of the cycle in every cluster.
TEST_P(MappedArray, ClustersChangeNoToggle) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  const Mapped& array = SmallArray(GetParam());
  for (const double period : {1.5e-9, 4e-9, 40e-9}) {
    std::vector<std::uint64_t> whole;
    for (const std::uint32_t cells : {0u, 1u, 300u}) {
      GateSimulator simulator(array.flat,
                              {.timing = &array.timing, .period = period, .cluster_cells = cells});
      const Replay replay =
          ReplayRecording(simulator, array.rtl, {.compare_from = array.rtl.cycles()});
      if (cells == 0) whole = replay.activity.toggles;
      EXPECT_EQ(replay.activity.toggles, whole) << period << " s, clusters of " << cells;
      EXPECT_EQ(simulator.clusters() > 1, cells != 0);
    }
  }
}

TEST_P(MappedArray, AWrongCellIsFound) {
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  // One NAND in the place of a NOR, anywhere in the middle.
  Netlist netlist = SmallArray(GetParam()).synthesis.netlist;
  std::size_t changed = 0;
  for (NetlistModule& module : netlist.modules) {
    for (NetlistInstance& instance : module.instances) {
      if (instance.type == "NOR2X1" && changed++ == 20) instance.type = "NAND2X1";
    }
  }
  ASSERT_GT(changed, 20u);
  const FlatNetlist flat = Flatten(netlist, SmallArray(GetParam()).libraries);
  GateSimulator simulator(flat, {});
  EXPECT_TRUE(ReplayRecording(simulator, SmallArray(GetParam()).rtl,
                              {.compare_from = SmallArray(GetParam()).known})
                  .difference);
}

TEST(MappedCore, EqualsItsRtlWhileItRunsALayer) {
  if (std::getenv("SYSTOLE_DEEP") == nullptr) GTEST_SKIP() << "SYSTOLE_DEEP=1 runs it: minutes";
  if (!HasTools()) GTEST_SKIP() << "no iverilog or no yosys";
  const ArrayConfig config = {.rows = 2, .cols = 2};
  Mapped core(config, "systolic_core", kClockGatingBits);
  core.rtl = RecordLayer(FileWorkload("lenet", SYSTOLE_SOURCE_DIR "/models/lenet/lenet5.onnx",
                                      SYSTOLE_SOURCE_DIR "/models/lenet/calibration.npy"),
                         "/conv2/Conv", config, 2000);
  core.known = 1500;  // registers without reset have been loaded
  core.ExpectEqualsRtl(false);
  core.ExpectEqualsRtl(true);
  core.ExpectTogglesOfIcarus(true, 30, 100);
}

}  // namespace
}  // namespace systole
