// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/circuit.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/stimulus.h"
#include "synth/gates/clusters.h"

namespace systole {
namespace {

constexpr std::size_t kMaxAddressBits = 28;

class Compiler {
 public:
  Compiler(const FlatNetlist& netlist, const std::vector<CellLogic>& models,
           const std::vector<bool>& clock_network, std::uint64_t seed, std::uint32_t cluster_cells)
      : netlist_(netlist),
        models_(models),
        clock_network_(clock_network),
        seed_(seed),
        regions_(Regions(netlist, cluster_cells)) {}

  Circuit Run() {
    for (const CellLogic& model : models_) AddTables(model);
    MakeUnits();
    if (circuit_.gates.size() + circuit_.registers.size() + circuit_.memories.size() > (1u << 28)) {
      throw RequestError("the netlist has more than 2^28 gates");
    }
    MakeReaders();
    MakeLevels();
    AssignClusters(circuit_, clock_network_);
    return std::move(circuit_);
  }

 private:
  /// Where a cell type's tables are.
  struct TypeTables {
    std::vector<std::uint32_t> functions;  ///< of each output
    std::uint32_t register_model = 0;
  };

  std::uint32_t AddTable(const CellLogic::Table& table) {
    const auto at = circuit_.tables.size();
    circuit_.tables.insert(circuit_.tables.end(), table.begin(), table.end());
    return static_cast<std::uint32_t>(at);
  }

  void AddTables(const CellLogic& model) {
    TypeTables tables;
    for (const auto& output : model.outputs) tables.functions.push_back(AddTable(output.function));
    if (model.sequential) {
      tables.register_model = static_cast<std::uint32_t>(circuit_.register_models.size());
      circuit_.register_models.push_back({AddTable(model.clock), AddTable(model.next_state),
                                          AddTable(model.clear), AddTable(model.preset),
                                          static_cast<std::uint16_t>(1u << model.inputs.size()),
                                          model.latch});
    }
    tables_.push_back(std::move(tables));
  }

  /// Units of the cells in the netlist's order: neighbours there are neighbours in memory.
  void MakeUnits() {
    std::uint32_t arcs = 0;
    for (std::uint32_t i = 0; i < netlist_.cells.size(); ++i) {
      const FlatCell& cell = netlist_.cells[i];
      const CellLogic& model = models_[cell.cell];
      first_gate_.push_back(static_cast<std::uint32_t>(circuit_.gates.size()));
      std::uint16_t index = Constants(cell, model);
      if (model.sequential && Noise(Mix64(seed_ ^ Mix64(i)) & 1))
        index |= 1u << model.inputs.size();
      for (std::size_t output = 0; output < model.outputs.size(); ++output) {
        const std::int32_t net = netlist_.pin_nets[cell.first_pin + model.outputs[output].pin];
        if (net < 0) continue;
        circuit_.gates.push_back(
            {.output = static_cast<std::uint32_t>(net),
             .table = tables_[cell.cell].functions[output],
             .arcs = arcs + static_cast<std::uint32_t>(output * model.inputs.size()),
             .index = index,
             .cluster = regions_[i],
             .clock = !clock_network_.empty() && clock_network_[static_cast<std::size_t>(net)]});
      }
      arcs += static_cast<std::uint32_t>(model.inputs.size() * model.outputs.size());
      if (!model.sequential) continue;
      circuit_.registers.push_back(
          {.first_gate = first_gate_.back(),
           .model = tables_[cell.cell].register_model,
           .index = index,
           .wakes = static_cast<std::uint16_t>(model.wakes),
           .cluster = regions_[i],
           .gates = static_cast<std::uint8_t>(circuit_.gates.size() - first_gate_.back())});
    }
    for (std::size_t i = 0; i < netlist_.memories.size(); ++i) MakeMemory(i);
  }

