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
  std::uint32_t definition = 0;  ///< index in Netlist::modules
};

struct FlatCell {
  std::uint32_t cell;       ///< index in FlatNetlist::types
  std::uint32_t block;      ///< that holds it
  std::uint32_t first_pin;  ///< its pins are pin_nets[first_pin + index in Cell::pins]
};

struct FlatPort {
  std::string name;
  PortDirection direction;
  std::vector<std::int32_t> bits;  ///< nets or constants, bit 0 first
};

/// Memories that the simulator models as a whole: rtl/prim/cache_ram.v and register_file.v.
enum class MemoryKind { kCacheRam, kRegisterFile };

/// Instances of this type are memories, whatever a library says of it. Their size is that of the
/// ports that are connected: the words are 2^(bits of the address).
struct MemoryType {
  std::string type;  ///< as in NetlistInstance::type, or its block (all sizes): "cache_ram"
  MemoryKind kind;
};

struct FlatMemory {
  std::string name;  ///< of the instance
  std::string type;
  MemoryKind kind;
  std::uint32_t block;
  std::vector<FlatPort> ports;  ///< those of the RTL module, in its order
};

/// A netlist taken apart to library cells: every net that a pin touches and every cell of the whole
/// hierarchy once. 45 bytes a cell, so that millions fit: names are looked up in the Netlist.
struct FlatNetlist {
  std::vector<const Cell*> types;  ///< the cells in use; FlatCell::cell points here
  std::vector<Block> blocks;       ///< blocks[0] is the top
  std::vector<FlatCell> cells;
  std::vector<std::int32_t> pin_nets;  ///< net, kConstant0, kConstant1 or kUnconnected
  std::uint32_t nets = 0;
  /// Of each net: index of its pin in pin_nets, or -1: an input port or a memory.
  std::vector<std::int32_t> drivers;
  std::vector<FlatPort> ports;  ///< of the top
  std::vector<FlatMemory> memories;
  std::vector<std::uint32_t> net_block;  ///< the block in which each net was first named

  std::string BlockName(std::uint32_t block) const;  ///< hierarchical, without the top's
  std::string NetName(std::uint32_t net) const;      ///< hierarchical
  std::string CellName(std::uint32_t cell) const;    ///< hierarchical

  const Netlist* netlist = nullptr;           ///< where the names are; without it they are numbers
  std::vector<std::uint32_t> net_index;       ///< of each net: in NetlistModule::nets of its block
  std::vector<std::uint32_t> cell_instances;  ///< of each cell: in NetlistModule::instances
};

/// Takes a netlist apart. Netlist and libraries have to outlive the result. Throws RequestError
/// when a cell is in no library (unmapped), an input is not connected or has no driver, a net has
/// two drivers, or a port of an instance has the wrong width.
FlatNetlist Flatten(const Netlist& netlist, const std::vector<Library>& libraries,
                    const std::vector<MemoryType>& memories = {});

/// What the nets of a design did in a window of cycles.
struct Activity {
  struct MemoryAccesses {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
  };
  std::uint64_t cycles = 0;
  double period = 0;                       ///< seconds a cycle
  bool glitches = false;                   ///< counted with cell delays
  std::vector<std::uint64_t> toggles;      ///< of each net of the FlatNetlist
  std::vector<std::uint64_t> cycles_high;  ///< cycles that each net ended at 1; of a clock 0
  std::vector<MemoryAccesses> memories;    ///< of FlatNetlist::memories
};

}  // namespace systole
