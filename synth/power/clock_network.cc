// SPDX-License-Identifier: Apache-2.0
#include "synth/power/clock_network.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {

namespace {

/// Which pins sit on each net: indices in FlatNetlist::pin_nets, net after net.
struct Sinks {
  std::vector<std::uint32_t> first;  ///< of each net, and one more
  std::vector<std::uint32_t> cells, pins;
};

bool IsInput(const CellPin& pin) { return pin.direction == CellPin::Direction::kInput; }

Sinks FindSinks(const FlatNetlist& netlist) {
  Sinks sinks;
  sinks.first.assign(netlist.nets + 1, 0);
  const auto each = [&](const auto& visit) {
    for (std::uint32_t c = 0; c < netlist.cells.size(); ++c) {
      const FlatCell& cell = netlist.cells[c];
      const auto& pins = netlist.types[cell.cell]->pins;
      for (std::uint32_t p = 0; p < pins.size(); ++p) {
        const std::int32_t net = netlist.pin_nets[cell.first_pin + p];
        if (net >= 0 && IsInput(pins[p])) visit(static_cast<std::uint32_t>(net), c, p);
      }
    }
  };
  each([&](std::uint32_t net, std::uint32_t, std::uint32_t) { ++sinks.first[net + 1]; });
  for (std::uint32_t net = 0; net < netlist.nets; ++net) sinks.first[net + 1] += sinks.first[net];
  sinks.cells.resize(sinks.first.back());
  sinks.pins.resize(sinks.first.back());
  std::vector<std::uint32_t> next(sinks.first.begin(), sinks.first.end() - 1);
  each([&](std::uint32_t net, std::uint32_t c, std::uint32_t p) {
    sinks.cells[next[net]] = c;
    sinks.pins[next[net]++] = p;
  });
  return sinks;
}

class Tracer {
 public:
  Tracer(const FlatNetlist& netlist, const std::vector<EnergyModel>& models,
         const Activity& activity)
      : netlist_(netlist), models_(models), activity_(activity), sinks_(FindSinks(netlist)) {}

  ClockNetwork Trace(std::uint32_t root) {
    result_.nets.assign(netlist_.nets, false);
    result_.cells.assign(netlist_.cells.size(), false);
    result_.toggles.assign(netlist_.nets, 0);
    state_.assign(netlist_.nets, State::kUnseen);
    clocks_memory_.assign(netlist_.nets, false);
    for (const FlatMemory& memory : netlist_.memories) {
      for (const FlatPort& port : memory.ports) {
        if (port.name == "clk_i" && port.bits.size() == 1 && port.bits[0] >= 0)
          clocks_memory_[static_cast<std::size_t>(port.bits[0])] = true;
      }
    }
    Visit(root);
    Propagate(root);
    return std::move(result_);
  }

 private:
  enum class State : std::uint8_t { kUnseen, kOpen, kClock, kOther };
  struct Frame {
    std::uint32_t net, sink;
  };

  bool Combinational(std::uint32_t cell) const {
    const Cell& type = *netlist_.types[netlist_.cells[cell].cell];
    return !type.sequential && !type.memory;
  }

  std::vector<std::uint32_t> Outputs(std::uint32_t cell) const {
    std::vector<std::uint32_t> nets;
    const auto& pins = netlist_.types[netlist_.cells[cell].cell]->pins;
    for (std::uint32_t p = 0; p < pins.size(); ++p) {
      const std::int32_t net = netlist_.pin_nets[netlist_.cells[cell].first_pin + p];
      if (net >= 0 && pins[p].direction == CellPin::Direction::kOutput)
        nets.push_back(static_cast<std::uint32_t>(net));
    }
    return nets;
  }

  /// Depth first, without recursion: marks the nets that reach a clock pin.
  void Visit(std::uint32_t root) {
    std::vector<Frame> stack = {{root, sinks_.first[root]}};
    state_[root] = State::kOpen;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const std::uint32_t net = frame.net;
      if (frame.sink == sinks_.first[net + 1]) {
        if (clocks_memory_[net]) state_[net] = State::kClock;
        if (state_[net] == State::kOpen) state_[net] = State::kOther;
        stack.pop_back();
        continue;
      }
      const std::uint32_t cell = sinks_.cells[frame.sink];
      const bool clock_pin = models_[netlist_.cells[cell].cell].clock_pin(sinks_.pins[frame.sink]);
      if (clock_pin) state_[net] = State::kClock;
      std::uint32_t unseen = netlist_.nets;
      if (Combinational(cell)) {
        for (const std::uint32_t output : Outputs(cell)) {
          if (state_[output] == State::kUnseen) unseen = output;
          if (state_[output] == State::kClock) {
            state_[net] = State::kClock;
            result_.cells[cell] = true;
          }
        }
      }
      if (unseen != netlist_.nets) {  // come back to this sink when the output is known
        state_[unseen] = State::kOpen;
        stack.push_back({unseen, sinks_.first[unseen]});
      } else {
        ++frame.sink;
      }
    }
    for (std::uint32_t net = 0; net < netlist_.nets; ++net)
      result_.nets[net] = state_[net] == State::kClock;
  }

  std::uint32_t UsedInputs(std::uint32_t cell) const {
    std::uint32_t used = 0;
    for (const CellPin& pin : netlist_.types[netlist_.cells[cell].cell]->pins) used += IsInput(pin);
    return used;
  }

  void Propagate(std::uint32_t root) {
    const bool at_rest = activity_.toggles[root] == 0;
    result_.toggles[root] = at_rest ? 2 * activity_.cycles : activity_.toggles[root];
    std::vector<bool> done(netlist_.nets, false);
    std::vector<std::uint32_t> open = {root};
    done[root] = true;
    while (!open.empty()) {
      const std::uint32_t net = open.back();
      open.pop_back();
      for (std::uint32_t i = sinks_.first[net]; i < sinks_.first[net + 1]; ++i) {
        const std::uint32_t cell = sinks_.cells[i];
        if (!Combinational(cell)) continue;
        for (const std::uint32_t output : Outputs(cell)) {
          if (!result_.nets[output] || done[output]) continue;
          done[output] = true;
          const std::uint64_t own = activity_.toggles[output];
          result_.toggles[output] = own == 0 && UsedInputs(cell) == 1 ? result_.toggles[net] : own;
          open.push_back(output);
        }
      }
    }
  }

  const FlatNetlist& netlist_;
  const std::vector<EnergyModel>& models_;
  const Activity& activity_;
  const Sinks sinks_;
  ClockNetwork result_;
  std::vector<State> state_;
  std::vector<bool> clocks_memory_;  ///< of each net: is the clock of a FlatMemory
};

}  // namespace

ClockNetwork FindClockNetwork(const FlatNetlist& netlist, const std::vector<EnergyModel>& models,
                              const Activity& activity, const std::string& clock) {
  for (const FlatPort& port : netlist.ports) {
    if (port.name != clock || port.direction != PortDirection::kInput || port.bits.size() != 1)
      continue;
    if (port.bits[0] < 0) break;
    return Tracer(netlist, models, activity).Trace(static_cast<std::uint32_t>(port.bits[0]));
  }
  throw RequestError(fmt::format("the clock {} is no input port of one bit of the netlist", clock),
                     "name the clock port of the design");
}

}  // namespace systole
