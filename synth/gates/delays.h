// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "synth/gates/cell_logic.h"
#include "synth/gates/flat_netlist.h"

namespace systole {

struct DelayOptions {
  double wire_capacitance = 0;  ///< farads of wire that each pin that reads a net adds to it
  double output_load = 0;       ///< farads at each output port
  double input_transition = 0;  ///< seconds, at input ports and outputs of memories
  /// Seconds, everywhere between the clock port and the registers when the clock is ideal.
  double clock_transition = 0;
  std::string clock = "clk_i";  ///< the clock port; none of this name: there is no clock
  bool ideal_clock = true;      ///< no delay between the clock port and the registers
  double tick = 1e-12;          ///< seconds that one unit of the simulator's delays stands for
};

/// Ticks from a change of one input to the output's rise or fall, at least 1.
struct ArcDelay {
  std::uint32_t rise = 1;
  std::uint32_t fall = 1;
};

/// A path from register to register, without setup time.
struct RegisterPath {
  double seconds = 0;
  std::uint32_t cell = 0;  ///< the register in which it ends
  std::uint32_t pin = 0;   ///< its pin there
};

/// Loads, slews, arrival times and delays of a flat netlist.
struct Timing {
  double tick = 0;
  std::vector<float> load;                    ///< of each net, farads
  std::vector<float> slew_rise, slew_fall;    ///< of each net, seconds
  std::vector<CellLogic> models;              ///< of FlatNetlist::types
  std::vector<bool> clock_network;            ///< of each net: between clock port and registers
  std::vector<std::uint32_t> first_arc;       ///< of each cell
  std::vector<ArcDelay> arcs;                 ///< [first_arc + output * inputs + input]
  std::optional<RegisterPath> register_path;  ///< the longest; none without one
};

/// Delays from the libraries' NLDM tables. Slews go from pin to pin in topological order; each net
/// has the slowest slew and the latest arrival of any arc, for rise and fall apart (as OpenSTA's
/// graph-based analysis does; `when` conditions are ignored: the slowest counts). A path begins at
/// a clock pin at time 0. An output without a table for an arc takes 1 tick.
/// Throws RequestError for a combinational loop with the name of one of its cells (what goes
/// through the data input of a flip-flop or latch is none), and as MakeCellLogic.
Timing CalculateTiming(const FlatNetlist& netlist, const DelayOptions& options);

/// Every cell behind those that its outputs follow at once (CellLogic::follows), and every memory,
/// as netlist.cells.size() + its index, behind those that its read port follows. Throws
/// RequestError for a loop.
std::vector<std::uint32_t> TopologicalOrder(const FlatNetlist& netlist,
                                            const std::vector<CellLogic>& models);

}  // namespace systole
