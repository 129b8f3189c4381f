// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/delays.h"

#include <algorithm>
#include <cmath>

namespace systole {
namespace {

constexpr float kNever = -1;  // arrival of what no clock edge causes

class Calculator {
 public:
  Calculator(const FlatNetlist& netlist, const DelayOptions& options)
      : netlist_(netlist), options_(options) {}

  Timing Run() {
    timing_.tick = options_.tick;
    for (const Cell* cell : netlist_.types) timing_.models.push_back(MakeCellLogic(*cell));
    const auto order = TopologicalOrder(netlist_, timing_.models);
    Loads();
    FindClockNetwork(order);
    Start();
    for (const std::uint32_t node : order) {
      if (node < netlist_.cells.size()) Propagate(node);
    }
    // Arcs that slews do not go along: now every slew is known.
    for (std::uint32_t cell = 0; cell < netlist_.cells.size(); ++cell) {
      if (timing_.models[netlist_.cells[cell].cell].sequential) FinishSequential(cell);
    }
    return std::move(timing_);
  }

 private:
  std::int32_t PinNet(std::uint32_t cell, std::size_t pin) const {
    return netlist_.pin_nets[netlist_.cells[cell].first_pin + pin];
  }

  void Loads() {
    timing_.load.assign(netlist_.nets, 0);
    for (const FlatCell& cell : netlist_.cells) {
      const auto& pins = netlist_.types[cell.cell]->pins;
      for (std::size_t pin = 0; pin < pins.size(); ++pin) {
        const std::int32_t net = netlist_.pin_nets[cell.first_pin + pin];
        if (net < 0) continue;
        double load = pins[pin].capacitance;
        if (pins[pin].direction == CellPin::Direction::kInput) load += options_.wire_capacitance;
        timing_.load[static_cast<std::size_t>(net)] += static_cast<float>(load);
      }
    }
    const auto add = [&](const FlatPort& port, PortDirection reading, double load) {
      if (port.direction != reading) return;
      for (const std::int32_t net : port.bits) {
        if (net >= 0) timing_.load[static_cast<std::size_t>(net)] += static_cast<float>(load);
      }
    };
    for (const FlatPort& port : netlist_.ports) {
      add(port, PortDirection::kOutput, options_.output_load + options_.wire_capacitance);
    }
    for (const FlatMemory& memory : netlist_.memories) {
      for (const FlatPort& port : memory.ports) {
        add(port, PortDirection::kInput, options_.wire_capacitance);
      }
    }
  }

  /// What lies both behind the clock port and before a clock pin, with no register between.
  void FindClockNetwork(const std::vector<std::uint32_t>& order) {
    std::vector<bool> behind(netlist_.nets), before(netlist_.nets);
    const auto mark = [](std::vector<bool>& marks, std::int32_t net) {
      if (net >= 0) marks[static_cast<std::size_t>(net)] = true;
    };
    const auto marked = [](const std::vector<bool>& marks, std::int32_t net) {
      return net >= 0 && marks[static_cast<std::size_t>(net)];
    };
    for (const FlatPort& port : netlist_.ports) {
      if (port.name == options_.clock && port.direction == PortDirection::kInput) {
        for (const std::int32_t net : port.bits) mark(behind, net);
      }
    }
    for (const FlatMemory& memory : netlist_.memories) {
      for (const std::int32_t net : memory.ports[0].bits) mark(before, net);
    }
    const auto cells = static_cast<std::uint32_t>(netlist_.cells.size());
    for (const std::uint32_t node : order) {
      if (node >= cells) continue;
      const CellLogic& model = timing_.models[netlist_.cells[node].cell];
      if (model.sequential) continue;
      for (const std::uint32_t pin : model.inputs) {
        if (!marked(behind, PinNet(node, pin))) continue;
        for (const auto& output : model.outputs) mark(behind, PinNet(node, output.pin));
      }
    }
    for (auto node = order.rbegin(); node != order.rend(); ++node) {
      if (*node >= cells) continue;
      const CellLogic& model = timing_.models[netlist_.cells[*node].cell];
      bool needed = false;
      for (const auto& output : model.outputs) {
        needed = needed || (!model.sequential && marked(before, PinNet(*node, output.pin)));
      }
      for (std::size_t k = 0; k < model.inputs.size(); ++k) {
        if (needed || model.clock_reads >> k & 1) mark(before, PinNet(*node, model.inputs[k]));
      }
    }
    timing_.clock_network.resize(netlist_.nets);
    for (std::size_t net = 0; net < netlist_.nets; ++net) {
      timing_.clock_network[net] = behind[net] && before[net];
    }
  }

  void Start() {
    const auto slew = static_cast<float>(options_.input_transition);
    timing_.slew_rise.assign(netlist_.nets, 0);
    arrival_rise_.assign(netlist_.nets, kNever);
    arrival_fall_.assign(netlist_.nets, kNever);
    for (std::size_t net = 0; net < netlist_.nets; ++net) {
      if (netlist_.drivers[net] < 0) timing_.slew_rise[net] = slew;
      if (!timing_.clock_network[net]) continue;
      if (options_.ideal_clock || netlist_.drivers[net] < 0) {
        timing_.slew_rise[net] = static_cast<float>(options_.clock_transition);
        arrival_rise_[net] = arrival_fall_[net] = 0;
      }
    }
    timing_.slew_fall = timing_.slew_rise;
    std::uint64_t arcs = 0;
    for (const FlatCell& cell : netlist_.cells) {
      timing_.first_arc.push_back(static_cast<std::uint32_t>(arcs));
      const CellLogic& model = timing_.models[cell.cell];
      arcs += model.inputs.size() * model.outputs.size();
    }
    timing_.arcs.resize(arcs);
  }

