// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <regex>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "synth/flow/amend_cells.h"
#include "synth/flow/sta_report.h"
#include "synth/flow/sta_view.h"
#include "synth/liberty/group.h"
#include "synth/netlist/write_verilog.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

/// Slack against period, in ns; OpenSTA forgets the delays of ports with the clock. The period is
/// found by secants and rounded up to picoseconds until it is the first one that holds.
constexpr const char* kSearch = R"tcl(
proc slack {period} {
  global clock input_delay output_delay
  create_clock -name clock -period $period [get_ports $clock]
  foreach port [all_inputs] {
    if {[get_full_name $port] ne $clock} { set_input_delay $input_delay -clock clock $port }
  }
  set_output_delay $output_delay -clock clock [all_outputs]
  return [worst_slack]
}
# OpenSTA's numbers have 24 bits: a path that just fits may lack a millionth of a picosecond.
proc holds {slack} { return [expr {$slack >= -2e-6}] }
proc picoseconds {period} { return [expr {ceil($period * 1000.0 - 1e-6) / 1000.0}] }
# The slack at `period` is at least 0, and at `low`, a picosecond below or less, it is not.
proc shortest {start} {
  set low 0.0
  set period $start
  for {set i 0} {$i < 60} {incr i} {
    set s [slack $period]
    if {[holds $s]} {
      set high $period
      set high_slack $s
    } else {
      set low $period
      set low_slack $s
    }
    if {[info exists high] && $high - $low < 0.0015} { break }
    # A secant from here; where it leads nowhere new, one picosecond on, and later the middle.
    set next [picoseconds [expr {$period - $s}]]
    if {[holds $s] && $next >= $period} { set next [picoseconds [expr {$period - 0.001}]] }
    if {$next <= $low} { set next [picoseconds [expr {$low + 0.001}]] }
    if {[info exists high] && ($next >= $high || $i > 8)} {
      set next [picoseconds [expr {($low + $high) / 2 - 0.0005}]]
    }
    set period $next
  }
  puts "@below $low $low_slack"
  puts "@period $high $high_slack"
  return $high
}
set shortest [shortest $start]
puts "@paths"
report_checks -path_delay max -fields {nets} -digits 5
puts "@end"
)tcl";

/// Names are looked up by comparison, because OpenSTA's patterns know no brackets in names.
constexpr const char* kQueries[] = {R"tcl(
proc lines {name} {
  set file [open $name]
  set lines [split [string trim [read $file]] "\n"]
  close $file
  return $lines
}
proc wanted {names all} {
  upvar $all index
  set found {}
  foreach name $names {
    if {![info exists index($name)]} {
      puts "@unknown $name"
      error "unknown"
    }
    lappend found {*}$index($name)
  }
  return $found
}
foreach cell [get_cells -hierarchical *] { set cell_index([get_full_name $cell]) $cell }
foreach port [all_outputs] {
  lappend port_index([regsub {\[[0-9]+\]$} [get_full_name $port] {}]) $port
}
slack $shortest
)tcl",
                                    R"tcl(
if {$asked > 0} { puts "@slack [slack $asked]" }
puts "@done"
)tcl"};

std::string WireLoads(const TimingOptions& options) {
  if (options.wire_capacitance <= 0) return "";
  return fmt::format(
      "foreach net [get_nets -hierarchical *] {{\n"
      "  set pins [llength [get_pins -of_objects $net]]\n"
      "  if {{$pins > 1}} {{ set_load -wire_load [expr {{($pins - 1) * {}}}] $net }}\n"
      "}}\n",
      options.wire_capacitance * 1e12);
}

