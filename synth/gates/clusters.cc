// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/clusters.h"

#include <algorithm>

namespace systole {
namespace {

constexpr std::uint16_t kCommon = 0;
constexpr std::uint16_t kFree = 0xffff;  ///< reaches no gate: may be anywhere
constexpr std::uint16_t kMostRegions = 0xfffe;

std::uint16_t Meet(std::uint16_t a, std::uint16_t b) {
  if (a == kFree) return b;
  if (b == kFree || a == b) return a;
  return kCommon;
}

class Assigner {
 public:
  Assigner(Circuit& circuit, const std::vector<bool>& clock_network)
      : circuit_(circuit),
        clock_network_(clock_network),
        gates_(static_cast<std::uint32_t>(circuit.gates.size())),
        alone_(circuit.registers.size()) {}

  void Run() {
    std::uint16_t last = kCommon;
    for (const SimGate& gate : circuit_.gates) last = std::max(last, gate.cluster);
    if (last == kCommon || !circuit_.memories.empty() || !FindWakes()) {
      for (SimGate& gate : circuit_.gates) gate.cluster = kCommon;
      for (SimRegister& reg : circuit_.registers) reg.cluster = kCommon;
      return;
    }
    circuit_.clusters = last + 1u;
    Start();
    // From the ends back: a gate's readers come before it. Registers that count as gates close
    // loops, so until nothing changes any more: what is free gets a region, and may become common.
    while (Pass()) {
    }
    for (SimGate& gate : circuit_.gates) SetFree(gate.cluster);
    for (SimRegister& reg : circuit_.registers) SetFree(reg.cluster);
  }

 private:
  /// Which registers something else than the clock can change. False when a cell of the clock
  /// network hears of anything but the clock.
  bool FindWakes() {
    for (std::size_t net = 0; net + 1 < circuit_.nets.size(); ++net) {
      if (clock_network_[net]) continue;
      for (std::uint32_t i = First(net); i < First(net + 1); ++i) {
        const std::uint32_t unit = circuit_.readers[i] >> 4;
        if (unit < gates_) {
          if (circuit_.gates[unit].clock) return false;
        } else if (circuit_.registers[unit - gates_].wakes >> (circuit_.readers[i] & 15) & 1) {
          alone_[unit - gates_] = true;
        }
      }
    }
    return true;
  }

  static void SetFree(std::uint16_t& cluster) {
    if (cluster == kFree) cluster = kCommon;
  }

  /// Gates that no gate reads keep their region; the others are free at first.
  void Start() {
    order_.resize(gates_);
    for (std::uint32_t i = 0; i < gates_; ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return circuit_.gates[a].level > circuit_.gates[b].level;
    });
    for (SimGate& gate : circuit_.gates) {
      if (gate.clock) {
        gate.cluster = kCommon;
      } else if (HasReaders(gate.output)) {
        gate.cluster = kFree;
      }
    }
    for (std::size_t i = 0; i < circuit_.registers.size(); ++i) {
      if (alone_[i] && circuit_.registers[i].gates != 0) circuit_.registers[i].cluster = kFree;
    }
  }

  bool Pass() {
    bool changed = false;
    const auto lower = [&](std::uint16_t& cluster, std::uint16_t value) {
      const std::uint16_t both = Meet(cluster, value);
      changed = changed || cluster != both;
      cluster = both;
    };
    for (const std::uint32_t i : order_) {
      SimGate& gate = circuit_.gates[i];
      if (gate.cluster != kCommon) lower(gate.cluster, OfReaders(gate.output));
    }
    for (std::size_t i = 0; i < circuit_.registers.size(); ++i) {
      SimRegister& reg = circuit_.registers[i];
      if (!alone_[i]) continue;
      for (std::uint32_t k = 0; k < reg.gates; ++k) {
        lower(reg.cluster, circuit_.gates[reg.first_gate + k].cluster);
      }
      for (std::uint32_t k = 0; k < reg.gates; ++k) {
        lower(circuit_.gates[reg.first_gate + k].cluster, reg.cluster);
      }
    }
    return changed;
  }

  bool HasReaders(std::uint32_t net) const {
    for (std::uint32_t i = First(net); i < First(net + std::size_t{1}); ++i) {
      const std::uint32_t unit = circuit_.readers[i] >> 4;
      if (unit < gates_ || alone_[unit - gates_]) return true;
    }
    return false;
  }

  std::uint16_t OfReaders(std::uint32_t net) const {
    std::uint16_t all = kFree;
    for (std::uint32_t i = First(net); i < First(net + std::size_t{1}); ++i) {
      const std::uint32_t unit = circuit_.readers[i] >> 4;
      if (unit < gates_) {
        all = Meet(all, circuit_.gates[unit].cluster);
      } else if (alone_[unit - gates_]) {
        all = Meet(all, circuit_.registers[unit - gates_].cluster);
      }
    }
    return all;
  }

  std::uint32_t First(std::size_t net) const { return circuit_.nets[net].first_reader; }

  Circuit& circuit_;
  const std::vector<bool>& clock_network_;
  std::uint32_t gates_;
  std::vector<bool> alone_;  ///< registers that count as gates
  std::vector<std::uint32_t> order_;
};

}  // namespace

std::vector<std::uint16_t> Regions(const FlatNetlist& netlist, std::uint32_t cells) {
  std::vector<std::uint16_t> regions(netlist.cells.size(), kCommon);
  if (cells == 0) return regions;
  std::uint32_t region = 1, size = 0;
  for (std::size_t i = 0; i < netlist.cells.size(); ++i, ++size) {
    const bool new_block = i > 0 && netlist.cells[i].block != netlist.cells[i - 1].block;
    if (new_block && size >= cells && region < kMostRegions) {
      ++region;
      size = 0;
    }
    regions[i] = static_cast<std::uint16_t>(region);
  }
  if (region == 1) std::fill(regions.begin(), regions.end(), kCommon);
  return regions;
}

void AssignClusters(Circuit& circuit, const std::vector<bool>& clock_network) {
  Assigner(circuit, clock_network).Run();
}

}  // namespace systole
