// SPDX-License-Identifier: Apache-2.0
// Debian's OpenSTA as the second opinion on switching and leakage, where its figures are right: it
// leaves out nets at ports, and its internal power adds rise and fall.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/stimulus.h"
#include "synth/gates/delays.h"
#include "synth/netlist/write_verilog.h"
#include "synth/power/power.h"
#include "tests/gates/hand_made.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

const std::filesystem::path kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// A random design of 300 OSU cells: gates of random nets, registers, a buffered clock.
Netlist RandomDesign(std::uint64_t seed) {
  Stimulus random(seed);
  ModuleMaker top("top");
  top.In("clk", {"clk"});
  std::vector<std::string> nets;
  for (int i = 0; i < 8; ++i) {
    nets.push_back(fmt::format("in{}", i));
    top.In(nets.back(), {nets.back()});
  }
  top.Add("u_clock", "CLKBUF1", {{"A", {"clk"}}, {"Y", {"ck"}}});
  for (int i = 0; i < 300; ++i) {
    const auto pick = [&] { return nets[random.Below(nets.size())]; };
    const std::string name = fmt::format("u{}", i), out = fmt::format("n{}", i);
    switch (random.Below(5)) {
      case 0:
        top.Add(name, "NAND2X1", {{"A", {pick()}}, {"B", {pick()}}, {"Y", {out}}});
        break;
      case 1:
        top.Add(name, "XOR2X1", {{"A", {pick()}}, {"B", {pick()}}, {"Y", {out}}});
        break;
      case 2:
        top.Add(name, "INVX4", {{"A", {pick()}}, {"Y", {out}}});
        break;
      case 3:
        top.Add(name, "AOI21X1", {{"A", {pick()}}, {"B", {pick()}}, {"C", {pick()}}, {"Y", {out}}});
        break;
      default:
        top.Add(name, "DFFPOSX1", {{"CLK", {"ck"}}, {"D", {pick()}}, {"Q", {out}}});
        break;
    }
    nets.push_back(out);
  }
  return {{top}};
}

struct StaPower {
  double internal = 0, switching = 0, leakage = 0;
};

/// With a clock of 10 ns.
StaPower RunSta(const Netlist& netlist, const std::string& constraints) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "design.v", WriteVerilog(netlist));
  WriteFile(folder.path() / "run.tcl",
            fmt::format("read_liberty {}\nread_verilog design.v\nlink_design top\n"
                        "create_clock -name clk -period 10 [get_ports clk]\n{}"
                        "report_power -digits 9\nexit\n",
                        kLibrary.string(), constraints));
  const ToolResult sta = RunTool(folder.path(), "sta -no_splash -exit run.tcl < /dev/null");
  EXPECT_EQ(sta.output.find("Error"), std::string::npos) << sta.output;
  StaPower power;
  const std::size_t line = sta.output.find("\nTotal  ");
  const int read = line == std::string::npos
                       ? 0
                       : std::sscanf(sta.output.c_str() + line, "\nTotal %lf %lf %lf",
                                     &power.internal, &power.switching, &power.leakage);
  EXPECT_EQ(read, 3) << sta.output;
  return power;
}