  /// One edge at the output of an arc.
  struct Edge {
    float delay = 0, slew = 0, arrival = kNever;
  };

  /// The slowest of what the edges of the input that cause this one do.
  Edge Worst(const TimingArc& arc, bool rise, std::size_t from, float load) const {
    Edge edge;
    const Table& delays = rise ? arc.delay_rise : arc.delay_fall;
    const Table& slews = rise ? arc.transition_rise : arc.transition_fall;
    const auto consider = [&](bool input_rise) {
      const float slew = input_rise ? timing_.slew_rise[from] : timing_.slew_fall[from];
      const float arrival = input_rise ? arrival_rise_[from] : arrival_fall_[from];
      const auto delay = static_cast<float>(delays.At(slew, load));
      edge.delay = std::max(edge.delay, delay);
      edge.slew = std::max(edge.slew, static_cast<float>(slews.At(slew, load)));
      if (arrival >= 0) edge.arrival = std::max(edge.arrival, arrival + delay);
    };
    if (delays.empty()) return edge;
    const bool any = arc.clock_edge || arc.asynchronous || arc.sense == TimingSense::kNonUnate;
    const bool same = arc.sense == TimingSense::kPositiveUnate;
    if (any || same == rise) consider(true);
    // Equal edges, as those of an ideal clock, need no second look.
    const bool equal = timing_.slew_rise[from] == timing_.slew_fall[from] &&
                       arrival_rise_[from] == arrival_fall_[from];
    if ((any && !equal) || (!any && same != rise)) consider(false);
    return edge;
  }

  std::uint32_t Ticks(float seconds) const {
    const double ticks = std::round(seconds / options_.tick);
    return ticks < 1 ? 1 : ticks > 1e9 ? 1'000'000'000 : static_cast<std::uint32_t>(ticks);
  }

  /// Takes an arc into the delays and, when it carries slews, into its output's.
  void Take(std::uint32_t cell, std::size_t output, const TimingArc& arc, bool carries) {
    const CellLogic& model = timing_.models[netlist_.cells[cell].cell];
    const std::int32_t from = PinNet(cell, arc.input);
    const std::int32_t to = PinNet(cell, model.outputs[output].pin);
    if (from < 0 || to < 0) return;
    const auto net = static_cast<std::size_t>(to);
    const float load = timing_.load[net];
    const Edge rise = Worst(arc, true, static_cast<std::size_t>(from), load);
    const Edge fall = Worst(arc, false, static_cast<std::size_t>(from), load);
    const auto input = static_cast<std::size_t>(
        std::find(model.inputs.begin(), model.inputs.end(), arc.input) - model.inputs.begin());
    if (input == model.inputs.size()) return;
    ArcDelay& delay = timing_.arcs[timing_.first_arc[cell] + output * model.inputs.size() + input];
    delay.rise = std::max(delay.rise, Ticks(rise.delay));
    delay.fall = std::max(delay.fall, Ticks(fall.delay));
    if (!carries || (options_.ideal_clock && timing_.clock_network[net])) return;
    timing_.slew_rise[net] = std::max(timing_.slew_rise[net], rise.slew);
    timing_.slew_fall[net] = std::max(timing_.slew_fall[net], fall.slew);
    arrival_rise_[net] = std::max(arrival_rise_[net], rise.arrival);
    arrival_fall_[net] = std::max(arrival_fall_[net], fall.arrival);
  }

  void Propagate(std::uint32_t cell) {
    const Cell& type = *netlist_.types[netlist_.cells[cell].cell];
    const CellLogic& model = timing_.models[netlist_.cells[cell].cell];
    for (std::size_t output = 0; output < model.outputs.size(); ++output) {
      for (const TimingArc& arc : type.pins[model.outputs[output].pin].timing) {
        if (!model.sequential || arc.clock_edge) Take(cell, output, arc, true);
      }
    }
  }

  void FinishSequential(std::uint32_t cell) {
    const Cell& type = *netlist_.types[netlist_.cells[cell].cell];
    const CellLogic& model = timing_.models[netlist_.cells[cell].cell];
    for (std::size_t output = 0; output < model.outputs.size(); ++output) {
      for (const TimingArc& arc : type.pins[model.outputs[output].pin].timing) {
        if (!arc.clock_edge) Take(cell, output, arc, false);
      }
    }
    for (std::size_t k = 0; k < model.inputs.size(); ++k) {
      const std::int32_t net = PinNet(cell, model.inputs[k]);
      if (net < 0 || ((model.clock_reads | model.control_reads) >> k & 1)) continue;
      const float arrival = std::max(arrival_rise_[static_cast<std::size_t>(net)],
                                     arrival_fall_[static_cast<std::size_t>(net)]);
      if (arrival < 0) continue;
      if (!timing_.register_path || arrival > timing_.register_path->seconds) {
        timing_.register_path = {arrival, cell, model.inputs[k]};
      }
    }
  }

  const FlatNetlist& netlist_;
  const DelayOptions& options_;
  Timing timing_;
  std::vector<float> arrival_rise_, arrival_fall_;
};

}  // namespace

Timing CalculateTiming(const FlatNetlist& netlist, const DelayOptions& options) {
  return Calculator(netlist, options).Run();
}

}  // namespace systole
