// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "synth/gates/flat_netlist.h"
#include "synth/liberty/library.h"

namespace systole {

/// What a design draws from its supply while its nets do what an Activity says.
///
///   switching  1/2 C V^2 for each toggle of a net; C: the pins on it and its wire
///   internal   the library's energy tables: of each output for its toggles, shared among the
///   inputs
///              that can have caused them; of each input for its own toggles
///   leakage    of each cell's states, by the probabilities of its nets
///
/// Formulas, sources and what they leave out: docs/synthesis.md, "Power".

struct PowerParts {
  double switching = 0, internal = 0, leakage = 0;  ///< watts
  double total() const { return switching + internal + leakage; }
  PowerParts& operator+=(const PowerParts& other);
};

/// Whose power it is. Each net and each table belongs to exactly one.
enum class PowerGroup : std::uint8_t {
  kLogic,      ///< combinational cells and the nets they drive
  kRegisters,  ///< flip-flops and latches, but for their clock pins
  kClock,      ///< nets and cells from the clock port to the clock pins, and those pins' tables
  kMemories,   ///< memories and the nets they drive
  kInputs,     ///< nets at the input ports: what drives the design pays for them
};
constexpr std::size_t kPowerGroups = 5;
std::string PowerGroupName(PowerGroup group);

struct GroupedPower {
  std::array<PowerParts, kPowerGroups> groups;
  PowerParts& operator[](PowerGroup group) { return groups[static_cast<std::size_t>(group)]; }
  const PowerParts& operator[](PowerGroup group) const {
    return groups[static_cast<std::size_t>(group)];
  }
  PowerParts sum() const;  ///< of the groups
  GroupedPower& operator+=(const GroupedPower& other);
};

struct BlockPower {
  std::string path;    ///< from the top, e.g. g_row[3].u_row; the top has its module's name
  std::string module;  ///< name in the RTL
  std::uint32_t parent = 0;
  GroupedPower own;    ///< of the cells that lie in the block itself, and of what they drive
  GroupedPower whole;  ///< with all blocks below
};

struct ModulePower {
  std::string module;
  std::uint64_t instances = 0;
  GroupedPower own;  ///< sum of its instances' own
};

struct PowerReport {
  std::uint64_t cycles = 0;
  double period = 0;  ///< seconds
  bool glitches = false;
  GroupedPower total;  ///< the blocks' own, added in their order
  std::vector<BlockPower> blocks;
  std::vector<ModulePower> modules;  ///< by name
  std::vector<std::string> warnings;

  double watts() const { return total.sum().total(); }
  double energy_per_cycle() const { return watts() * period; }  ///< joules
};

/// Makes `total`, `modules` and each block's `whole` of what the blocks have as their own.
void AddUpBlocks(PowerReport& report);

/// What a memory that the simulator models as a whole (FlatMemory) takes; see synth/macros.
struct MemoryPower {
  double read_energy = 0, write_energy = 0;  ///< joules an access
  double leakage = 0;                        ///< watts
  double input_capacitance = 0;              ///< farads of each bit of its input ports
};

struct PowerOptions {
  std::string clock = {};          ///< input port; empty: the design has no clock network
  double wire_per_fanout = 0;      ///< farads of wire for each input pin on a net
  std::vector<double> wire = {};   ///< farads of each net, instead; empty: wire_per_fanout
  double input_slew = 100e-12;     ///< seconds, at every pin unless `slews` says otherwise
  std::vector<double> slews = {};  ///< seconds, of each net; empty: input_slew
  std::vector<MemoryPower> memories =
      {};  ///< of FlatNetlist::memories; empty: they count as nothing
};

/// The libraries are those the netlist was flattened with. Throws RequestError when the activity is
/// not one of this netlist, cycles, period or a supply voltage is missing, the clock is no port, or
/// a condition of a cell in use cannot be read. A clock net that the activity shows at rest is
/// taken to toggle twice a cycle, and what buffers and inverters make of it too.
PowerReport ComputePower(const FlatNetlist& netlist, const std::vector<Library>& libraries,
                         const Activity& activity, const PowerOptions& options);

}  // namespace systole
