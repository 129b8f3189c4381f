// SPDX-License-Identifier: Apache-2.0
#include "synth/power/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/error.h"
#include "synth/power/clock_network.h"
#include "synth/power/energy_model.h"

namespace systole {

namespace {

using Direction = CellPin::Direction;

/// Whether a table is asked beyond its points, where its outermost piece goes on.
bool Beyond(const Table& table, double slew, double load) {
  for (std::size_t i = 0; i < table.axes.size(); ++i) {
    const double at = table.axes[i] == Table::Axis::kInputTransition ? slew : load;
    if (at < table.points[i].front() || at > table.points[i].back()) return true;
  }
  return false;
}

class Engine {
 public:
  Engine(const FlatNetlist& netlist, const std::vector<Library>& libraries,
         const Activity& activity, const PowerOptions& options)
      : netlist_(netlist), libraries_(libraries), activity_(activity), options_(options) {}

  PowerReport Run() {
    Check();
    for (const Cell* cell : netlist_.types) {
      models_.emplace_back(*cell);
      voltages_.push_back(Voltage(*cell));
    }
    clock_.nets.assign(netlist_.nets, false);
    clock_.cells.assign(netlist_.cells.size(), false);
    if (!options_.clock.empty())
      clock_ = FindClockNetwork(netlist_, models_, activity_, options_.clock);
    energies_.resize(netlist_.blocks.size());
    AddLoads();
    AddSwitching();
    for (std::uint32_t c = 0; c < netlist_.cells.size(); ++c) AddCell(c);
    AddMemories();
    return Report();
  }

 private:
  void Check() const {
    const auto refuse = [](const std::string& what) {
      throw RequestError(what, "simulate the netlist whose power is asked for");
    };
    if (activity_.toggles.size() != netlist_.nets || activity_.cycles_high.size() != netlist_.nets)
      refuse(fmt::format("the activity has {} nets, the netlist {}", activity_.toggles.size(),
                         netlist_.nets));
    if (activity_.cycles == 0 || !(activity_.period > 0) || !std::isfinite(activity_.period))
      refuse("the activity has no cycles or no period");
    for (const auto* values : {&options_.wire, &options_.slews}) {
      if (!values->empty() && values->size() != netlist_.nets)
        refuse(fmt::format("{} values are given for {} nets", values->size(), netlist_.nets));
    }
    if (!options_.memories.empty() && (options_.memories.size() != netlist_.memories.size() ||
                                       activity_.memories.size() != netlist_.memories.size()))
      refuse(fmt::format("data or accesses of {} memories are missing", netlist_.memories.size()));
  }

  double Voltage(const Cell& cell) const {
    for (const Library& library : libraries_) {
      if (library.cells.empty() || &cell < library.cells.data() ||
          &cell >= library.cells.data() + library.cells.size())
        continue;
      if (library.voltage > 0) return library.voltage;
      throw RequestError(
          fmt::format("{} states no supply voltage: power needs one", library.path.string()),
          "add nom_voltage to the library");
    }
    throw RequestError(fmt::format("the cell {} is of no library that was given", cell.name));
  }

  /// Of a pin of a cell: a net or a constant.
  std::int32_t PinNet(const FlatCell& cell, std::size_t pin) const {
    return netlist_.pin_nets[cell.first_pin + pin];
  }
  double Toggles(std::int32_t net) const {
    if (net < 0) return 0;
    const auto n = static_cast<std::size_t>(net);
    return static_cast<double>(clock_.nets[n] ? clock_.toggles[n] : activity_.toggles[n]);
  }
  double One(std::int32_t net) const {
    if (net < 0) return net == kConstant0 ? 0.0 : net == kConstant1 ? 1.0 : 0.5;
    const auto n = static_cast<std::size_t>(net);
    if (clock_.nets[n]) return 0.5;
    return std::min(
        1.0, static_cast<double>(activity_.cycles_high[n]) / static_cast<double>(activity_.cycles));
  }
  double Slew(std::int32_t net) const {
    if (net < 0 || options_.slews.empty()) return options_.input_slew;
    return options_.slews[static_cast<std::size_t>(net)];
  }
  double Load(std::int32_t net) const {
    return net < 0 ? 0 : loads_[static_cast<std::size_t>(net)];
  }