  std::uint16_t Constants(const FlatCell& cell, const CellLogic& model) const {
    std::uint16_t index = 0;
    for (std::size_t k = 0; k < model.inputs.size(); ++k) {
      const std::int32_t net = netlist_.pin_nets[cell.first_pin + model.inputs[k]];
      if (net == kConstant1) index = static_cast<std::uint16_t>(index | 1u << k);
    }
    return index;
  }

  void MakeMemory(std::size_t number) {
    const FlatMemory& source = netlist_.memories[number];
    const auto port = [&](std::size_t i) { return &source.ports[i].bits; };
    const bool ram = source.kind == MemoryKind::kCacheRam;
    SimMemory memory{.kind = source.kind,
                     .clock = port(0),
                     .enable = ram ? port(1) : nullptr,
                     .write = port(ram ? 2 : 1),
                     .address = port(ram ? 3 : 2),
                     .mask = ram ? port(4) : nullptr,
                     .data = port(ram ? 5 : 3),
                     .read_address = ram ? nullptr : port(4),
                     .first_gate = static_cast<std::uint32_t>(circuit_.gates.size())};
    const std::vector<std::int32_t>& read = source.ports.back().bits;
    const bool fits = !read.empty() && memory.clock->size() == 1 && memory.write->size() == 1 &&
                      memory.data->size() == read.size() &&
                      memory.address->size() <= kMaxAddressBits &&
                      (ram ? memory.enable->size() == 1 && memory.mask->size() == read.size()
                           : memory.read_address->size() == memory.address->size());
    if (!fits) {
      throw RequestError(
          fmt::format("memory {}: the widths of its ports do not fit each other", source.name));
    }
    memory.width = static_cast<std::uint32_t>(read.size());
    memory.bits.resize((std::size_t{1} << memory.address->size()) * memory.width);
    memory.output.resize(memory.width);
    Stimulus noise(Mix64(seed_) ^ (number + 1));
    for (std::size_t bit = 0; bit < memory.bits.size(); ++bit) {
      memory.bits[bit] = Noise(noise.Next() >> 63);
    }
    for (std::size_t bit = 0; bit < read.size(); ++bit)
      memory.output[bit] = Noise(noise.Next() >> 63);
    for (std::uint32_t bit = 0; bit < read.size(); ++bit) {
      if (read[bit] < 0) continue;
      memory.gate_bits.push_back(bit);
      // Its table is not read: the memory sets the value.
      circuit_.gates.push_back({.output = static_cast<std::uint32_t>(read[bit])});
    }
    circuit_.memories.push_back(std::move(memory));
  }

  bool Noise(std::uint64_t bit) const { return seed_ != 0 && bit != 0; }

  /// Calls `take(net, unit, bit)` for every input that a change of the net has to reach.
  template <typename Take>
  void ForReaders(const Take& take) const {
    std::uint32_t registers = 0;
    for (std::uint32_t i = 0; i < netlist_.cells.size(); ++i) {
      const FlatCell& cell = netlist_.cells[i];
      const CellLogic& model = models_[cell.cell];
      std::uint32_t gate = first_gate_[i];
      const auto reads = [&](std::uint32_t unit, std::uint32_t mask) {
        for (std::uint32_t k = 0; k < model.inputs.size(); ++k) {
          const std::int32_t net = netlist_.pin_nets[cell.first_pin + model.inputs[k]];
          if (net >= 0 && mask >> k & 1) take(static_cast<std::uint32_t>(net), unit, k);
        }
      };
      for (const CellLogic::Output& output : model.outputs) {
        if (netlist_.pin_nets[cell.first_pin + output.pin] >= 0) reads(gate++, output.reads);
      }
      if (model.sequential) {
        reads(static_cast<std::uint32_t>(circuit_.gates.size()) + registers++, ~0u);
      }
    }
    for (std::size_t i = 0; i < circuit_.memories.size(); ++i) {
      const FlatMemory& memory = netlist_.memories[i];
      const auto unit =
          static_cast<std::uint32_t>(circuit_.gates.size() + circuit_.registers.size() + i);
      const auto reads = [&](const FlatPort& port, std::uint32_t bit) {
        for (const std::int32_t net : port.bits) {
          if (net >= 0) take(static_cast<std::uint32_t>(net), unit, bit);
        }
      };
      reads(memory.ports[0], 0);
      if (memory.kind == MemoryKind::kRegisterFile) reads(memory.ports[4], 1);
    }
  }

