// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/clusters.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace systole {
namespace {

constexpr std::uint16_t kCommon = 0;
constexpr std::uint16_t kFree = 0xffff;  ///< reaches no gate: may be anywhere
constexpr std::uint16_t kMostRegions = 0xfffe;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

std::uint16_t Meet(std::uint16_t a, std::uint16_t b) {
  if (a == kFree) return b;
  if (b == kFree || a == b) return a;
  return kCommon;
}

/// Finds out whether the clock network stands still between two edges of the clock, though some of
/// its gates hear of other nets.
class ClockNetworkCheck {
 public:
  ClockNetworkCheck(const Circuit& circuit, const std::vector<bool>& clock_network)
      : circuit_(circuit), clock_network_(clock_network) {
    const auto gates = static_cast<std::uint32_t>(circuit.gates.size());
    for (std::uint32_t i = 0; i < gates; ++i) {
      if (circuit.gates[i].clock) drivers_[circuit.gates[i].output] = i;
    }
    for (std::uint32_t i = 0; i < circuit.registers.size(); ++i) {
      const SimRegister& reg = circuit.registers[i];
      if (!circuit.register_models[reg.model].latch) continue;
      for (std::uint32_t k = 0; k < reg.gates; ++k) {
        latches_[circuit.gates[reg.first_gate + k].output] = i;
      }
    }
    for (std::uint32_t net = 0; net + 1 < circuit.nets.size(); ++net) {
      for (std::uint32_t i = circuit.nets[net].first_reader;
           i < circuit.nets[net + std::size_t{1}].first_reader; ++i) {
        const std::uint32_t unit = circuit.readers[i] >> 4;
        const bool gate = unit < gates && circuit.gates[unit].clock;
        const bool latch = unit >= gates && unit - gates < circuit.registers.size() &&
                           circuit.register_models[circuit.registers[unit - gates].model].latch;
        if (gate) gate_inputs_[unit].emplace_back(circuit.readers[i] & 15, net);
        if (latch) latch_inputs_[unit - gates].emplace_back(circuit.readers[i] & 15, net);
      }
    }
  }

  /// True when each gate of the network that hears of other nets has one value while the clock is
  /// low, and those nets come from latches that are closed while it is high.
  bool StandsStill() const {
    for (const auto& [unit, inputs] : gate_inputs_) {
      for (const auto& [bit, net] : inputs) {
        if (clock_network_[net]) continue;
        if (!Level(circuit_.gates[unit].output, false) || !ClosedWhileHigh(net)) return false;
      }
    }
    return true;
  }

 private:
  using Inputs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  ///< bit of index, net

  /// The value of a net while the clock is high, or low; nothing where that depends.
  std::optional<bool> Level(std::uint32_t net, bool high) const {
    if (!clock_network_[net]) return {};
    const auto driver = drivers_.find(net);
    if (driver == drivers_.end()) return high;  // the clock port
    const SimGate& gate = circuit_.gates[driver->second];
    return Evaluate(gate_inputs_.at(driver->second), gate.table, gate.index, high);
  }

  /// A function, whatever those inputs are that are not known.
  std::optional<bool> Evaluate(const Inputs& inputs, std::uint32_t table, std::uint32_t index,
                               bool high) const {
    std::vector<std::uint32_t> unknown;
    for (const auto& [bit, net] : inputs) {
      const std::optional<bool> level = Level(net, high);
      if (!level) unknown.push_back(1u << bit);
      if (level.value_or(false)) index |= 1u << bit;
    }
    std::optional<bool> value;
    for (std::uint32_t row = 0; row < 1u << unknown.size(); ++row) {
      std::uint32_t at = index;
      for (std::size_t k = 0; k < unknown.size(); ++k) at |= (row >> k & 1) * unknown[k];
      const bool next = circuit_.tables[table + (at >> 6)] >> (at & 63) & 1;
      if (value.value_or(next) != next) return {};
      value = next;
    }
    return value;
  }

  bool ClosedWhileHigh(std::uint32_t net) const {
    const auto latch = latches_.find(net);
    if (latch == latches_.end()) return false;
    const SimRegister& reg = circuit_.registers[latch->second];
    const RegisterModel& model = circuit_.register_models[reg.model];
    const auto inputs = latch_inputs_.find(latch->second);
    if (inputs == latch_inputs_.end()) return false;
    const auto never = [&](std::uint32_t table) {
      return Evaluate(inputs->second, table, reg.index & (model.state - 1u), true) == false;
    };
    return never(model.clock) && never(model.clear) && never(model.preset);
  }

