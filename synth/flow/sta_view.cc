// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/sta_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "synth/netlist/area.h"
#include "synth/netlist/cells.h"
#include "synth/netlist/loads.h"

namespace systole {
namespace {

/// u_row[2] before u_row[10].
bool NaturallyBefore(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!digit(a[i]) || !digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    std::size_t k = i, l = j;
    while (k < a.size() && digit(a[k])) ++k;
    while (l < b.size() && digit(b[l])) ++l;
    const std::string left = a.substr(i, k - i), right = b.substr(j, l - j);
    if (left.size() != right.size()) return left.size() < right.size();
    if (left != right) return left < right;
    i = k, j = l;
  }
  return a.size() - i < b.size() - j;
}

using PortBit = std::pair<std::string, std::size_t>;

/// Where paths that meet no register enter a module and leave it.
struct Passage {
  std::set<PortBit> inputs, outputs;
};

/// Looks into modules: how large they are and whether a path leads through them.
class Survey {
 public:
  Survey(const Netlist& netlist, const CellFinder& cells) : netlist_(netlist), cells_(cells) {
    for (std::size_t i = 0; i < netlist.modules.size(); ++i) index_[netlist.modules[i].name] = i;
    for (const NetlistModule& module : netlist.modules) {
      passages_.push_back(FindPassage(module));
    }
  }

  /// Whether no path leads through an instance of `module` in `parent`, but from one of them to a
  /// register of the next: then a path leads through one of them only, and their neighbours show
  /// it.
  bool EndsAmongTwins(std::size_t parent, std::size_t module) const {
    const Passage& passage = passages_[module];
    if (passage.outputs.empty()) return true;
    const NetlistModule& around = netlist_.modules[parent];
    std::set<Net> carried;
    ForBits(around, [&](const NetlistInstance& instance, const PortBit& bit, Net net) {
      const bool twin = instance.is_module && Find(instance.type) == module;
      if (twin && passage.outputs.contains(bit)) carried.insert(net);
    });
    for (const Net net : PortNets(around, PortDirection::kOutput)) {
      if (carried.contains(net)) return false;
    }
    bool good = true;
    ForBits(around, [&](const NetlistInstance& instance, const PortBit& bit, Net net) {
      if (!carried.contains(net)) return;
      const bool twin = instance.is_module && Find(instance.type) == module;
      good = good && twin && !passage.inputs.contains(bit);
    });
    return good;
  }

  std::size_t Find(const std::string& module) const { return index_.at(module); }

  /// Cells below each module when the given instances, by parent, are left out.
  std::vector<std::uint64_t> Sizes(const std::vector<std::set<std::size_t>>& out) const {
    std::vector<std::uint64_t> sizes(netlist_.modules.size(), 0);
    for (std::size_t m = 0; m < sizes.size(); ++m) {
      const NetlistModule& module = netlist_.modules[m];
      for (std::size_t i = 0; i < module.instances.size(); ++i) {
        const bool whole = module.instances[i].is_module && !out[m].contains(i);
        sizes[m] += whole ? sizes[Find(module.instances[i].type)] : 1;
      }
    }
    return sizes;
  }

 private:
  /// Whether a change at an instance's input may reach its outputs without a clock edge.
  bool Passes(const NetlistInstance& instance) const {
    if (instance.is_module) return !passages_[index_.at(instance.type)].outputs.empty();
    const Cell* cell = cells_.Find(instance.type);
    if (cell == nullptr) return false;
    return !cell->memory && (!cell->sequential || cell->sequential->latch);
  }

  bool IsOutput(const NetlistInstance& instance, const NetlistInstance::Connection& connection,
                std::size_t bit) const {
    if (instance.is_module) {
      for (const NetlistPort& port : netlist_.modules[index_.at(instance.type)].ports) {
        if (port.name == connection.port) return port.direction == PortDirection::kOutput;
      }
      return false;
    }
    const CellPin& pin = GetPin(cells_.Get(instance.type), PinName(connection, bit));
    return pin.direction == CellPin::Direction::kOutput;
  }

