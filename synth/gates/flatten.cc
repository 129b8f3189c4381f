// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "synth/gates/flat_netlist.h"

namespace systole {
namespace {

constexpr std::int32_t kUnset = -4;  // beside the constants of netlist.h

struct MemoryPort {
  const char* name;
  PortDirection direction;
};

const std::vector<MemoryPort>& PortsOf(MemoryKind kind) {
  using enum PortDirection;
  static const std::vector<MemoryPort> cache_ram = {
      {"clk_i", kInput},  {"en_i", kInput},    {"write_i", kInput}, {"addr_i", kInput},
      {"mask_i", kInput}, {"wdata_i", kInput}, {"rdata_o", kOutput}};
  static const std::vector<MemoryPort> register_file = {{"clk_i", kInput},   {"write_i", kInput},
                                                        {"waddr_i", kInput}, {"wdata_i", kInput},
                                                        {"raddr_i", kInput}, {"rdata_o", kOutput}};
  return kind == MemoryKind::kCacheRam ? cache_ram : register_file;
}

/// What an instance is, found out once for each module and not for each of its copies.
struct InstancePlan {
  enum class Kind { kCell, kModule, kMemory } kind = Kind::kCell;
  std::uint32_t target = 0;  ///< index of cell type, module, or MemoryType
  std::uint32_t first_bit =
      0;  ///< in ModulePlan::bits: its pins, or the bits of its ports in order
};

struct ModulePlan {
  bool made = false;
  std::vector<InstancePlan> instances;
  std::vector<Net> bits;
};

class Flattener {
 public:
  Flattener(const Netlist& netlist, const std::vector<Library>& libraries,
            const std::vector<MemoryType>& memories)
      : netlist_(netlist), libraries_(libraries), memory_types_(memories) {
    for (std::size_t i = 0; i < netlist.modules.size(); ++i) {
      modules_[netlist.modules[i].name] = static_cast<std::uint32_t>(i);
    }
    plans_.resize(netlist.modules.size());
    flat_.netlist = &netlist;
  }

  FlatNetlist Run() {
    if (netlist_.modules.empty()) throw RequestError("the netlist has no module");
    const auto top = static_cast<std::uint32_t>(netlist_.modules.size() - 1);
    const NetlistModule& module = netlist_.modules[top];
    flat_.blocks.push_back({module.name, module.block, 0, top});
    std::vector<std::int32_t> nets(module.nets.size(), kUnset);
    for (const NetlistPort& port : module.ports) {
      FlatPort flat{port.name, port.direction, {}};
      for (const Net net : port.bits) flat.bits.push_back(Local(0, nets, net));
      flat_.ports.push_back(std::move(flat));
    }
    Expand(0, nets);
    Number();
    FindDrivers();
    return std::move(flat_);
  }

 private:
  /// The flat net of a net of a block; made when it is asked for first.
  std::int32_t Local(std::uint32_t block, std::vector<std::int32_t>& nets, Net net) {
    if (net < 0) return net;
    std::int32_t& flat = nets[static_cast<std::size_t>(net)];
    if (flat == kUnset) {
      flat = static_cast<std::int32_t>(alias_.size());
      alias_.push_back(flat);
      flat_.net_block.push_back(block);
      flat_.net_index.push_back(static_cast<std::uint32_t>(net));
    }
    return flat;
  }

  std::int32_t Root(std::int32_t net) {
    while (net >= 0 && alias_[static_cast<std::size_t>(net)] != net) {
      std::int32_t& up = alias_[static_cast<std::size_t>(net)];
      if (up >= 0) up = alias_[static_cast<std::size_t>(up)];
      net = up;
    }
    return net;
  }

  /// Two nets are one: a module passes a port through, or drives two ports by one net.
  void Unite(std::int32_t a, std::int32_t b) {
    a = Root(a), b = Root(b);
    if (a == kUnconnected || b == kUnconnected || a == b) return;
    if (a < 0 && b < 0) throw RequestError("a net is tied to 0 and to 1");
    // The net that was named first, which is the outer one, keeps its name.
    if (b < 0 || (a >= 0 && b < a)) std::swap(a, b);
    alias_[static_cast<std::size_t>(b)] = a;
  }

  const ModulePlan& Plan(std::uint32_t index) {
    ModulePlan& plan = plans_[index];
    if (plan.made) return plan;
    const NetlistModule& module = netlist_.modules[index];
    for (const NetlistInstance& instance : module.instances) {
      PlanInstance(index, module, instance, plan);
    }
    plan.made = true;
    return plan;
  }

