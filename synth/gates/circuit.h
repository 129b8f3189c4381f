// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/gates/cell_logic.h"
#include "synth/gates/delays.h"
#include "synth/gates/flat_netlist.h"

namespace systole {

/// A flat netlist in the form the simulator runs: small records in arrays, in the order in which
/// they are used. `Unit` numbers: gates, then registers, then memories.

/// One output of a cell. The bits of `index` follow the inputs' values as they change, so that a
/// look into the table is all an evaluation takes.
struct SimGate {
  std::uint32_t output = 0;  ///< net
  std::uint32_t table = 0;   ///< in Circuit::tables
  std::uint32_t arcs = 0;    ///< in Timing::arcs
  std::uint16_t index = 0;
  std::uint16_t changed = 0;  ///< inputs that changed since the last evaluation
  std::uint16_t level = 0;
  std::uint16_t cluster = 0;
  bool value = false;  ///< of the function; the net takes it after the delay
  bool queued = false;
  bool clock = false;  ///< its output belongs to the clock network
};

/// A flip-flop or latch; its outputs are gates of their own.
struct SimRegister {
  std::uint32_t first_gate = 0;
  std::uint32_t model = 0;  ///< in Circuit::register_models
  std::uint16_t index = 0;  ///< inputs, then the state
  std::uint16_t changed = 0;
  std::uint16_t wakes = 0;
  std::uint16_t cluster = 0;
  std::uint8_t gates = 0;
  bool clock = false;  ///< the clock function's last value
  bool queued = false;
};

struct RegisterModel {
  std::uint32_t clock, next_state, clear, preset;  ///< in Circuit::tables
  std::uint16_t state;                             ///< the index' bit of the state
  bool latch;
};

struct SimNet {
  std::uint32_t first_reader = 0;  ///< in Circuit::readers; the next net's ends them
  std::uint32_t toggles = 0;
  std::uint32_t high = 0;        ///< cycles that it ended at 1, up to `since`
  std::uint32_t since : 31 = 0;  ///< cycle of the window in which it changed last
  std::uint32_t value : 1 = 0;
};

struct SimMemory {
  MemoryKind kind = MemoryKind::kCacheRam;
  using Bits = const std::vector<std::int32_t>*;   ///< nets or constants of a port
  Bits clock, enable, write, address, mask, data;  ///< a register file has no enable, no mask
  Bits read_address;                               ///< of a register file
  std::uint32_t first_gate = 0;                    ///< one for each connected bit of the read port
  std::vector<std::uint32_t> gate_bits = {};       ///< the bit of each
  std::uint32_t width = 0;
  std::vector<bool> bits = {};    ///< word by word
  std::vector<bool> output = {};  ///< of a cache_ram: the word that was read last
  std::uint16_t level = 0;
  std::uint32_t delay = 1;  ///< ticks from the clock or the address to the read port
  bool clock_value = false;
  bool queued = false;
  Activity::MemoryAccesses accesses = {};  ///< of the window
};

struct Circuit {
  std::vector<SimGate> gates;
  std::vector<SimRegister> registers;
  std::vector<SimMemory> memories;
  std::vector<SimNet> nets;            ///< one more than there are, to end the readers
  std::vector<std::uint32_t> readers;  ///< unit * 16 + bit of its index
  std::vector<std::uint64_t> tables;
  std::vector<RegisterModel> register_models;
  std::uint32_t levels = 1;    ///< one more than the highest level
  std::uint32_t clusters = 1;  ///< see AssignClusters
};

/// `cluster_cells`: as of AssignClusters, 0 for one cluster. Throws RequestError as
/// TopologicalOrder, and for more than 2^28 units.
Circuit MakeCircuit(const FlatNetlist& netlist, const std::vector<CellLogic>& models,
                    const std::vector<bool>& clock_network, std::uint64_t seed,
                    std::uint32_t cluster_cells);

}  // namespace systole
