// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "synth/netlist/netlist.h"

namespace systole {

/// Structural Verilog that OpenSTA 2.0.17, Icarus and Yosys read: cells and instances with named
/// ports, scalar nets, single constants, and assignments of single bits where an output port
/// repeats another net. Names that are no plain identifiers are escaped. Macros are instantiated by
/// their type, without parameters.
std::string WriteVerilog(const Netlist& netlist);

}  // namespace systole