  PowerGroup GroupOf(std::uint32_t c) const {
    const Cell& type = *netlist_.types[netlist_.cells[c].cell];
    if (clock_.cells[c]) return PowerGroup::kClock;
    if (type.memory) return PowerGroup::kMemories;
    return type.sequential ? PowerGroup::kRegisters : PowerGroup::kLogic;
  }
  PowerParts& At(std::uint32_t block, PowerGroup group) { return energies_[block][group]; }

  template <typename Visit>  // visit(net, is an input)
  void EachMemoryBit(const FlatMemory& memory, const Visit& visit) const {
    for (const FlatPort& port : memory.ports) {
      for (const std::int32_t net : port.bits) {
        if (net >= 0) visit(static_cast<std::size_t>(net), port.direction == PortDirection::kInput);
      }
    }
  }
  double MemoryInput(std::size_t memory) const {
    return options_.memories.empty() ? 0 : options_.memories[memory].input_capacitance;
  }

  void AddLoads() {
    loads_.assign(netlist_.nets, 0);
    fanouts_.assign(netlist_.nets, 0);
    for (const FlatCell& cell : netlist_.cells) {
      const auto& pins = netlist_.types[cell.cell]->pins;
      for (std::size_t p = 0; p < pins.size(); ++p) {
        const std::int32_t net = PinNet(cell, p);
        if (net < 0) continue;
        loads_[static_cast<std::size_t>(net)] += pins[p].capacitance;
        fanouts_[static_cast<std::size_t>(net)] += pins[p].direction == Direction::kInput;
      }
    }
    from_memory_.assign(netlist_.nets, false);
    for (std::size_t m = 0; m < netlist_.memories.size(); ++m) {
      EachMemoryBit(netlist_.memories[m], [&](std::size_t net, bool input) {
        if (input) {
          loads_[net] += MemoryInput(m);
          ++fanouts_[net];
        } else {
          from_memory_[net] = true;
        }
      });
    }
    for (std::size_t net = 0; net < loads_.size(); ++net)
      loads_[net] +=
          options_.wire.empty() ? options_.wire_per_fanout * fanouts_[net] : options_.wire[net];
  }

  double WireShare(std::size_t net) const {
    return options_.wire.empty() ? options_.wire_per_fanout : options_.wire[net] / fanouts_[net];
  }

  /// A net that no cell drives is paid for pin by pin, each where it lies: the clock of a block
  /// counts in the block also when one port feeds the whole design.
  void AddShare(std::size_t net, double capacitance, double voltage, std::uint32_t block) {
    const PowerGroup group = clock_.nets[net]    ? PowerGroup::kClock
                             : from_memory_[net] ? PowerGroup::kMemories
                                                 : PowerGroup::kInputs;
    At(block, group).switching += 0.5 * (capacitance + WireShare(net)) * voltage * voltage *
                                  Toggles(static_cast<std::int32_t>(net));
  }

