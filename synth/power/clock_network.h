// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "synth/gates/flat_netlist.h"
#include "synth/power/energy_model.h"

namespace systole {

/// The nets through which the clock port reaches clock pins of registers and memories, by way of
/// combinational cells: buffers, inverters, gates.
struct ClockNetwork {
  std::vector<bool> nets;  ///< of each net: belongs to it
  std::vector<bool> cells;
  /// Of each net of the network: its toggles, from the activity or, where that shows the clock at
  /// rest, from what feeds it.
  std::vector<std::uint64_t> toggles;
};

/// `models` are of FlatNetlist::types. Throws RequestError when `clock` is no input port of one
/// bit.
ClockNetwork FindClockNetwork(const FlatNetlist& netlist, const std::vector<EnergyModel>& models,
                              const Activity& activity, const std::string& clock);

}  // namespace systole