  void PlanInstance(std::uint32_t index, const NetlistModule& module,
                    const NetlistInstance& instance, ModulePlan& plan) {
    const auto where = [&] {
      return fmt::format("instance {} ({}) of module {}", instance.name, instance.type,
                         module.name);
    };
    const auto bits_of = [&](const std::string& port) -> const std::vector<Net>* {
      for (const auto& connection : instance.connections) {
        if (connection.port == port) return &connection.bits;
      }
      return nullptr;
    };
    InstancePlan made{.first_bit = static_cast<std::uint32_t>(plan.bits.size())};
    const auto memory =
        std::find_if(memory_types_.begin(), memory_types_.end(), [&](const auto& m) {
          return m.type == instance.type || (!instance.block.empty() && m.type == instance.block);
        });
    if (memory != memory_types_.end()) {
      made.kind = InstancePlan::Kind::kMemory;
      made.target = static_cast<std::uint32_t>(memory - memory_types_.begin());
    } else if (const auto found = modules_.find(instance.type);
               instance.is_module && found != modules_.end()) {
      if (found->second >= index) {
        throw RequestError(
            fmt::format("{}: a module has to stand before those that use it", where()));
      }
      made.kind = InstancePlan::Kind::kModule;
      made.target = found->second;
      for (const NetlistPort& port : netlist_.modules[found->second].ports) {
        const std::vector<Net>* bits = bits_of(port.name);
        if (bits != nullptr && bits->size() != port.bits.size()) {
          throw RequestError(fmt::format("{}: port {} has {} bits, {} are connected", where(),
                                         port.name, port.bits.size(), bits->size()));
        }
        for (std::size_t i = 0; i < port.bits.size(); ++i) {
          plan.bits.push_back(bits == nullptr ? kUnconnected : (*bits)[i]);
        }
      }
    } else {
      made.target = Type(instance, where());
      PlanPins(instance, *flat_.types[made.target], where(), plan);
    }
    plan.instances.push_back(made);
  }

  std::uint32_t Type(const NetlistInstance& instance, const std::string& where) {
    if (const auto found = types_.find(instance.type); found != types_.end()) return found->second;
    for (const Library& library : libraries_) {
      if (const Cell* cell = library.Find(instance.type); cell != nullptr) {
        const auto index = static_cast<std::uint32_t>(flat_.types.size());
        flat_.types.push_back(cell);
        types_[instance.type] = index;
        return index;
      }
    }
    throw RequestError(where + " is in no library: it was not mapped",
                       "pass --liberty with the library that holds it");
  }

  static void PlanPins(const NetlistInstance& instance, const Cell& cell, const std::string& where,
                       ModulePlan& plan) {
    std::vector<Net> pins(cell.pins.size(), kUnconnected);
    for (const auto& connection : instance.connections) {
      for (std::size_t bit = 0; bit < connection.bits.size(); ++bit) {
        const CellPin* pin = connection.bits.size() == 1 ? cell.FindPin(connection.port) : nullptr;
        if (pin == nullptr) pin = cell.FindPin(fmt::format("{}[{}]", connection.port, bit));
        if (pin == nullptr) {
          throw RequestError(fmt::format("{}: the cell has no pin {}", where, connection.port));
        }
        pins[static_cast<std::size_t>(pin - cell.pins.data())] = connection.bits[bit];
      }
    }
    for (std::size_t i = 0; i < pins.size(); ++i) {
      if (pins[i] == kUnconnected && cell.pins[i].direction == CellPin::Direction::kInput) {
        throw RequestError(fmt::format("{}: input {} is not connected", where, cell.pins[i].name));
      }
    }
    plan.bits.insert(plan.bits.end(), pins.begin(), pins.end());
  }

  void Expand(std::uint32_t block, std::vector<std::int32_t>& nets) {
    const std::uint32_t definition = flat_.blocks[block].definition;
    const NetlistModule& module = netlist_.modules[definition];
    const ModulePlan& plan = Plan(definition);
    for (std::uint32_t i = 0; i < plan.instances.size(); ++i) {
      const InstancePlan& instance = plan.instances[i];
      const Net* bits = plan.bits.data() + instance.first_bit;
      if (instance.kind == InstancePlan::Kind::kCell) {
        const auto first_pin = flat_.pin_nets.size();
        flat_.cells.push_back({instance.target, block, static_cast<std::uint32_t>(first_pin)});
        flat_.cell_instances.push_back(i);
        const std::size_t pins = flat_.types[instance.target]->pins.size();
        for (std::size_t pin = 0; pin < pins; ++pin) {
          flat_.pin_nets.push_back(Local(block, nets, bits[pin]));
        }
        if (flat_.pin_nets.size() > 0x7fffffff) throw RequestError("more than 2^31 pins");
      } else if (instance.kind == InstancePlan::Kind::kMemory) {
        ExpandMemory(block, nets, module.instances[i], memory_types_[instance.target]);
      } else {
        ExpandModule(block, nets, module.instances[i].name, instance.target, bits);
      }
    }
  }

