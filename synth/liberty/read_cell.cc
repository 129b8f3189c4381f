// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <unordered_map>

#include "synth/liberty/reader.h"

namespace systole {

namespace {

/// A pin while its cell is read.
struct PinSource {
  std::vector<const LibertyGroup*> groups;  ///< that speak of it, the bus or bundle first
  std::string bus;                          ///< or bundle; empty: neither
  std::size_t position = 0;                 ///< in it
};

class CellReader {
 public:
  CellReader(const LibertyGroup& group, LibertyReader& reader) : group_(group), reader_(reader) {}

  Cell Read() {
    if (group_.arguments.empty()) reader_.Fail(group_.line, "cell has no name");
    cell_.name = LibertyText(group_.arguments[0]);
    cell_.area = reader_.Number(group_, "area");
    for (const char* flag : {"is_isolation_cell", "is_level_shifter", "always_on"}) {
      cell_.power_management = cell_.power_management || reader_.Flag(group_, flag);
    }
    for (const char* kind : {"retention_cell", "switch_cell_type"}) {
      cell_.power_management = cell_.power_management || group_.Find(kind) != nullptr;
    }
    cell_.dont_use = cell_.power_management || reader_.Flag(group_, "dont_use");
    for (const LibertyGroup& child : group_.groups) {
      if (child.name == "pin") AddPins(child);
      if (child.name == "bus") AddBus(child);
      if (child.name == "bundle") AddBundle(child);
      if (child.name == "memory") cell_.memory = true;
      if (child.name == "statetable")
        reader_.Warn("cells with a statetable cannot be simulated; their energies can be used");
    }
    ReadSequential();
    for (std::size_t i = 0; i < cell_.pins.size(); ++i) ReadPin(i);
    ReadLeakage();
    return std::move(cell_);
  }

 private:
  PinSource& AddPin(const std::string& name) {
    const auto [found, added] = pin_index_.emplace(name, cell_.pins.size());
    if (added) {
      cell_.pins.emplace_back().name = name;
      sources_.emplace_back();
    }
    return sources_[found->second];
  }

  /// "A[3:0]" gives A[3] ... A[0]; another name itself.
  std::vector<std::string> Expand(const std::string& name, std::size_t line) const {
    const std::size_t open = name.find('['), colon = name.find(':', open);
    if (open == std::string::npos || colon == std::string::npos || name.back() != ']')
      return {name};
    long from = 0, to = 0;
    const char* text = name.data();
    const auto first = std::from_chars(text + open + 1, text + colon, from);
    const auto second = std::from_chars(text + colon + 1, text + name.size() - 1, to);
    constexpr long kMaxBit = 65535;
    if (first.ptr != text + colon || second.ptr != text + name.size() - 1 ||
        std::min(from, to) < 0 || std::max(from, to) > kMaxBit)
      reader_.Fail(line, fmt::format("{} is no range of bits", name));
    std::vector<std::string> names;
    for (long bit = from;; bit += from <= to ? 1 : -1) {
      names.push_back(fmt::format("{}[{}]", name.substr(0, open), bit));
      if (bit == to) return names;
    }
  }

  void AddPins(const LibertyGroup& pins) {
    if (pins.arguments.empty()) reader_.Fail(pins.line, "pin has no name");
    for (const std::string_view argument : pins.arguments) {
      for (const std::string& name : Expand(LibertyText(argument), pins.line))
        AddPin(name).groups.push_back(&pins);
    }
  }

  void AddMembers(const LibertyGroup& whole, const std::vector<std::string>& members) {
    const std::string name = LibertyText(whole.arguments[0]);
    auto& indices = buses_[name];
    for (const std::string& member : members) {
      PinSource& source = AddPin(member);
      source.groups.insert(source.groups.begin(), &whole);
      source.bus = name;
      source.position = indices.size();
      indices.push_back(pin_index_.at(member));
    }
    for (const LibertyGroup& child : whole.groups) {
      if (child.name != "pin") continue;
      for (const std::string_view argument : child.arguments) {
        for (const std::string& pin : Expand(LibertyText(argument), child.line)) {
          if (std::find(members.begin(), members.end(), pin) == members.end())
            reader_.Fail(child.line, fmt::format("{} is no pin of {}", pin, name));
          AddPin(pin).groups.push_back(&child);
        }
      }
    }
  }

  void AddBus(const LibertyGroup& bus) {
    if (bus.arguments.empty()) reader_.Fail(bus.line, "bus has no name");
    const auto type = reader_.FindBusType(bus);
    AddMembers(bus,
               Expand(fmt::format("{}[{}:{}]", LibertyText(bus.arguments[0]), type.from, type.to),
                      bus.line));
  }

  void AddBundle(const LibertyGroup& bundle) {
    const LibertyAttribute* members = bundle.Find("members");
    if (bundle.arguments.empty() || members == nullptr)
      reader_.Fail(bundle.line, "bundle has no name or no members");
    std::vector<std::string> names;
    for (const std::string_view value : members->values) {
      std::istringstream words(LibertyText(value));
      for (std::string word; words >> word;) names.push_back(word);
    }
    AddMembers(bundle, names);
  }