  const Circuit& circuit_;
  const std::vector<bool>& clock_network_;
  std::map<std::uint32_t, std::uint32_t> drivers_;  ///< of the network's nets: gates
  std::map<std::uint32_t, std::uint32_t> latches_;  ///< of the nets that they drive
  std::map<std::uint32_t, Inputs> gate_inputs_, latch_inputs_;
};

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
    if (last == kCommon || !circuit_.memories.empty() ||
        !ClockNetworkCheck(circuit_, clock_network_).StandsStill()) {
      for (SimGate& gate : circuit_.gates) gate.cluster = kCommon;
      for (SimRegister& reg : circuit_.registers) reg.cluster = kCommon;
      return;
    }
    circuit_.clusters = last + 1u;
    FindWakes();
    Start();
    FindSources();
    // From the ends back: a gate's readers come before it. Registers that count as gates close
    // loops: what reads something whose cluster has changed is looked at again, at most twice, as
    // what is free gets a region, and may become common.
    for (std::size_t i = 0; i < circuit_.registers.size(); ++i) {
      for (std::uint32_t k = 0; alone_[i] && k < circuit_.registers[i].gates; ++k) {
        const std::uint32_t gate = circuit_.registers[i].first_gate + k;
        LowerRegister(i, circuit_.gates[gate].cluster);
      }
    }
    for (const std::uint32_t gate : order_) Update(gate);
    while (!waiting_.empty()) {
      const std::uint32_t gate = waiting_.back();
      waiting_.pop_back();
      Update(gate);
    }
    for (SimGate& gate : circuit_.gates) SetFree(gate.cluster);
    for (SimRegister& reg : circuit_.registers) SetFree(reg.cluster);
  }

 private:
  /// Which registers something else than the clock can change.
  void FindWakes() {
    for (std::size_t net = 0; net + 1 < circuit_.nets.size(); ++net) {
      if (clock_network_[net]) continue;
      for (std::uint32_t i = First(net); i < First(net + 1); ++i) {
        const std::uint32_t unit = circuit_.readers[i] >> 4;
        if (unit < gates_) continue;
        if (circuit_.registers[unit - gates_].wakes >> (circuit_.readers[i] & 15) & 1) {
          alone_[unit - gates_] = true;
        }
      }
    }
  }

  static void SetFree(std::uint16_t& cluster) {
    if (cluster == kFree) cluster = kCommon;
  }

  /// Gates that no gate reads keep their region; so do those of the clock network, which do not
  /// change between two edges, whatever reads them. The others are free at first.
  void Start() {
    order_.resize(gates_);
    for (std::uint32_t i = 0; i < gates_; ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return circuit_.gates[a].level > circuit_.gates[b].level;
    });
    for (SimGate& gate : circuit_.gates) {
      if (!gate.clock && HasReaders(gate.output)) gate.cluster = kFree;
    }
    for (std::size_t i = 0; i < circuit_.registers.size(); ++i) {
      if (alone_[i] && circuit_.registers[i].gates != 0) circuit_.registers[i].cluster = kFree;
    }
  }

  /// Lists the gates that each unit hears of, and the register of each gate that counts as one.
  void FindSources() {
    std::vector<std::uint32_t> drivers(circuit_.nets.size(), kNone);
    for (std::uint32_t i = 0; i < gates_; ++i) drivers[circuit_.gates[i].output] = i;
    const auto each = [&](const auto& use) {
      for (std::size_t net = 0; net + 1 < circuit_.nets.size(); ++net) {
        if (drivers[net] == kNone) continue;
        for (std::uint32_t i = First(net); i < First(net + 1); ++i) {
          use(circuit_.readers[i] >> 4, drivers[net]);
        }
      }
    };
    first_source_.assign(gates_ + circuit_.registers.size() + 1, 0);
    each([&](std::uint32_t unit, std::uint32_t) { ++first_source_[unit + 1]; });
    for (std::size_t i = 1; i < first_source_.size(); ++i) first_source_[i] += first_source_[i - 1];
    sources_.resize(first_source_.back());
    std::vector<std::uint32_t> next = first_source_;
    each([&](std::uint32_t unit, std::uint32_t gate) { sources_[next[unit]++] = gate; });

    register_.assign(gates_, kNone);
    for (std::uint32_t i = 0; i < circuit_.registers.size(); ++i) {
      for (std::uint32_t k = 0; alone_[i] && k < circuit_.registers[i].gates; ++k) {
        register_[circuit_.registers[i].first_gate + k] = i;
      }
    }
  }

  void Update(std::uint32_t gate) {
    const SimGate& at = circuit_.gates[gate];
    if (at.cluster == kCommon) return;
    if (!at.clock) LowerGate(gate, OfReaders(at.output));
    if (register_[gate] != kNone) LowerRegister(register_[gate], at.cluster);
  }

  /// Those that the unit hears of have to be looked at again.
  void Wake(std::size_t unit) {
    for (std::uint32_t i = first_source_[unit]; i < first_source_[unit + 1]; ++i) {
      waiting_.push_back(sources_[i]);
    }
  }

  void LowerGate(std::uint32_t gate, std::uint16_t value) {
    std::uint16_t& cluster = circuit_.gates[gate].cluster;
    const std::uint16_t both = Meet(cluster, value);
    if (cluster == both) return;
    cluster = both;
    Wake(gate);
  }

  /// A register and its outputs lie in one cluster.
  void LowerRegister(std::size_t index, std::uint16_t value) {
    SimRegister& reg = circuit_.registers[index];
    const std::uint16_t both = Meet(reg.cluster, value);
    if (reg.cluster == both) return;
    reg.cluster = both;
    Wake(gates_ + index);
    for (std::uint32_t k = 0; k < reg.gates; ++k) LowerGate(reg.first_gate + k, both);
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
  std::vector<std::uint32_t> first_source_, sources_;  ///< gates that each unit hears of
  std::vector<std::uint32_t> register_;                ///< of each gate, if it counts as one
  std::vector<std::uint32_t> waiting_;                 ///< gates to be looked at again
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