  void ExpandModule(std::uint32_t block, std::vector<std::int32_t>& nets, const std::string& name,
                    std::uint32_t definition, const Net* bits) {
    const NetlistModule& module = netlist_.modules[definition];
    std::vector<std::int32_t> inner(module.nets.size(), kUnset);
    for (const NetlistPort& port : module.ports) {
      for (const Net net : port.bits) {
        const std::int32_t outer = Local(block, nets, *bits++);
        if (outer == kUnconnected) continue;
        if (net >= 0 && inner[static_cast<std::size_t>(net)] == kUnset) {
          inner[static_cast<std::size_t>(net)] = outer;
        } else {
          Unite(net >= 0 ? inner[static_cast<std::size_t>(net)] : net, outer);
        }
      }
    }
    const auto index = static_cast<std::uint32_t>(flat_.blocks.size());
    flat_.blocks.push_back({name, module.block, block, definition});
    Expand(index, inner);
  }

  void ExpandMemory(std::uint32_t block, std::vector<std::int32_t>& nets,
                    const NetlistInstance& instance, const MemoryType& type) {
    FlatMemory memory{instance.name, instance.type, type.kind, block, {}};
    for (const MemoryPort& port : PortsOf(type.kind)) {
      const auto found =
          std::find_if(instance.connections.begin(), instance.connections.end(),
                       [&](const auto& connection) { return connection.port == port.name; });
      if (found == instance.connections.end()) {
        throw RequestError(
            fmt::format("memory {} ({}) has no port {}", instance.name, instance.type, port.name));
      }
      FlatPort flat{port.name, port.direction, {}};
      for (const Net net : found->bits) {
        if (net == kUnconnected && port.direction == PortDirection::kInput) {
          throw RequestError(fmt::format("memory {} ({}): {} is not connected", instance.name,
                                         instance.type, port.name));
        }
        flat.bits.push_back(Local(block, nets, net));
      }
      memory.ports.push_back(std::move(flat));
    }
    flat_.memories.push_back(std::move(memory));
  }

  /// Gives the nets that are left after uniting their numbers.
  void Number() {
    std::vector<std::int32_t> number(alias_.size());
    for (std::size_t net = 0; net < alias_.size(); ++net) {
      const std::int32_t root = Root(static_cast<std::int32_t>(net));
      if (root != static_cast<std::int32_t>(net)) {
        // An outer net has the smaller index, so that it has been numbered.
        number[net] = root < 0 ? root : number[static_cast<std::size_t>(root)];
        continue;
      }
      number[net] = static_cast<std::int32_t>(flat_.nets);
      flat_.net_block[flat_.nets] = flat_.net_block[net];
      flat_.net_index[flat_.nets] = flat_.net_index[net];
      ++flat_.nets;
    }
    flat_.net_block.resize(flat_.nets);
    flat_.net_index.resize(flat_.nets);
    const auto renumber = [&](std::int32_t& net) {
      if (net >= 0) net = number[static_cast<std::size_t>(net)];
    };
    for (std::int32_t& net : flat_.pin_nets) renumber(net);
    for (FlatPort& port : flat_.ports) {
      for (std::int32_t& net : port.bits) renumber(net);
    }
    for (FlatMemory& memory : flat_.memories) {
      for (FlatPort& port : memory.ports) {
        for (std::int32_t& net : port.bits) renumber(net);
      }
    }
    alias_ = {};
  }

