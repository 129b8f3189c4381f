// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// Libraries and netlists in a few words. Delays are plain numbers, the same for every slew and
/// load, so that times can be had on paper.

inline Table Constant(double value) { return {{}, {}, {value}}; }

inline CellPin Input(const std::string& name, double capacitance = 1e-15) {
  CellPin pin;
  pin.name = name;
  pin.capacitance = capacitance;
  return pin;
}

/// An output with one arc from each input; rise and fall in seconds.
inline CellPin Output(const std::string& name, const std::string& function,
                      const std::vector<std::size_t>& from, double rise, double fall) {
  CellPin pin;
  pin.name = name;
  pin.direction = CellPin::Direction::kOutput;
  pin.function = function;
  for (const std::size_t input : from) {
    TimingArc arc;
    arc.input = input;
    arc.delay_rise = Constant(rise);
    arc.delay_fall = Constant(fall);
    arc.transition_rise = arc.transition_fall = Constant(0);
    pin.timing.push_back(std::move(arc));
  }
  return pin;
}

/// A combinational cell with output Y.
inline Cell Gate(const std::string& name, const std::vector<std::string>& inputs,
                 const std::string& function, double rise = 1e-12, double fall = 1e-12) {
  Cell cell;
  cell.name = name;
  cell.area = 1;
  std::vector<std::size_t> from;
  for (const std::string& input : inputs) {
    from.push_back(cell.pins.size());
    cell.pins.push_back(Input(input));
  }
  cell.pins.push_back(Output("Y", function, from, rise, fall));
  return cell;
}

/// Of FlipFlop: functions of its pins.
struct State {
  std::string clock = "CK";
  std::string clear = "";
  std::string preset = "";
  bool latch = false;
};

/// A flip-flop or latch with CK, D, the inputs of `more`, and the output Q.
inline Cell FlipFlop(const std::string& name, const State& state,
                     const std::vector<std::string>& more = {}, double rise = 1e-12,
                     double fall = 1e-12) {
  Cell cell;
  cell.name = name;
  cell.area = 5;
  cell.sequential.emplace();
  cell.sequential->latch = state.latch;
  cell.sequential->state = "IQ";
  cell.sequential->inverted_state = "IQN";
  cell.sequential->clocked_on = state.clock;
  cell.sequential->next_state = "D";
  cell.sequential->clear = state.clear;
  cell.sequential->preset = state.preset;
  cell.pins = {Input("CK"), Input("D")};
  cell.pins[0].clock = true;
  std::vector<std::size_t> from = {0};
  if (state.latch) from.push_back(1);
  for (const std::string& input : more) {
    from.push_back(cell.pins.size());
    cell.pins.push_back(Input(input));
  }
  cell.pins.push_back(Output("Q", "IQ", from, rise, fall));
  for (TimingArc& arc : cell.pins.back().timing) {
    arc.clock_edge = arc.input == 0;
    arc.asynchronous = arc.input > 1;
  }
  return cell;
}

inline Library MakeLibrary(std::vector<Cell> cells) {
  Library library;
  library.name = "hand";
  library.cells = std::move(cells);
  for (std::size_t i = 0; i < library.cells.size(); ++i) {
    library.index[library.cells[i].name] = i;
  }
  return library;
}

/// A module in words: nets are made as they are named; "0", "1" and "" are the constants and
/// nothing.
class ModuleMaker {
 public:
  explicit ModuleMaker(const std::string& name) { module_.name = module_.block = name; }

  Net operator[](const std::string& name) {
    if (name == "0") return kConstant0;
    if (name == "1") return kConstant1;
    if (name.empty()) return kUnconnected;
    const auto [at, fresh] = nets_.try_emplace(name, static_cast<Net>(module_.nets.size()));
    if (fresh) module_.nets.push_back(name);
    return at->second;
  }
  ModuleMaker& In(const std::string& name, const std::vector<std::string>& bits) {
    module_.ports.push_back({name, PortDirection::kInput, Bits(bits)});
    return *this;
  }
  ModuleMaker& Out(const std::string& name, const std::vector<std::string>& bits) {
    module_.ports.push_back({name, PortDirection::kOutput, Bits(bits)});
    return *this;
  }
  using Connections = std::vector<std::pair<std::string, std::vector<std::string>>>;
  ModuleMaker& Add(const std::string& name, const std::string& type, const Connections& connections,
                   bool is_module = false) {
    NetlistInstance instance{name, type, is_module, {}};
    for (const auto& [port, bits] : connections) {
      instance.connections.push_back({port, Bits(bits)});
    }
    module_.instances.push_back(std::move(instance));
    return *this;
  }
  operator NetlistModule() const { return module_; }

 private:
  std::vector<Net> Bits(const std::vector<std::string>& bits) {
    std::vector<Net> nets;
    for (const std::string& bit : bits) nets.push_back((*this)[bit]);
    return nets;
  }
  NetlistModule module_;
  std::map<std::string, Net> nets_;
};

/// Index of a net of a flat netlist by its hierarchical name.
template <typename Flat>
std::uint32_t NetOf(const Flat& flat, const std::string& name) {
  for (std::uint32_t net = 0; net < flat.nets; ++net) {
    if (flat.NetName(net) == name) return net;
  }
  throw std::runtime_error("no net " + name);
}

}  // namespace systole