  void AddSwitching() {
    for (std::uint32_t c = 0; c < netlist_.cells.size(); ++c) {
      const FlatCell& cell = netlist_.cells[c];
      const auto& pins = netlist_.types[cell.cell]->pins;
      const double voltage = voltages_[cell.cell];
      for (std::size_t p = 0; p < pins.size(); ++p) {
        const std::int32_t net = PinNet(cell, p);
        if (net < 0) continue;
        const auto n = static_cast<std::size_t>(net);
        if (netlist_.drivers[n] == static_cast<std::int32_t>(cell.first_pin + p)) {
          const PowerGroup group = clock_.nets[n] ? PowerGroup::kClock : GroupOf(c);
          At(cell.block, group).switching += 0.5 * loads_[n] * voltage * voltage * Toggles(net);
        } else if (netlist_.drivers[n] < 0 && pins[p].direction == Direction::kInput) {
          AddShare(n, pins[p].capacitance, voltage, cell.block);
        }
      }
    }
    const double voltage = voltages_.empty() ? 0 : voltages_.front();
    for (std::size_t m = 0; m < netlist_.memories.size(); ++m) {
      EachMemoryBit(netlist_.memories[m], [&](std::size_t net, bool input) {
        if (input && netlist_.drivers[net] < 0)
          AddShare(net, MemoryInput(m), voltage, netlist_.memories[m].block);
      });
    }
  }

  /// Joules a toggle: half of them rise, half fall.
  double Energy(const PowerArc& arc, double slew, double load) {
    ++lookups_;
    beyond_ += Beyond(arc.rise, slew, load) || Beyond(arc.fall, slew, load);
    return 0.5 * (arc.rise.At(slew, load) + arc.fall.At(slew, load));
  }

  /// When the conditions are not followed, arcs under conditions share evenly.
  double Applies(const EnergyModel& model, const EnergyModel::Arc& arc, std::size_t arcs) const {
    return model.followed() ? probabilities_[arc.condition] : 1.0 / static_cast<double>(arcs);
  }

  double InputEnergy(const EnergyModel& model, const EnergyModel::InputPin& input,
                     std::int32_t net) {
    const double toggles = Toggles(net);
    if (toggles == 0) return 0;
    double energy = 0;
    for (const auto& arc : input.arcs) {
      const double applies = Applies(model, arc, input.arcs.size());
      if (applies > 0) energy += applies * Energy(*arc.tables, Slew(net), 0);
    }
    return toggles * energy;
  }

  /// How much of the output's toggles each input has caused, up to a factor: its toggles times the
  /// probability that they reach the output. Falls back on the toggles, then on equal shares.
  void Shares(const FlatCell& cell, const EnergyModel& model,
              const EnergyModel::OutputPin& output) {
    for (const bool sensitive : {true, false}) {
      shares_.clear();
      double sum = 0;
      for (const auto& arc : output.caused) {
        const double toggles = Toggles(PinNet(cell, *arc.tables->input));
        shares_.push_back(toggles * (sensitive ? Applies(model, arc, 1) : 1));
        sum += shares_.back();
      }
      if (sum <= 0) continue;
      for (double& share : shares_) share /= sum;
      return;
    }
    for (double& share : shares_) share = 1.0 / static_cast<double>(shares_.size());
  }

  double OutputEnergy(const FlatCell& cell, const EnergyModel& model,
                      const EnergyModel::OutputPin& output) {
    const std::int32_t net = PinNet(cell, output.pin);
    // An output left open still moves: with the one that shows the same.
    const double toggles =
        net < 0 && output.twin ? Toggles(PinNet(cell, *output.twin)) : Toggles(net);
    if (toggles == 0) return 0;
    double energy = 0;
    for (const auto& arc : output.always)
      energy += Applies(model, arc, output.always.size()) *
                Energy(*arc.tables, options_.input_slew, Load(net));
    Shares(cell, model, output);
    for (std::size_t i = 0; i < output.caused.size(); ++i) {
      if (shares_[i] <= 0) continue;
      const PowerArc& arc = *output.caused[i].tables;
      energy += shares_[i] * Energy(arc, Slew(PinNet(cell, *arc.input)), Load(net));
    }
    return toggles * energy;
  }

