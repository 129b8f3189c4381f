// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// An instance of a module in the hierarchy.
struct Block {
  std::string name;    ///< of the instance, e.g. g_row[3].u_row; the top has its module's name
  std::string module;  ///< name in the RTL, e.g. systolic_row
  std::uint32_t parent = 0;  ///< index in FlatNetlist::blocks, smaller than the own; 0: of the top
};

struct FlatCell {
  std::uint32_t cell;       ///< index in FlatNetlist::types
  std::uint32_t block;      ///< that holds it
  std::uint32_t first_pin;  ///< its pins are pin_nets[first_pin + index in Cell::pins]
};

struct FlatPort {
  std::string name;
  PortDirection direction;
  std::vector<std::int32_t> bits;  ///< nets, bit 0 first
};

/// A netlist taken apart to library cells: every net and every cell of the whole hierarchy once.
struct FlatNetlist {
  std::vector<const Cell*> types;  ///< the cells in use; FlatCell::cell points here
  std::vector<Block> blocks;       ///< blocks[0] is the top
  std::vector<FlatCell> cells;
  std::vector<std::int32_t> pin_nets;  ///< net, kConstant0, kConstant1 or kUnconnected
  std::uint32_t nets = 0;
  std::vector<std::int32_t>
      drivers;                  ///< of each net: index of its pin in pin_nets, or -1: an input port
  std::vector<FlatPort> ports;  ///< of the top
  std::string NetName(std::uint32_t net) const;  ///< hierarchical, for reports
  std::vector<std::uint32_t> net_block;          ///< the block in which each net was first named
  std::vector<std::string> net_names;            ///< its name there
};

/// Takes a netlist apart. The libraries have to outlive the result. Throws RequestError when a cell
/// is in no library (unmapped), a pin is missing, or a net has two drivers.
FlatNetlist Flatten(const Netlist& netlist, const std::vector<Library>& libraries);

/// What the nets of a design did in a window of cycles.
struct Activity {
  std::uint64_t cycles = 0;
  double period = 0;                       ///< seconds a cycle
  bool glitches = false;                   ///< counted with cell delays
  std::vector<std::uint64_t> toggles;      ///< of each net of the FlatNetlist
  std::vector<std::uint64_t> cycles_high;  ///< cycles that each net ended at 1
};

}  // namespace systole
