// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/loads.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"

namespace systole {
namespace {

class UseFinder {
 public:
  UseFinder(const NetlistModule& module, const CellFinder& cells,
            const std::map<std::string, PortLoads>& children, const LoadRules& rules)
      : module_(module), cells_(cells), children_(children), rules_(rules) {
    uses_.resize(module.nets.size());
    gates_.resize(module.nets.size(), kNoGate);
  }

  std::vector<NetUse> Find() {
    for (const NetlistPort& port : module_.ports) {
      if (port.direction != PortDirection::kInput) continue;
      for (const Net net : port.bits) {
        Drive(net, NetUse::Driver::kInputPort, rules_.input_port_drive, rules_.max_fanout);
      }
    }
    for (std::size_t i = 0; i < module_.instances.size(); ++i) AddInstance(i);
    for (std::size_t p = 0; p < module_.ports.size(); ++p) {
      const NetlistPort& port = module_.ports[p];
      if (port.direction != PortDirection::kOutput) continue;
      for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
        AddSink(port.bits[bit], {Sink::kPort, p, bit, rules_.output_port});
      }
    }
    TraceClocks();
    for (std::size_t net = 0; net < uses_.size(); ++net) {
      if (uses_[net].driver == NetUse::Driver::kNone && !uses_[net].sinks.empty()) {
        throw RunError(fmt::format("net {} of module {} is driven by nothing", module_.nets[net],
                                   module_.name));
      }
    }
    return std::move(uses_);
  }

 private:
  void Drive(Net net, NetUse::Driver driver, double drive, std::size_t pins) {
    if (net < 0) return;
    NetUse& use = uses_[static_cast<std::size_t>(net)];
    if (use.driver != NetUse::Driver::kNone) {
      throw RunError(fmt::format("net {} of module {} has two drivers",
                                 module_.nets[static_cast<std::size_t>(net)], module_.name));
    }
    use.driver = driver;
    use.drive = drive;
    use.drive_pins = pins;
  }

  void AddSink(Net net, Sink sink) {
    if (net < 0) return;
    sink.capacitance += rules_.wire_capacitance;
    uses_[static_cast<std::size_t>(net)].sinks.push_back(sink);
  }

  void AddInstance(std::size_t index) {
    const NetlistInstance& instance = module_.instances[index];
    const PortLoads* child = nullptr;
    const Cell* cell = nullptr;
    if (instance.is_module) {
      child = &children_.at(instance.type);
    } else if (instance.block.empty()) {
      cell = &cells_.Get(instance.type);
    } else {
      cell = cells_.Find(instance.type);
    }
    for (std::size_t c = 0; c < instance.connections.size(); ++c) {
      const auto& connection = instance.connections[c];
      for (std::size_t bit = 0; bit < connection.bits.size(); ++bit) {
        if (child != nullptr) {
          AddModulePin(instance, *child, {index, c, bit, 0});
        } else if (cell != nullptr) {
          AddCellPin(*cell, connection, {index, c, bit, 0});
        } else {
          AddUnknownPin(connection, {index, c, bit, 0});
        }
      }
    }
  }

  void AddModulePin(const NetlistInstance& instance, const PortLoads& child, Sink at) {
    const auto& connection = instance.connections[at.place];
    const Net net = connection.bits[at.bit];
    const auto loads = child.find(connection.port);
    if (loads == child.end() || at.bit >= loads->second.size()) {
      throw RunError(fmt::format("instance {} of module {}: {} has no port {} of {} bits",
                                 instance.name, module_.name, instance.type, connection.port,
                                 connection.bits.size()));
    }
    const PortLoad& load = loads->second[at.bit];
    if (load.direction == PortDirection::kInput) {
      at.capacitance = load.capacitance;
      AddSink(net, at);
      if (net >= 0 && load.clock) uses_[static_cast<std::size_t>(net)].clock = true;
    } else {
      Drive(net, NetUse::Driver::kPin, load.drive, load.drive_pins);
    }
  }

