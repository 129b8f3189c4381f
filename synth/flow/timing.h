// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "synth/flow/tools.h"
#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// Paths to look at beside the worst of all: those that end at these ports and cells.
struct PathQuery {
  std::vector<std::string> ports;  ///< outputs, all their bits
  std::vector<std::string> cells;  ///< registers and macros, from the top: u_array/sum_q[7]_reg
  std::vector<std::string> from;   ///< the registers and macros where they begin; empty: any place
};

struct TimingOptions {
  std::string clock = "clk_i";   ///< the top's port; ideal: no delay, no skew
  std::optional<double> period;  ///< s: the slack at it is wanted as well
  double input_delay = 0;        ///< s after the clock edge at which inputs arrive
  double output_delay = 0;       ///< s before the next edge at which outputs are needed
  double wire_capacitance = 0;   ///< farads of wire that each pin adds to its net
  /// Netlists of more cells than this are reduced (Timing::left_out), because OpenSTA takes about
  /// 1.3 KB of memory and 0.1 ms a cell.
  std::uint64_t max_cells = 500000;
  std::vector<PathQuery> queries = {};
  std::string sta;  ///< program; empty: `sta` of PATH
  Cancelled cancelled;
};

/// A cell, or the port where the path begins or ends.
struct TimingStage {
  std::string instance;  ///< blocks and cell, e.g. u_array/g_row[3].u_row/sum_q[7]_reg
  std::string pin;       ///< the output; the input of the register at the end
  std::string cell;      ///< library cell; "in", "out" for a port
  std::string net;       ///< that the pin drives; empty at the end
  bool rises = false;    ///< the edge there
  double arrival = 0;    ///< s after the clock edge
};

struct TimingPath {
  double period = 0;  ///< s, the shortest at which it does not fail
  std::string from, to;
  std::vector<TimingStage> stages;
  double setup = 0;  ///< s, of the register at its end
};

struct TimingResult {
  /// The shortest period, a whole number of picoseconds, at which no path fails: OpenSTA says slack
  /// >= 0 at it and < 0 one picosecond below (2 fs are its rounding). s
  double min_period = 0;
  std::optional<double> slack;      ///< s, at TimingOptions::period
  std::string from, to;             ///< of the worst path, e.g. "u_sequencer count_q[3]"
  std::vector<TimingStage> stages;  ///< of the worst path
  double setup = 0;                 ///< s, of the register at its end
  /// The worst path of each query; nothing where there is none.
  std::vector<std::optional<TimingPath>> paths;
  /// Instances of equal modules that OpenSTA was not shown, in words; empty: it saw the whole
  /// design.
  std::string left_out;
  /// Macros of which no library says the timing: paths from and to them are not seen.
  std::vector<std::string> unknown_macros;
  std::string tool;  ///< OpenSTA's version
  double seconds = 0;
};

/// The worst path and the shortest period by OpenSTA, maximum delays only. The period is found by
/// secants (slack against period is straight except where half cycles matter) and then proved by
/// the two slacks beside it. Libraries as of Synthesize: what MacroLiberty wrote is read like
/// others.
///
/// Throws RequestError when the top has no such clock port, or a query names a port or cell that is
/// not there or that OpenSTA is not shown. Throws RunError when OpenSTA is
/// missing, fails, or says Error; when the design has a combinational loop or no path between
/// registers; and when its answer is not whole.
TimingResult AnalyzeTiming(const Netlist& netlist, const std::vector<Library>& libraries,
                           const TimingOptions& options);

}  // namespace systole