  /// The inputs and outputs of a module between which a path meets no register.
  Passage FindPassage(const NetlistModule& module) const {
    std::vector<std::vector<Net>> inputs(module.instances.size()), outputs(inputs.size());
    for (std::size_t i = 0; i < module.instances.size(); ++i) {
      const NetlistInstance& instance = module.instances[i];
      if (!Passes(instance)) continue;
      for (const auto& connection : instance.connections) {
        for (std::size_t bit = 0; bit < connection.bits.size(); ++bit) {
          if (connection.bits[bit] < 0) continue;
          (IsOutput(instance, connection, bit) ? outputs : inputs)[i].push_back(
              connection.bits[bit]);
        }
      }
    }
    const auto ends = [&](PortDirection from, PortDirection to, const auto& enter,
                          const auto& leave) {
      const std::vector<bool> reached = Reach(module, PortNets(module, from), enter, leave);
      std::set<PortBit> bits;
      for (const NetlistPort& port : module.ports) {
        if (port.direction != to) continue;
        for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
          const Net net = port.bits[bit];
          if (net >= 0 && reached[static_cast<std::size_t>(net)]) bits.emplace(port.name, bit);
        }
      }
      return bits;
    };
    return {ends(PortDirection::kOutput, PortDirection::kInput, outputs, inputs),
            ends(PortDirection::kInput, PortDirection::kOutput, inputs, outputs)};
  }

  /// The nets that are reached from some by entering instances and leaving them.
  static std::vector<bool> Reach(const NetlistModule& module, std::vector<Net> open,
                                 const std::vector<std::vector<Net>>& enter,
                                 std::vector<std::vector<Net>> leave) {
    std::vector<std::vector<std::size_t>> doors(module.nets.size());
    for (std::size_t i = 0; i < enter.size(); ++i) {
      for (const Net net : enter[i]) doors[static_cast<std::size_t>(net)].push_back(i);
    }
    std::vector<bool> reached(module.nets.size(), false);
    while (!open.empty()) {
      const auto net = static_cast<std::size_t>(open.back());
      open.pop_back();
      if (reached[net]) continue;
      reached[net] = true;
      for (const std::size_t door : doors[net]) {
        open.insert(open.end(), leave[door].begin(), leave[door].end());
        leave[door].clear();
      }
    }
    return reached;
  }

  /// Calls `take(instance, port and bit, net)` for everything that is connected in a module.
  template <typename Take>
  static void ForBits(const NetlistModule& module, const Take& take) {
    for (const NetlistInstance& instance : module.instances) {
      for (const auto& connection : instance.connections) {
        for (std::size_t bit = 0; bit < connection.bits.size(); ++bit) {
          if (connection.bits[bit] >= 0) {
            take(instance, PortBit(connection.port, bit), connection.bits[bit]);
          }
        }
      }
    }
  }

  static std::vector<Net> PortNets(const NetlistModule& module, PortDirection direction) {
    std::vector<Net> nets;
    for (const NetlistPort& port : module.ports) {
      if (port.direction != direction) continue;
      for (const Net net : port.bits) {
        if (net >= 0) nets.push_back(net);
      }
    }
    return nets;
  }

  const Netlist& netlist_;
  const CellFinder& cells_;
  std::map<std::string, std::size_t> index_;
  std::vector<Passage> passages_;
};

/// Equal instances in one parent of which only the first, the second and the last stay.
struct Repetition {
  std::size_t parent = 0, module = 0;
  std::vector<std::size_t> out;  // instances
  std::size_t count = 0;         // in the parent
};

std::vector<Repetition> FindRepetitions(const Netlist& netlist, const Survey& survey) {
  std::vector<Repetition> repetitions;
  for (std::size_t m = 0; m < netlist.modules.size(); ++m) {
    const std::vector<NetlistInstance>& instances = netlist.modules[m].instances;
    std::map<std::size_t, std::vector<std::size_t>> by_module;
    for (std::size_t i = 0; i < instances.size(); ++i) {
      if (instances[i].is_module) by_module[survey.Find(instances[i].type)].push_back(i);
    }
    for (auto& [module, list] : by_module) {
      if (list.size() <= 3 || !survey.EndsAmongTwins(m, module)) continue;
      std::sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
        return NaturallyBefore(instances[a].name, instances[b].name);
      });
      repetitions.push_back({m, module, {list.begin() + 2, list.end() - 1}, list.size()});
    }
  }
  return repetitions;
}

/// Replaces instances by cells that are pins and nothing else.
class StubMaker {
 public:
  explicit StubMaker(StaView& view) : view_(view) {}

  /// `loads`: of the module's ports; null: nothing is known.
  void Replace(NetlistInstance& instance, const PortLoads* loads) {
    const std::string cell = instance.type + "_outside";
    std::string pins;
    std::vector<NetlistInstance::Connection> connections;
    for (const auto& connection : instance.connections) {
      for (std::size_t bit = 0; bit < connection.bits.size(); ++bit) {
        PortLoad load;
        load.direction = connection.direction.value_or(PortDirection::kInput);
        if (loads != nullptr) load = loads->at(connection.port).at(bit);
        const std::string pin = fmt::format("p{}", connections.size());
        const bool input = load.direction == PortDirection::kInput;
        pins += fmt::format("    pin({}) {{ direction : {}; capacitance : {}; }}\n", pin,
                            input ? "input" : "output", input ? load.capacitance * 1e12 : 0);
        connections.push_back({pin, {connection.bits[bit]}, {}});
      }
    }
    instance.type = cell;
    instance.is_module = false;
    instance.connections = std::move(connections);
    cells_.emplace(cell, pins);
  }