  void AddCellPin(const Cell& cell, const NetlistInstance::Connection& connection, Sink at) {
    const CellPin& pin = GetPin(cell, PinName(connection, at.bit));
    const Net net = connection.bits[at.bit];
    if (pin.direction == CellPin::Direction::kOutput) {
      Drive(net, NetUse::Driver::kPin,
            pin.max_capacitance.value_or(std::numeric_limits<double>::infinity()),
            rules_.max_fanout);
      if (net >= 0 && !cell.sequential && !cell.memory) {
        gates_[static_cast<std::size_t>(net)] = at.instance;
      }
      return;
    }
    at.capacitance = pin.capacitance;
    AddSink(net, at);
    if (net >= 0 && pin.clock) uses_[static_cast<std::size_t>(net)].clock = true;
  }

  /// What feeds a gate whose output ends at clock pins ends there too.
  void TraceClocks() {
    std::vector<std::size_t> open;
    for (std::size_t net = 0; net < uses_.size(); ++net) {
      if (uses_[net].clock) open.push_back(net);
    }
    while (!open.empty()) {
      const std::size_t gate = gates_[open.back()];
      open.pop_back();
      if (gate == kNoGate) continue;
      for (const auto& connection : module_.instances[gate].connections) {
        for (const Net net : connection.bits) {
          if (net < 0 || std::exchange(uses_[static_cast<std::size_t>(net)].clock, true)) continue;
          open.push_back(static_cast<std::size_t>(net));
        }
      }
    }
  }

  /// A macro that no library describes: nothing is known but the direction.
  void AddUnknownPin(const NetlistInstance::Connection& connection, Sink at) {
    const Net net = connection.bits[at.bit];
    if (connection.direction == PortDirection::kOutput) {
      Drive(net, NetUse::Driver::kPin, std::numeric_limits<double>::infinity(), rules_.max_fanout);
    } else {
      AddSink(net, at);
    }
  }

  const NetlistModule& module_;
  const CellFinder& cells_;
  const std::map<std::string, PortLoads>& children_;
  const LoadRules& rules_;
  std::vector<NetUse> uses_;
  static constexpr std::size_t kNoGate = static_cast<std::size_t>(-1);
  std::vector<std::size_t> gates_;  ///< of each net: the combinational cell that drives it
};

void SetInputLoad(PortLoad& load, const NetUse& use) {
  for (const Sink& sink : use.sinks) load.capacitance += sink.capacitance;
  load.clock = use.clock;
}

/// What the pins inside leave, shared by the output ports on the net.
void SetOutputDrive(PortLoad& load, const NetUse& use, const LoadRules& rules) {
  double taken = 0;
  std::size_t pins = 0;
  for (const Sink& sink : use.sinks) {
    if (sink.instance == Sink::kPort) continue;
    taken += sink.capacitance;
    ++pins;
  }
  const std::size_t ports = std::max<std::size_t>(1, use.sinks.size() - pins);  // the output is one
  load.drive = std::max((use.drive - taken) / static_cast<double>(ports), rules.output_port);
  load.drive_pins = use.drive_pins > pins ? (use.drive_pins - pins + ports - 1) / ports : 1;
}

}  // namespace

std::vector<NetUse> FindUses(const NetlistModule& module, const CellFinder& cells,
                             const std::map<std::string, PortLoads>& children,
                             const LoadRules& rules) {
  return UseFinder(module, cells, children, rules).Find();
}

PortLoads LoadsOfPorts(const NetlistModule& module, const std::vector<NetUse>& uses,
                       const LoadRules& rules) {
  PortLoads loads;
  for (const NetlistPort& port : module.ports) {
    for (const Net net : port.bits) {
      PortLoad load;
      load.direction = port.direction;
      if (net < 0) {  // a constant may drive anything
        load.drive = std::numeric_limits<double>::infinity();
        load.drive_pins = rules.max_fanout;
      } else if (port.direction == PortDirection::kInput) {
        SetInputLoad(load, uses[static_cast<std::size_t>(net)]);
      } else {
        SetOutputDrive(load, uses[static_cast<std::size_t>(net)], rules);
      }
      loads[port.name].push_back(load);
    }
  }
  return loads;
}

}  // namespace systole