  double Leakage(const EnergyModel& model) const {
    const Cell& cell = model.cell();
    if (model.leakage().empty()) return cell.leakage;
    double covered = 0, watts = 0;
    for (std::size_t i = 0; i < model.leakage().size(); ++i) {
      const double probability = probabilities_[model.leakage()[i]];
      covered += probability;
      watts += probability * cell.leakage_states[i].watts;
    }
    // States that the library does not list leak like the mean; listed twice, they share.
    return covered > 1 ? watts / covered : watts + (1 - covered) * cell.leakage;
  }

  void AddCell(std::uint32_t c) {
    const FlatCell& cell = netlist_.cells[c];
    const EnergyModel& model = models_[cell.cell];
    double state = 0.5;  // of a register whose outputs are all open
    std::optional<double> change;
    for (const auto& shown : model.state_outputs()) {
      const std::int32_t net = PinNet(cell, shown.pin);
      if (net < 0) continue;
      state = shown.inverted ? 1 - One(net) : One(net);
      change = 0.5 * Toggles(net) / static_cast<double>(activity_.cycles);
      break;
    }
    ones_.clear();
    for (const auto& variable : model.variables())
      ones_.push_back(variable ? One(PinNet(cell, *variable)) : state);
    ConditionProbabilities(model, ones_, change, rows_, probabilities_);
    const PowerGroup group = GroupOf(c);
    PowerParts& parts = At(cell.block, group);
    parts.leakage += Leakage(model) * window();
    for (const auto& input : model.inputs()) {
      const double energy = InputEnergy(model, input, PinNet(cell, input.pin));
      // A memory's access energy sits on its clock pin: that is not the clock's.
      const bool clock = input.clock && group == PowerGroup::kRegisters;
      (clock ? At(cell.block, PowerGroup::kClock) : parts).internal += energy;
    }
    for (const auto& output : model.outputs()) parts.internal += OutputEnergy(cell, model, output);
  }

  void AddMemories() {
    for (std::size_t m = 0; m < options_.memories.size(); ++m) {
      const MemoryPower& power = options_.memories[m];
      const auto& accesses = activity_.memories[m];
      PowerParts& parts = At(netlist_.memories[m].block, PowerGroup::kMemories);
      parts.internal += static_cast<double>(accesses.reads) * power.read_energy +
                        static_cast<double>(accesses.writes) * power.write_energy;
      parts.leakage += power.leakage * window();
    }
  }

  double window() const { return static_cast<double>(activity_.cycles) * activity_.period; }

  PowerReport Report() {
    PowerReport report;
    report.cycles = activity_.cycles;
    report.period = activity_.period;
    report.glitches = activity_.glitches;
    for (std::uint32_t b = 0; b < netlist_.blocks.size(); ++b) {
      const Block& block = netlist_.blocks[b];
      BlockPower& power = report.blocks.emplace_back();
      const std::string parent = block.parent == 0 ? "" : report.blocks[block.parent].path + ".";
      power.path = (b == 0 ? "" : parent) + block.name;
      power.module = block.module;
      power.parent = block.parent;
      power.own = energies_[b];
      for (PowerParts& parts : power.own.groups) {
        parts.switching /= window();
        parts.internal /= window();
        parts.leakage /= window();
      }
    }
    AddUpBlocks(report);
    Warn(report);
    return report;
  }

  void Warn(PowerReport& report) const;
  void WarnOfTypes(PowerReport& report) const;