TEST(OpenSta, AgreesOnSwitchingAndLeakageAndTakesTwiceOurInternalPower) {
  if (RunTool(".", "command -v sta").status != 0) GTEST_SKIP() << "OpenSTA is absent";
  if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << "no qflow-tech-osu018";
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    const Netlist netlist = RandomDesign(seed);
    const FlatNetlist flat = Flatten(netlist, libraries);
    Activity activity;
    activity.cycles = 1000;
    activity.period = 10e-9;
    activity.toggles.assign(flat.nets, 250);
    activity.cycles_high.assign(flat.nets, 500);
    PowerOptions options;
    options.clock = "clk";
    options.wire_per_fanout = 5e-15;
    std::vector<int> fanouts(flat.nets, 0);
    for (const FlatCell& cell : flat.cells) {
      const auto& pins = flat.types[cell.cell]->pins;
      for (std::size_t p = 0; p < pins.size(); ++p) {
        if (pins[p].direction == CellPin::Direction::kInput)
          ++fanouts[static_cast<std::size_t>(flat.pin_nets[cell.first_pin + p])];
      }
    }
    std::string constraints =
        "set_input_delay 0 -clock clk [get_ports in*]\nset_input_transition 0.1 [all_inputs]\n"
        "set_power_activity -global -activity 0.25 -duty 0.5\n";
    for (std::uint32_t net = 0; net < flat.nets; ++net) {
      constraints += fmt::format("set_load -wire_load {} [get_nets {}]\n", 0.005 * fanouts[net],
                                 flat.NetName(net));
      if (flat.NetName(net)[0] == 'c') activity.toggles[net] = 2000;
    }
    DelayOptions delays;
    delays.clock = "clk";
    delays.ideal_clock = false;
    delays.input_transition = 0.1e-9;
    delays.wire_capacitance = options.wire_per_fanout;
    const Timing timing = CalculateTiming(flat, delays);
    for (std::uint32_t net = 0; net < flat.nets; ++net) {
      options.slews.push_back(0.5 *
                              static_cast<double>(timing.slew_rise[net] + timing.slew_fall[net]));
    }
    const PowerParts total = ComputePower(flat, libraries, activity, options).total.sum();
    // OpenSTA counts the nets that cells drive.
    double at_ports = 0;
    for (const FlatCell& cell : flat.cells) {
      const auto& pins = flat.types[cell.cell]->pins;
      for (std::size_t p = 0; p < pins.size(); ++p) {
        const auto net = static_cast<std::size_t>(flat.pin_nets[cell.first_pin + p]);
        if (flat.drivers[net] >= 0) continue;
        at_ports += 0.5 * (pins[p].capacitance + options.wire_per_fanout) * 1.8 * 1.8 *
                    static_cast<double>(activity.toggles[net]) / 10e-6;
      }
    }
    const StaPower sta = RunSta(netlist, constraints);
    // OpenSTA adds up rise and fall capacitances of a net's pins apart and takes the larger sum, we
    // take each pin's larger one: 0.03 % more.
    EXPECT_GE(total.switching - at_ports, sta.switching);
    EXPECT_NEAR(total.switching - at_ports, sta.switching, 1e-3 * sta.switching);
    EXPECT_NEAR(total.leakage, sta.leakage, 1e-6 * sta.leakage);
    // Half of OpenSTA's, which adds rise and fall; the shares of the inputs differ a little.
    EXPECT_NEAR(total.internal, sta.internal / 2, 0.02 * sta.internal / 2);
  }
}

TEST(OpenSta, TakesTwiceOurInternalPowerOfOneInputCellsBecauseItAddsRiseAndFall) {
  if (RunTool(".", "command -v sta").status != 0) GTEST_SKIP() << "OpenSTA is absent";
  if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << "no qflow-tech-osu018";
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  for (const char* type : {"INVX1", "INVX8", "BUFX2", "CLKBUF1"}) {
    SCOPED_TRACE(type);
    ModuleMaker top("top");
    top.In("clk", {"clk"}).In("a", {"a"}).Out("y", {"y"});
    top.Add("u", type, {{"A", {"a"}}, {"Y", {"y"}}});
    const Netlist netlist = {{top}};
    const FlatNetlist flat = Flatten(netlist, libraries);
    Activity activity;
    activity.cycles = 1000;
    activity.period = 10e-9;
    activity.toggles.assign(flat.nets, 500);
    activity.cycles_high.assign(flat.nets, 500);
    PowerOptions options;
    options.input_slew = 0.13e-9;
    options.wire.assign(flat.nets, 20e-15);
    const double internal = ComputePower(flat, libraries, activity, options).total.sum().internal;
    const StaPower sta = RunSta(netlist,
                                "set_input_delay 0 -clock clk [get_ports a]\n"
                                "set_input_transition 0.13 [get_ports a]\n"
                                "set_load -pin_load 0.02 [get_ports y]\n"
                                "set_power_activity -global -activity 0.5 -duty 0.5\n");
    EXPECT_NEAR(sta.internal, 2 * internal, 1e-6 * sta.internal);
  }
}

}  // namespace
}  // namespace systole