  void FindDrivers() {
    std::vector<bool> outside(flat_.nets);  // driven by a port or a memory
    const auto drive = [&](const FlatPort& port, PortDirection driving) {
      if (port.direction != driving) return;
      for (const std::int32_t net : port.bits) {
        if (net < 0) continue;
        if (outside[static_cast<std::size_t>(net)]) TwoDrivers(static_cast<std::uint32_t>(net));
        outside[static_cast<std::size_t>(net)] = true;
      }
    };
    for (const FlatPort& port : flat_.ports) drive(port, PortDirection::kInput);
    for (const FlatMemory& memory : flat_.memories) {
      for (const FlatPort& port : memory.ports) drive(port, PortDirection::kOutput);
    }
    flat_.drivers.assign(flat_.nets, -1);
    for (std::uint32_t cell = 0; cell < flat_.cells.size(); ++cell) {
      const std::uint32_t first = flat_.cells[cell].first_pin;
      const Cell& type = *flat_.types[flat_.cells[cell].cell];
      for (std::uint32_t pin = 0; pin < type.pins.size(); ++pin) {
        const std::int32_t net = flat_.pin_nets[first + pin];
        if (type.pins[pin].direction != CellPin::Direction::kOutput || net == kUnconnected)
          continue;
        if (net < 0) {
          throw RequestError(fmt::format("cell {} drives a constant", flat_.CellName(cell)));
        }
        std::int32_t& driver = flat_.drivers[static_cast<std::size_t>(net)];
        if (driver >= 0 || outside[static_cast<std::size_t>(net)]) {
          TwoDrivers(static_cast<std::uint32_t>(net));
        }
        driver = static_cast<std::int32_t>(first + pin);
      }
    }
    CheckDriven(outside);
  }

  [[noreturn]] void TwoDrivers(std::uint32_t net) const {
    throw RequestError(fmt::format("net {} has two drivers", flat_.NetName(net)));
  }

  void CheckDriven(const std::vector<bool>& outside) const {
    const auto check = [&](std::int32_t net, const auto& reader) {
      if (net < 0 || outside[static_cast<std::size_t>(net)]) return;
      if (flat_.drivers[static_cast<std::size_t>(net)] >= 0) return;
      throw RequestError(fmt::format("net {}, read by {}, has no driver",
                                     flat_.NetName(static_cast<std::uint32_t>(net)), reader()));
    };
    for (std::uint32_t cell = 0; cell < flat_.cells.size(); ++cell) {
      const Cell& type = *flat_.types[flat_.cells[cell].cell];
      for (std::uint32_t pin = 0; pin < type.pins.size(); ++pin) {
        if (type.pins[pin].direction != CellPin::Direction::kInput) continue;
        check(flat_.pin_nets[flat_.cells[cell].first_pin + pin],
              [&] { return "cell " + flat_.CellName(cell); });
      }
    }
    for (const FlatMemory& memory : flat_.memories) {
      for (const FlatPort& port : memory.ports) {
        for (const std::int32_t net : port.bits)
          check(net, [&] { return "memory " + memory.name; });
      }
    }
    for (const FlatPort& port : flat_.ports) {
      for (const std::int32_t net : port.bits) check(net, [&] { return "port " + port.name; });
    }
  }

  const Netlist& netlist_;
  const std::vector<Library>& libraries_;
  const std::vector<MemoryType>& memory_types_;
  std::unordered_map<std::string, std::uint32_t> modules_, types_;
  std::vector<ModulePlan> plans_;
  FlatNetlist flat_;
  /// Of each flat net before numbering: itself, the net it is one with, or a constant.
  std::vector<std::int32_t> alias_;
};

}  // namespace

std::string FlatNetlist::BlockName(std::uint32_t block) const {
  if (block == 0) return "";
  const std::string parent = BlockName(blocks[block].parent);
  return parent.empty() ? blocks[block].name : parent + "." + blocks[block].name;
}

namespace {
std::string Inside(const std::string& block, const std::string& name) {
  return block.empty() ? name : block + "." + name;
}
}  // namespace

std::string FlatNetlist::NetName(std::uint32_t net) const {
  if (netlist == nullptr) return fmt::format("net {}", net);
  const NetlistModule& module = netlist->modules[blocks[net_block[net]].definition];
  return Inside(BlockName(net_block[net]), module.nets[net_index[net]]);
}

std::string FlatNetlist::CellName(std::uint32_t cell) const {
  if (netlist == nullptr) return fmt::format("cell {}", cell);
  const std::uint32_t block = cells[cell].block;
  const NetlistModule& module = netlist->modules[blocks[block].definition];
  return Inside(BlockName(block), module.instances[cell_instances[cell]].name);
}

FlatNetlist Flatten(const Netlist& netlist, const std::vector<Library>& libraries,
                    const std::vector<MemoryType>& memories) {
  return Flattener(netlist, libraries, memories).Run();
}

}  // namespace systole