  void ReadSequential() {
    for (const LibertyGroup& child : group_.groups) {
      const bool latch = child.name == "latch" || child.name == "latch_bank";
      if (!latch && child.name != "ff" && child.name != "ff_bank") continue;
      if (cell_.sequential) {
        reader_.Warn("cells with several ff or latch groups cannot be simulated");
        cell_.sequential.reset();
        return;
      }
      Sequential state;
      state.latch = latch;
      if (!child.arguments.empty()) state.state = LibertyText(child.arguments[0]);
      if (child.arguments.size() > 1) state.inverted_state = LibertyText(child.arguments[1]);
      state.clocked_on = reader_.Text(child, latch ? "enable" : "clocked_on");
      state.next_state = reader_.Text(child, latch ? "data_in" : "next_state");
      state.clear = reader_.Text(child, "clear");
      state.preset = reader_.Text(child, "preset");
      cell_.sequential = std::move(state);
    }
  }

  void ReadLeakage() {
    double always = 0, sum = 0;
    for (const LibertyGroup& child : group_.groups) {
      if (child.name != "leakage_power") continue;
      const auto value = reader_.Number(child, "value");
      if (!value) reader_.Fail(child.line, "leakage_power has no value");
      const double watts = *value * reader_.units().leakage;
      const std::string when = reader_.Text(child, "when");
      if (when.empty()) {
        always += watts;
        continue;
      }
      // Groups of one state that differ in their supply add up.
      auto same = std::find_if(cell_.leakage_states.begin(), cell_.leakage_states.end(),
                               [&](const LeakageState& state) { return state.when == when; });
      if (same == cell_.leakage_states.end() || child.Find("related_pg_pin") == nullptr) {
        cell_.leakage_states.push_back({when, watts});
      } else {
        same->watts += watts;
      }
    }
    for (const LeakageState& state : cell_.leakage_states) sum += state.watts;
    if (const auto value = reader_.Number(group_, "cell_leakage_power")) {
      cell_.leakage = *value * reader_.units().leakage;
    } else if (always != 0) {
      cell_.leakage = always;
    } else if (!cell_.leakage_states.empty()) {
      cell_.leakage = sum / static_cast<double>(cell_.leakage_states.size());
    } else {
      const double unit = reader_.units().leakage;
      cell_.leakage =
          reader_.Default("default_cell_leakage_power", unit)
              .value_or(reader_.Default("default_leakage_power_density", unit).value_or(0) *
                        cell_.area.value_or(0));
    }
  }

  /// The last group that has the attribute wins: a bit's own value over its bus's.
  std::optional<double> PinNumber(const PinSource& source, std::string_view name) const {
    std::optional<double> number;
    for (const LibertyGroup* group : source.groups) {
      if (const auto own = reader_.Number(*group, name)) number = own;
    }
    return number;
  }
  std::string PinText(const PinSource& source, std::string_view name) const {
    std::string text;
    for (const LibertyGroup* group : source.groups) {
      std::string own = reader_.Text(*group, name);
      if (!own.empty()) text = std::move(own);
    }
    return text;
  }

  CellPin::Direction ReadDirection(const PinSource& source) const {
    const std::string word = PinText(source, "direction");
    if (word == "input") return CellPin::Direction::kInput;
    if (word == "output") return CellPin::Direction::kOutput;
    if (word == "inout") return CellPin::Direction::kInout;
    if (word == "internal") return CellPin::Direction::kInternal;
    reader_.Fail(source.groups.back()->line, word.empty()
                                                 ? std::string("pin has no direction")
                                                 : fmt::format("direction {} is unknown", word));
  }

  void ReadPin(std::size_t index) {
    const PinSource& source = sources_[index];
    CellPin& pin = cell_.pins[index];
    pin.direction = ReadDirection(source);
    pin.function = PinText(source, "function");
    pin.three_state = PinText(source, "three_state");
    pin.clock = PinText(source, "clock") == "true";
    ReadCapacitance(source, pin);
    for (const LibertyGroup* group : source.groups) {
      for (const LibertyGroup& child : group->groups) {
        if (child.name == "timing" && pin.direction != CellPin::Direction::kInput)
          ReadTiming(child, source, pin);
        if (child.name == "internal_power") ReadPower(child, source, pin);
      }
    }
  }