  void Finish() {
    if (cells_.empty()) return;
    view_.liberty =
        "library(outside) {\n  delay_model : table_lookup;\n  time_unit : \"1ns\";\n"
        "  voltage_unit : \"1V\";\n  current_unit : \"1uA\";\n"
        "  capacitive_load_unit(1, pf);\n"
        "  slew_upper_threshold_pct_rise : 80;\n  slew_lower_threshold_pct_rise : 20;\n"
        "  slew_upper_threshold_pct_fall : 80;\n  slew_lower_threshold_pct_fall : 20;\n"
        "  input_threshold_pct_rise : 50;\n  input_threshold_pct_fall : 50;\n"
        "  output_threshold_pct_rise : 50;\n  output_threshold_pct_fall : 50;\n";
    for (const auto& [cell, pins] : cells_) {
      view_.liberty += fmt::format("  cell({}) {{\n    area : 0;\n{}  }}\n", cell, pins);
    }
    view_.liberty += "}\n";
  }

 private:
  StaView& view_;
  std::map<std::string, std::string> cells_;
};

std::map<std::string, PortLoads> AllLoads(const Netlist& netlist, const CellFinder& cells) {
  LoadRules rules;
  rules.input_port_drive = std::numeric_limits<double>::infinity();
  std::map<std::string, PortLoads> loads;
  for (const NetlistModule& module : netlist.modules) {
    loads[module.name] = LoadsOfPorts(module, FindUses(module, cells, loads, rules), rules);
  }
  return loads;
}

/// Leaves out instances until the design is small enough; what it left out, by parent.
std::vector<std::set<std::size_t>> LeaveOut(StaView& view, const Survey& survey,
                                            std::uint64_t max_cells) {
  const Netlist& netlist = view.netlist;
  std::vector<std::set<std::size_t>> out(netlist.modules.size());
  const std::vector<std::uint64_t> whole = survey.Sizes(out);
  if (whole.back() <= max_cells) return out;
  const std::vector<std::uint64_t> instances = CountInstances(netlist);
  std::vector<Repetition> repetitions = FindRepetitions(netlist, survey);
  const auto saves = [&](const Repetition& r) {
    return instances[r.parent] * r.out.size() * whole[r.module];
  };
  std::stable_sort(repetitions.begin(), repetitions.end(),
                   [&](const Repetition& a, const Repetition& b) { return saves(a) > saves(b); });
  for (const Repetition& repetition : repetitions) {
    if (survey.Sizes(out).back() <= max_cells) break;
    out[repetition.parent].insert(repetition.out.begin(), repetition.out.end());
    view.left_out +=
        fmt::format("{}{} of {} {}", view.left_out.empty() ? "" : ", ", repetition.out.size(),
                    repetition.count, netlist.modules[repetition.module].name);
  }
  return out;
}

}  // namespace

StaView MakeStaView(const Netlist& netlist, const std::vector<Library>& libraries,
                    std::uint64_t max_cells) {
  StaView view;
  view.netlist = netlist;
  const CellFinder cells(libraries);
  const Survey survey(view.netlist, cells);
  const std::vector<std::set<std::size_t>> out = LeaveOut(view, survey, max_cells);
  std::map<std::string, PortLoads> loads;
  if (!view.left_out.empty()) loads = AllLoads(view.netlist, cells);
  StubMaker stubs(view);
  std::set<std::string> unknown;
  for (std::size_t m = 0; m < view.netlist.modules.size(); ++m) {
    std::vector<NetlistInstance>& instances = view.netlist.modules[m].instances;
    for (std::size_t i = 0; i < instances.size(); ++i) {
      if (out[m].contains(i)) {
        stubs.Replace(instances[i], &loads.at(instances[i].type));
      } else if (!instances[i].block.empty() && cells.Find(instances[i].type) == nullptr) {
        unknown.insert(instances[i].type);
        stubs.Replace(instances[i], nullptr);
      }
    }
  }
  stubs.Finish();
  view.unknown_macros.assign(unknown.begin(), unknown.end());
  return view;
}

}  // namespace systole