  void MakeReaders() {
    circuit_.nets.resize(netlist_.nets + std::size_t{1});
    ForReaders([&](std::uint32_t net, std::uint32_t, std::uint32_t) {
      ++circuit_.nets[net + 1].first_reader;
    });
    for (std::size_t net = 0; net < netlist_.nets; ++net) {
      circuit_.nets[net + 1].first_reader += circuit_.nets[net].first_reader;
    }
    circuit_.readers.resize(circuit_.nets.back().first_reader);
    std::vector<std::uint32_t> next(netlist_.nets);
    for (std::size_t net = 0; net < netlist_.nets; ++net) {
      next[net] = circuit_.nets[net].first_reader;
    }
    ForReaders([&](std::uint32_t net, std::uint32_t unit, std::uint32_t bit) {
      circuit_.readers[next[net]++] = unit * 16 + bit;
    });
  }

  /// A gate's level is above those of the nets it reads.
  void MakeLevels() {
    std::vector<std::uint16_t> levels(netlist_.nets, 0);
    const auto above = [&](std::uint16_t level, std::int32_t net) -> std::uint16_t {
      if (net < 0) return level;
      const std::uint32_t next = levels[static_cast<std::size_t>(net)] + 1u;
      if (next > 0xffff) throw RequestError("the netlist has a path of more than 65535 cells");
      return std::max(level, static_cast<std::uint16_t>(next));
    };
    const auto set = [&](SimGate& gate, std::uint16_t level) {
      gate.level = levels[gate.output] = level;
      circuit_.levels = std::max<std::uint32_t>(circuit_.levels, level + 1u);
    };
    for (const std::uint32_t node : TopologicalOrder(netlist_, models_)) {
      if (node >= netlist_.cells.size()) {
        SimMemory& memory = circuit_.memories[node - netlist_.cells.size()];
        if (memory.kind == MemoryKind::kRegisterFile) {
          for (const std::int32_t net : *memory.read_address) {
            memory.level = above(memory.level, net);
          }
        }
        circuit_.levels = std::max<std::uint32_t>(circuit_.levels, memory.level + 1u);
        for (std::size_t i = 0; i < memory.gate_bits.size(); ++i) {
          set(circuit_.gates[memory.first_gate + i], memory.level);
        }
        continue;
      }
      const FlatCell& cell = netlist_.cells[node];
      const CellLogic& model = models_[cell.cell];
      std::uint32_t gate = first_gate_[node];
      for (const CellLogic::Output& output : model.outputs) {
        if (netlist_.pin_nets[cell.first_pin + output.pin] < 0) continue;
        std::uint16_t level = 0;
        for (std::size_t k = 0; k < model.inputs.size(); ++k) {
          if (output.reads >> k & 1) {
            level = above(level, netlist_.pin_nets[cell.first_pin + model.inputs[k]]);
          }
        }
        set(circuit_.gates[gate++], level);
      }
    }
  }

  const FlatNetlist& netlist_;
  const std::vector<CellLogic>& models_;
  const std::vector<bool>& clock_network_;
  std::uint64_t seed_;
  std::vector<std::uint16_t> regions_;
  Circuit circuit_;
  std::vector<TypeTables> tables_;
  std::vector<std::uint32_t> first_gate_;  ///< of each cell
};

}  // namespace

Circuit MakeCircuit(const FlatNetlist& netlist, const std::vector<CellLogic>& models,
                    const std::vector<bool>& clock_network, std::uint64_t seed,
                    std::uint32_t cluster_cells) {
  return Compiler(netlist, models, clock_network, seed, cluster_cells).Run();
}

}  // namespace systole
