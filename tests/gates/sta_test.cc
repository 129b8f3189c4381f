// SPDX-License-Identifier: Apache-2.0
// Arrival times against OpenSTA.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "synth/gates/delays.h"
#include "synth/liberty/group.h"
#include "synth/netlist/write_verilog.h"
#include "tests/gates/hand_made.h"
#include "tests/gates/icarus.h"
#include "tests/gates/random_netlist.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

/// The latest arrival at a register of paths from registers, by OpenSTA, seconds. Its worst path is
/// the one with least slack: one that arrives later may end at an edge with less setup time.
double OpenStaArrival(const Netlist& netlist, const std::filesystem::path& library) {
  const ScratchFolder folder;
  // OpenSTA takes the rise and fall capacitances apart where the file has them, and wires of the
  // library's choice.
  const std::string script =
      "read_liberty l.lib\nread_verilog n.v\nlink_design top\n"
      "create_clock -name c -period 1000 [get_ports clk_i]\n"
      "report_checks -path_delay max -format full -digits 6 "
      "-endpoint_count 4 -group_count 100\nexit\n";
  WriteFile(folder.path() / "run.tcl", script);
  WriteFile(folder.path() / "n.v", WriteVerilog(netlist));
  const ToolResult tool =
      RunTool(folder.path(), fmt::format("grep -v '^ *\\(rise\\|fall\\)_capacitance' {} |"
                                         "sed 's/wire_load/unused/' > l.lib && sta -exit run.tcl",
                                         library.string()));
  if (tool.output.find("Error") != std::string::npos) throw std::runtime_error(tool.output);
  std::istringstream in(tool.output);
  double latest = -1;
  for (std::string line; std::getline(in, line);) {
    if (line.find("data arrival time") == std::string::npos) continue;
    latest = std::max(latest, std::stod(line));
  }
  if (latest < 0) throw std::runtime_error("no path: " + tool.output);
  return latest * 1e-9;
}

/// Over random netlists of the cells that `leave_out` is false for.
template <typename LeaveOut>
void ExpectArrivalsOfOpenSta(const std::filesystem::path& path, const LeaveOut& leave_out) {
  std::vector<Library> libraries = {ReadLiberty(path)};
  for (Cell& cell : libraries[0].cells) cell.dont_use = cell.dont_use || leave_out(cell);
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    // No constants: OpenSTA leaves out the paths that they block.
    const Netlist netlist = RandomNetlist(libraries[0], 24, 300, seed, false);
    const FlatNetlist flat = Flatten(netlist, libraries);
    const Timing timing = CalculateTiming(flat, {});
    ASSERT_TRUE(timing.register_path);
    const double theirs = OpenStaArrival(netlist, path);
    EXPECT_NEAR(timing.register_path->seconds / theirs, 1, 2e-6) << theirs;
  }
}

bool HasSta() { return RunTool(".", "sta -version < /dev/null").status != 127; }

TEST(Delays, GiveTheArrivalTimesOfOpenSta) {
  if (!HasSta()) GTEST_SKIP() << "no sta";
  // Paths between the edges begin in the middle of OpenSTA's cycle.
  ExpectArrivalsOfOpenSta("/usr/share/qflow/tech/osu018/osu018_stdcells.lib",
                          [](const Cell& cell) { return cell.name == "DFFNEGX1"; });
}

TEST(Delays, GiveTheArrivalTimesOfOpenStaInIhpsCells) {
  const char* folder = std::getenv("SYSTOLE_LIBERTY_DIR");
  if (folder == nullptr) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR is not set";
  if (!HasSta()) GTEST_SKIP() << "no sta";
  const std::filesystem::path packed =
      std::filesystem::path(folder) / "sg13g2_stdcell_typ_1p20V_25C.lib.gz";
  const ScratchFolder scratch;
  WriteFile(scratch.path() / "ihp.lib", ReadMaybeGzip(packed));
  ExpectArrivalsOfOpenSta(scratch.path() / "ihp.lib",
                          [](const Cell& cell) { return cell.name.starts_with("sg13g2_tie"); });
}

}  // namespace
}  // namespace systole