std::string Script(const TimingOptions& options, const std::string& top, std::size_t libraries) {
  std::string script = "set sta_continue_on_error 0\n";
  for (std::size_t i = 0; i < libraries; ++i) {
    script += fmt::format("read_liberty library{}.lib\n", i);
  }
  script += fmt::format("read_verilog netlist.v\nlink_design {}\n", top);
  script += "set_cmd_units -time ns -capacitance pF\n" + WireLoads(options);
  script +=
      fmt::format("set clock {{{}}}\nset input_delay {}\nset output_delay {}\n", options.clock,
                  options.input_delay / kNanosecond, options.output_delay / kNanosecond);
  script += fmt::format("set start 10\nset asked {}\n",
                        options.period ? *options.period / kNanosecond : 0);
  script += "create_clock -name clock -period $start [get_ports $clock]\n";
  script += "check_setup -verbose -loops\n";
  script += kSearch;
  if (!options.queries.empty()) script += kQueries[0];
  for (std::size_t i = 0; i < options.queries.size(); ++i) {
    script += fmt::format(
        "puts \"@query {0}\"\n"
        "set to [concat [wanted [lines to{0}] cell_index] [wanted [lines ports{0}] port_index]]\n"
        "set from [wanted [lines from{0}] cell_index]\n"
        "if {{[llength $from] > 0}} {{\n"
        "  report_checks -path_delay max -fields {{nets}} -digits 5 -from $from -to $to\n"
        "}} else {{\n"
        "  report_checks -path_delay max -fields {{nets}} -digits 5 -to $to\n"
        "}}\n"
        "puts \"@queried {0}\"\n",
        i);
  }
  return script + kQueries[1];
}

void WriteQueries(const std::vector<PathQuery>& queries, const fs::path& folder) {
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto write = [&](const char* name, const std::vector<std::string>& lines) {
      WriteFile(folder / fmt::format("{}{}", name, i), fmt::format("{}\n", fmt::join(lines, "\n")));
    };
    if (queries[i].ports.empty() && queries[i].cells.empty()) {
      throw RequestError("a query of paths names no place where they end");
    }
    write("to", queries[i].cells);
    write("ports", queries[i].ports);
    write("from", queries[i].from);
  }
}

void RefuseUnknown(const std::string& log) {
  const std::string name = FindLine(log, "@unknown ");
  if (name.empty()) return;
  throw RequestError(fmt::format("OpenSTA was shown no port or cell {}", name));
}

void RequireClock(const Netlist& netlist, const std::string& clock) {
  for (const NetlistPort& port : netlist.top().ports) {
    if (port.name == clock && port.direction == PortDirection::kInput && port.bits.size() == 1) {
      return;
    }
  }
  throw RequestError(fmt::format("{} has no clock input {}", netlist.top().block, clock),
                     "name one of its inputs");
}

void RefuseErrors(const std::string& log) {
  static const std::regex error(R"((^|\n)(Error[^\n]*))");
  std::smatch match;
  if (std::regex_search(log, match, error)) {
    throw RunError(fmt::format("OpenSTA says {}", match[2].str()));
  }
  const std::size_t loop = log.find("combinational loop");
  if (loop != std::string::npos) {
    std::string pins;
    const std::size_t begin = log.find('\n', loop) + 1;
    const std::size_t end = std::min(log.find("-----", begin), log.size());
    for (std::size_t at = begin; at < end && pins.size() < 200;) {
      const std::size_t next = std::min(log.find('\n', at), end);
      std::string line = log.substr(at, next - at);
      line.erase(0, line.find_first_not_of(' '));
      if (!line.empty() && line[0] != '|') pins += (pins.empty() ? "" : ", ") + line;
      at = next + 1;
    }
    throw RunError(fmt::format("the design has a combinational loop: {}", pins));
  }
}

}  // namespace

TimingResult AnalyzeTiming(const Netlist& netlist, const std::vector<Library>& libraries,
                           const TimingOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  RequireClock(netlist, options.clock);
  const Tool sta = FindSta(options.sta);
  const WorkFolder work;
  TimingResult result;
  result.tool = sta.version;
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    // OpenSTA would add wires of the library's own choice.
    WriteFile(work.path() / fmt::format("library{}.lib", i),
              WithoutWireLoads(ReadMaybeGzip(libraries[i].path)));
  }
  StaView view = MakeStaView(netlist, libraries, options.max_cells);
  result.left_out = view.left_out;
  result.unknown_macros = view.unknown_macros;
  std::size_t count = libraries.size();
  if (!view.liberty.empty()) {
    WriteFile(work.path() / fmt::format("library{}.lib", count++), view.liberty);
  }
  WriteFile(work.path() / "netlist.v", WriteVerilog(view.netlist));
  WriteQueries(options.queries, work.path());
  WriteFile(work.path() / "run.tcl", Script(options, netlist.top().name, count));
  const std::string log =
      RunTool({sta.program.string(), "-no_init", "-no_splash", "-exit", "run.tcl"}, work.path(),
              options.cancelled);
  RefuseUnknown(log);
  RefuseErrors(log);
  ReadStaReport(log, options.period.has_value(), options.queries.size(), result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace systole
