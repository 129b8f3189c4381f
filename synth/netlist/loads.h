// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "synth/netlist/cells.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// What a module's port bit is to the parent's net.
struct PortLoad {
  PortDirection direction = PortDirection::kInput;
  double capacitance = 0;      ///< input: farads that the net behind it has
  bool clock = false;          ///< input: it ends at clock pins
  double drive = 0;            ///< output: farads that its driver may still take
  std::size_t drive_pins = 1;  ///< output: pins that it may still take
};
using PortLoads = std::map<std::string, std::vector<PortLoad>>;  ///< by port and bit

/// A pin that a net drives, or an output port of the module itself.
struct Sink {
  std::size_t instance = 0;  ///< index; kPort: an output port
  std::size_t place = 0;     ///< of the connection, or of the port
  std::size_t bit = 0;
  double capacitance = 0;  ///< farads, wire included
  static constexpr std::size_t kPort = static_cast<std::size_t>(-1);
};

/// Who drives a net, and what it drives.
struct NetUse {
  enum class Driver { kNone, kInputPort, kPin };
  Driver driver = Driver::kNone;
  double drive = 0;            ///< farads that the driver may take
  std::size_t drive_pins = 1;  ///< pins that the driver may take
  bool clock = false;
  std::vector<Sink> sinks;
};

struct LoadRules {
  double wire_capacitance = 0;  ///< farads a pin
  std::size_t max_fanout = 16;  ///< pins a driver
  double output_port = 0;       ///< farads for which an output port's driver keeps room
  double input_port_drive = 0;  ///< farads that may hang on an input port
};

/// The use of each net of a module. `children` are the loads of the modules below it. Throws as
/// InsertBuffers does.
std::vector<NetUse> FindUses(const NetlistModule& module, const CellFinder& cells,
                             const std::map<std::string, PortLoads>& children,
                             const LoadRules& rules);

/// What the parent sees of the module's ports.
PortLoads LoadsOfPorts(const NetlistModule& module, const std::vector<NetUse>& uses,
                       const LoadRules& rules);

}  // namespace systole