  void ReadCapacitance(const PinSource& source, CellPin& pin) {
    const double unit = reader_.units().capacitance;
    const auto capacitance = PinNumber(source, "capacitance");
    const auto rise = PinNumber(source, "rise_capacitance");
    const auto fall = PinNumber(source, "fall_capacitance");
    if (capacitance) {
      pin.capacitance = *capacitance * unit;
    } else if (rise || fall) {
      pin.capacitance = std::max(rise.value_or(0), fall.value_or(0)) * unit;
    } else {
      const char* name = pin.direction == CellPin::Direction::kInput    ? "default_input_pin_cap"
                         : pin.direction == CellPin::Direction::kOutput ? "default_output_pin_cap"
                         : pin.direction == CellPin::Direction::kInout  ? "default_inout_pin_cap"
                                                                        : "";
      pin.capacitance = reader_.Default(name, unit).value_or(0);
    }
    if (pin.direction == CellPin::Direction::kInput) return;
    if (const auto limit = PinNumber(source, "max_capacitance")) {
      pin.max_capacitance = *limit * unit;
      // No pin drives less than an attofarad: IHP's memories give their limit in farads.
      constexpr double kAttofarad = 1e-18;
      if (*limit > 0 && *pin.max_capacitance < kAttofarad) {
        pin.max_capacitance = *limit;
        reader_.Warn("max_capacitance below 1 aF is taken as farads");
      }
    } else {
      pin.max_capacitance = reader_.Default("default_max_capacitance", unit);
    }
  }

  /// The pins that related_pin names, for the pin of `source`; a bus of the pin's own width stands
  /// bit for bit.
  std::vector<std::size_t> Related(const LibertyGroup& arc, const PinSource& source) const {
    std::vector<std::size_t> pins;
    for (const std::string_view name : {"related_pin", "related_bus_pins"}) {
      std::istringstream words(reader_.Text(arc, name));
      for (std::string word; words >> word;) {
        if (const auto bus = buses_.find(word); bus != buses_.end()) {
          const auto own = buses_.find(source.bus);
          const bool bitwise = name == "related_pin" && own != buses_.end() &&
                               own->second.size() == bus->second.size();
          if (bitwise) {
            pins.push_back(bus->second[source.position]);
          } else {
            pins.insert(pins.end(), bus->second.begin(), bus->second.end());
          }
          continue;
        }
        for (const std::string& pin : Expand(word, arc.line)) {
          const auto found = pin_index_.find(pin);
          if (found == pin_index_.end())
            reader_.Fail(arc.line, fmt::format("the cell {} has no pin {}", cell_.name, pin));
          pins.push_back(found->second);
        }
      }
    }
    return pins;
  }

  void ReadTiming(const LibertyGroup& group, const PinSource& source, CellPin& pin) {
    TimingArc arc;
    const std::string type = reader_.Text(group, "timing_type");
    arc.clock_edge = type == "rising_edge" || type == "falling_edge";
    arc.asynchronous = type == "clear" || type == "preset";
    const bool combinational =
        type.empty() || type.starts_with("combinational") || type.starts_with("three_state_enable");
    if (!combinational && !arc.clock_edge && !arc.asynchronous) return;
    const std::string sense = reader_.Text(group, "timing_sense");
    if (sense == "positive_unate") arc.sense = TimingSense::kPositiveUnate;
    if (sense == "negative_unate") arc.sense = TimingSense::kNegativeUnate;
    arc.when = reader_.Text(group, "when");
    const double time = reader_.units().time;
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "cell_rise") arc.delay_rise = reader_.ReadTable(child, time);
      if (child.name == "cell_fall") arc.delay_fall = reader_.ReadTable(child, time);
      if (child.name == "rise_transition") arc.transition_rise = reader_.ReadTable(child, time);
      if (child.name == "fall_transition") arc.transition_fall = reader_.ReadTable(child, time);
    }
    if (arc.delay_rise.empty() && arc.delay_fall.empty()) return;
    for (const std::size_t input : Related(group, source)) {
      arc.input = input;
      pin.timing.push_back(arc);
    }
  }

  void ReadPower(const LibertyGroup& group, const PinSource& source, CellPin& pin) {
    PowerArc arc;
    arc.when = reader_.Text(group, "when");
    arc.supply = reader_.Text(group, "related_pg_pin");
    const double energy = reader_.units().energy();
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "rise_power") arc.rise = reader_.ReadTable(child, energy);
      if (child.name == "fall_power") arc.fall = reader_.ReadTable(child, energy);
      if (child.name == "power") arc.rise = arc.fall = reader_.ReadTable(child, energy);
    }
    if (arc.rise.empty() && arc.fall.empty()) return;
    const auto inputs = Related(group, source);
    if (inputs.empty()) pin.power.push_back(arc);
    for (const std::size_t input : inputs) {
      arc.input = input;
      pin.power.push_back(arc);
    }
  }

  const LibertyGroup& group_;
  LibertyReader& reader_;
  Cell cell_;
  std::vector<PinSource> sources_;  ///< of cell_.pins
  std::unordered_map<std::string, std::size_t> pin_index_;
  std::unordered_map<std::string, std::vector<std::size_t>> buses_;
};

}  // namespace

Cell ReadCell(const LibertyGroup& group, LibertyReader& reader) {
  return CellReader(group, reader).Read();
}

}  // namespace systole