  const FlatNetlist& netlist_;
  const std::vector<Library>& libraries_;
  const Activity& activity_;
  const PowerOptions& options_;
  std::vector<EnergyModel> models_;  ///< of FlatNetlist::types
  std::vector<double> voltages_;     ///< of FlatNetlist::types
  ClockNetwork clock_;
  std::vector<double> loads_;           ///< of each net: farads
  std::vector<std::uint32_t> fanouts_;  ///< of each net: input pins
  std::vector<bool> from_memory_;
  std::vector<GroupedPower> energies_;  ///< of each block: joules over the window
  std::uint64_t lookups_ = 0, beyond_ = 0;
  std::vector<double> ones_, rows_, probabilities_, shares_;  ///< of the cell at hand
};

/// "A, B, C and 4 more".
std::string Some(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

void Engine::WarnOfTypes(PowerReport& report) const {
  std::vector<std::string> none, constant, unfollowed, memories, silent;
  for (const EnergyModel& model : models_) {
    const Cell& cell = model.cell();
    bool any = false, table = false;
    for (const CellPin& pin : cell.pins) {
      for (const PowerArc& arc : pin.power) {
        any = true;
        table = table || !arc.rise.axes.empty() || !arc.fall.axes.empty();
      }
    }
    if (!any) none.push_back(cell.name);
    if (any && !table) constant.push_back(cell.name);
    if (!model.followed()) unfollowed.push_back(cell.name);
    if (cell.memory) memories.push_back(cell.name);
    if (cell.leakage <= 0 && cell.leakage_states.empty()) silent.push_back(cell.name);
  }
  const auto warn = [&](const std::vector<std::string>& names, const std::string& what) {
    if (!names.empty()) report.warnings.push_back(what + ": " + Some(names));
  };
  warn(none, "no internal power in the library, it counts as zero");
  warn(constant, "internal power is a constant, it does not follow slew and load");
  warn(unfollowed, "too many pins to follow conditions of tables, their mean is taken");
  warn(memories,
       "a memory's accesses follow from the probabilities of its control pins, taken as "
       "independent");
  warn(silent, "no leakage in the library, it counts as zero");
}

void Engine::Warn(PowerReport& report) const {
  WarnOfTypes(report);
  const bool registers = std::any_of(netlist_.types.begin(), netlist_.types.end(),
                                     [](const Cell* cell) { return cell->sequential.has_value(); });
  if (registers && options_.clock.empty())
    report.warnings.emplace_back("no clock port is named: clock power is what the activity shows");
  if (!netlist_.memories.empty() && options_.memories.empty())
    report.warnings.push_back(
        fmt::format("{} memories have no energy data and count as zero", netlist_.memories.size()));
  if (beyond_ * 100 > lookups_) {
    report.warnings.push_back(
        fmt::format("{:.0f} % of the energies lie beyond the slews and loads of their tables",
                    100 * static_cast<double>(beyond_) / static_cast<double>(lookups_)));
  }
}

}  // namespace

PowerParts& PowerParts::operator+=(const PowerParts& other) {
  switching += other.switching;
  internal += other.internal;
  leakage += other.leakage;
  return *this;
}

PowerParts GroupedPower::sum() const {
  PowerParts sum;
  for (const PowerParts& parts : groups) sum += parts;
  return sum;
}

GroupedPower& GroupedPower::operator+=(const GroupedPower& other) {
  for (std::size_t i = 0; i < kPowerGroups; ++i) groups[i] += other.groups[i];
  return *this;
}

std::string PowerGroupName(PowerGroup group) {
  constexpr std::array<const char*, kPowerGroups> kNames = {"logic", "registers", "clock",
                                                            "memories", "inputs"};
  return kNames[static_cast<std::size_t>(group)];
}

void AddUpBlocks(PowerReport& report) {
  report.total = {};
  std::map<std::string, ModulePower> modules;
  for (BlockPower& block : report.blocks) {
    block.whole = block.own;
    report.total += block.own;
    ModulePower& module = modules[block.module];
    module.module = block.module;
    ++module.instances;
    module.own += block.own;
  }
  for (std::size_t i = report.blocks.size(); i-- > 1;) {
    report.blocks[report.blocks[i].parent].whole += report.blocks[i].whole;
  }
  report.modules.clear();
  for (auto& [name, module] : modules) report.modules.push_back(std::move(module));
}

PowerReport ComputePower(const FlatNetlist& netlist, const std::vector<Library>& libraries,
                         const Activity& activity, const PowerOptions& options) {
  return Engine(netlist, libraries, activity, options).Run();
}

}  // namespace systole
