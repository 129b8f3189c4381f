// SPDX-License-Identifier: Apache-2.0
// Cells of real libraries against the models that Yosys makes of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/stimulus.h"
#include "synth/gates/cell_logic.h"
#include "tests/gates/hand_made.h"
#include "tests/gates/icarus.h"
#include "tests/gates/random_netlist.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

constexpr std::size_t kControls = 6;  ///< inputs of a register beside the clock

/// Yosys 0.23 makes wrong models of latches with clear or preset (when open, they take the enable).
bool IsCompared(const Cell& cell) {
  const auto& state = cell.sequential;
  if (state && state->latch && !(state->clear.empty() && state->preset.empty())) return false;
  try {
    return !MakeCellLogic(cell).outputs.empty();
  } catch (const RequestError&) {
    return false;
  }
}

/// One of each cell that is compared; in_i goes to the inputs of combinational cells, ctl_i to
/// those of registers.
Netlist OneOfEach(const Library& library) {
  ModuleMaker top("top");
  std::vector<std::string> in, controls, out;
  std::size_t widest = 0;
  for (const Cell& cell : library.cells) {
    if (!IsCompared(cell)) continue;
    std::size_t input = 0, control = 0;
    ModuleMaker::Connections connections;
    for (const CellPin& pin : cell.pins) {
      std::string net;
      if (pin.direction == CellPin::Direction::kOutput) {
        out.push_back(fmt::format("{}_{}", cell.name, pin.name));
        net = out.back();
      } else if (pin.direction != CellPin::Direction::kInput) {
        continue;
      } else if (IsClock(cell, pin)) {
        net = "clk";
      } else {
        net = cell.sequential ? fmt::format("ctl{}", control++) : fmt::format("in{}", input++);
      }
      connections.push_back({pin.name, {net}});
    }
    widest = std::max(widest, input);
    top.Add("u_" + cell.name, cell.name, connections);
  }
  for (std::size_t i = 0; i < widest; ++i) in.push_back(fmt::format("in{}", i));
  for (std::size_t i = 0; i < kControls; ++i) controls.push_back(fmt::format("ctl{}", i));
  top.In("in_i", in).In("ctl_i", controls).In("clk_i", {"clk"}).Out("out_o", out);
  return {{top}};
}

/// Counts through all values of in_i. Of ctl_i bit 0 is random; of the others, which may be clear
/// and preset, in every second cycle one may be low: what comes of both, and of one right after the
/// other, Verilog's edges do not say as Liberty does.
PortRecording AllInputs(const std::vector<RecordedPort>& ports, std::uint64_t seed) {
  PortRecording recording(ports);
  Stimulus random(seed);
  const std::uint64_t cycles = std::max<std::uint64_t>(200, std::uint64_t{1} << ports[0].width);
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    recording.AddCycle();
    recording.Set(0, 0, ports[0].width, cycle);
    std::uint64_t controls = 0x3e | random.Below(2);
    if (cycle % 2 == 1) controls &= ~(std::uint64_t{1} << (1 + random.Below(8)));
    recording.Set(1, 0, kControls, cycle == 0 ? 0 : controls);
  }
  return recording;
}

void ExpectYosysCells(const std::filesystem::path& path, std::size_t outputs) {
  if (!HasIcarus()) GTEST_SKIP() << "no iverilog";
  const std::vector<Library> libraries = {ReadLiberty(path)};
  const ScratchFolder folder;
  const ToolResult yosys = RunTool(
      folder.path(), fmt::format("{} '{}' > l.lib && yosys -q -p 'read_liberty -ignore_miss_func "
                                 "-ignore_miss_dir l.lib; write_verilog cells.v'",
                                 path.extension() == ".gz" ? "gzip -dc" : "cat", path.string()));
  if (yosys.status == 127) GTEST_SKIP() << "no yosys";
  ASSERT_EQ(yosys.status, 0) << yosys.output;
  const Netlist netlist = OneOfEach(libraries[0]);
  const FlatNetlist flat = Flatten(netlist, libraries);
  const PortRecording stimulus = AllInputs(PortsOf(flat, "clk_i"), 1);
  const std::string verilog = FlatVerilogOfCells(flat) + ReadFile(folder.path() / "cells.v");
  const IcarusResult icarus = RunIcarus({.verilog = verilog, .stimulus = &stimulus});
  GateSimulator simulator(flat, {});
  std::set<std::uint32_t> compared;
  std::set<std::string> wrong;
  for (std::uint64_t cycle = 0; cycle < stimulus.cycles(); ++cycle) {
    for (std::size_t port = 0; port < 2; ++port) {
      const std::uint32_t width = stimulus.ports()[port].width;
      simulator.SetInput(port, 0, width, stimulus.Bits(cycle, port, 0, width));
    }
    simulator.RunCycle();
    for (std::uint32_t bit = 0; bit < flat.ports[3].bits.size(); ++bit) {
      // Registers are unknown in Icarus until an edge or a control has set them.
      if (icarus.unknown.Bit(cycle, 2, bit)) continue;
      const auto net = static_cast<std::uint32_t>(flat.ports[3].bits[bit]);
      compared.insert(net);
      if (icarus.recording.Bit(cycle, 2, bit) != simulator.Value(net)) {
        wrong.insert(fmt::format("{} in cycle {}", flat.NetName(net), cycle));
      }
    }
  }
  EXPECT_THAT(wrong, testing::IsEmpty());
  EXPECT_EQ(compared.size(), flat.ports[3].bits.size());
  EXPECT_GE(compared.size(), outputs);
}

std::filesystem::path SharedLibrary(const std::string& name) {
  const char* folder = std::getenv("SYSTOLE_LIBERTY_DIR");
  return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder) / name;
}

TEST(Cells, OfOsu018AreThoseOfYosys) {
  ExpectYosysCells("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 32);
}
TEST(Cells, OfOsu035AreThoseOfYosys) {
  ExpectYosysCells("/usr/share/qflow/tech/osu035/osu035_stdcells.lib", 32);
}
TEST(Cells, OfIhpSg13g2AreThoseOfYosys) {
  const auto path = SharedLibrary("sg13g2_stdcell_typ_1p20V_25C.lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no IHP library";
  ExpectYosysCells(path, 69);
}
TEST(Cells, OfSky130AreThoseOfYosys) {
  const auto path = SharedLibrary("sky130hd_tt.lib.gz");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no SKY130 library";
  ExpectYosysCells(path, 300);
}

TEST(Cells, ThatAreNotSimulatedSayWhy) {
  const auto error = [](const Cell& cell) -> std::string {
    try {
      MakeCellLogic(cell);
    } catch (const RequestError& error) {
      return error.what();
    }
    return "none";
  };
  const Library osu = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  EXPECT_EQ(error(*osu.Find("TBUFX1")),
            "cell TBUFX1: Y is a tri-state output, which is not simulated");
  Cell cell = Gate("G", {"A"}, "");
  EXPECT_EQ(error(cell), "cell G: the library gives no function for Y");
  EXPECT_THAT(error(Gate("G", {"A"}, "A &&")), testing::HasSubstr("cell G: the function"));
  EXPECT_THAT(error(Gate("G", {"A"}, "!Y")), testing::HasSubstr("which is no input"));
  std::vector<std::string> many;
  for (int i = 0; i < 16; ++i) many.push_back(fmt::format("A{}", i));
  EXPECT_EQ(error(Gate("G", many, "A0")), "cell G has 16 inputs; 15 are simulated");
  cell = Gate("G", {"A"}, "A");
  cell.memory = true;
  EXPECT_THAT(error(cell), testing::HasSubstr("is a memory"));
}

TEST(Cells, OfFifteenInputsHaveTheirWholeTable) {
  std::vector<std::string> many;
  std::string parity;
  for (int i = 0; i < 15; ++i) {
    many.push_back(fmt::format("A{}", i));
    parity += (i == 0 ? "" : " ^ ") + many.back();
  }
  const CellLogic logic = MakeCellLogic(Gate("G", many, parity));
  ASSERT_EQ(logic.outputs[0].function.size(), (1u << 15) / 64);
  EXPECT_EQ(logic.outputs[0].reads, 0x7fffu);
  for (std::uint32_t i = 0; i < 1u << 15; ++i) {
    ASSERT_EQ(logic.outputs[0].function[i / 64] >> (i % 64) & 1, std::popcount(i) & 1u) << i;
  }
}

}  // namespace
}  // namespace systole
