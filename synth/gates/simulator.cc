// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "synth/gates/engine.h"

namespace systole {
namespace {

constexpr double kMemoryDelay = 0.1e-9;  // seconds, of memories of which none is given

std::vector<CellLogic> Models(const FlatNetlist& netlist) {
  std::vector<CellLogic> models;
  for (const Cell* cell : netlist.types) models.push_back(MakeCellLogic(*cell));
  return models;
}

SimulationEngine MakeEngine(const FlatNetlist& netlist, const SimulatorOptions& options,
                            const std::vector<std::uint32_t>& memory_delays) {
  const Timing* timing = options.timing;
  Circuit circuit =
      MakeCircuit(netlist, timing != nullptr ? timing->models : Models(netlist),
                  timing != nullptr ? timing->clock_network : std::vector<bool>(), options.seed,
                  timing != nullptr && options.ideal_clock ? options.cluster_cells : 0);
  for (std::size_t i = 0; i < circuit.memories.size(); ++i) {
    circuit.memories[i].delay = memory_delays[i];
  }
  return SimulationEngine(std::move(circuit), timing != nullptr ? &timing->arcs : nullptr);
}

}  // namespace

class GateSimulator::Implementation {
 public:
  Implementation(const FlatNetlist& netlist, const SimulatorOptions& options)
      : netlist_(netlist),
        options_(options),
        ticks_(options, netlist.memories.size()),
        engine_(MakeEngine(netlist, options, ticks_.memories)) {
    for (const FlatPort& port : netlist.ports) {
      inputs_.emplace_back(port.bits.size());
      if (port.name != options.clock || port.direction != PortDirection::kInput) continue;
      if (port.bits.size() != 1) {
        throw RequestError(fmt::format("the clock {} has {} bits", port.name, port.bits.size()));
      }
      clock_ = port.bits[0];
    }
    engine_.Start();
  }

  const FlatNetlist& netlist() const { return netlist_; }
  const SimulatorOptions& options() const { return options_; }
  const SimulationEngine& engine() const { return engine_; }

  void SetInput(std::size_t port, std::uint32_t first, std::uint32_t width, std::uint64_t value) {
    const FlatPort& flat = netlist_.ports.at(port);
    CheckBits(flat, first, width);
    if (flat.direction != PortDirection::kInput || flat.name == options_.clock) {
      throw RequestError(fmt::format("port {} is no input that can be set", flat.name));
    }
    for (std::uint32_t bit = 0; bit < width; ++bit) {
      const bool wanted = value >> bit & 1;
      if (inputs_[port][first + bit] == wanted) continue;
      inputs_[port][first + bit] = wanted;
      if (flat.bits[first + bit] >= 0) dirty_.emplace_back(port, first + bit);
    }
  }

  std::uint64_t Output(std::size_t port, std::uint32_t first, std::uint32_t width) const {
    const FlatPort& flat = netlist_.ports.at(port);
    CheckBits(flat, first, width);
    std::uint64_t value = 0;
    for (std::uint32_t bit = 0; bit < width; ++bit) {
      const std::int32_t net = flat.bits[first + bit];
      const bool one =
          net >= 0 ? engine_.Value(static_cast<std::uint32_t>(net)) : net == kConstant1;
      value |= std::uint64_t{one} << bit;
    }
    return value;
  }

  void RunCycle() {
    for (const auto& [port, bit] : dirty_) {
      changes_.emplace_back(static_cast<std::uint32_t>(netlist_.ports[port].bits[bit]),
                            inputs_[port][bit]);
    }
    dirty_.clear();
    if (options_.timing != nullptr) {
      RunTimed();
    } else {
      engine_.StepZero(started_ ? clock_ : -1, changes_);
      if (started_ && clock_ >= 0) engine_.StepZero(clock_, {});
    }
    changes_.clear();
    started_ = true;
    engine_.EndCycle();
  }

  void ResetActivity() {
    engine_.ResetWindow();
    settled_after_ = 0;
  }

  Activity TakeActivity() const {
    Activity activity;
    activity.cycles = engine_.cycle();
    activity.period = options_.period;
    activity.glitches = options_.timing != nullptr;
    activity.toggles.resize(netlist_.nets);
    activity.cycles_high.resize(netlist_.nets);
    for (std::size_t i = 0; i < netlist_.nets; ++i) {
      const SimNet& net = engine_.circuit().nets[i];
      activity.toggles[i] = net.toggles;
      activity.cycles_high[i] = net.high + (net.value ? engine_.cycle() - net.since : 0);
    }
    for (const SimMemory& memory : engine_.circuit().memories) {
      activity.memories.push_back(memory.accesses);
    }
    return activity;
  }

  double settled_after() const { return static_cast<double>(settled_after_) * ticks_.tick; }

 private:
  /// The times of a cycle in ticks.
  struct Ticks {
    double tick = 1;
    std::uint64_t period = 0, input = 0, fall = 0;
    std::vector<std::uint32_t> memories;

    Ticks(const SimulatorOptions& options, std::size_t memory_count) : memories(memory_count, 1) {
      if (!options.memory_delays.empty() && options.memory_delays.size() != memory_count) {
        throw RequestError(
            fmt::format("{} delays for {} memories", options.memory_delays.size(), memory_count));
      }
      if (options.timing == nullptr) return;
      tick = options.timing->tick;
      const double limit = 1e15;
      const auto ticks = [&](double seconds) {
        const double count = std::round(seconds / tick);
        return count >= 1 && count < limit ? static_cast<std::uint64_t>(count) : 0;
      };
      period = ticks(options.period);
      input = ticks(options.input_time);
      fall = period / 2;
      for (std::size_t i = 0; i < memory_count; ++i) {
        const double delay =
            options.memory_delays.empty() ? kMemoryDelay : options.memory_delays[i];
        memories[i] =
            static_cast<std::uint32_t>(std::clamp<std::uint64_t>(ticks(delay), 1, 1u << 30));
      }
      if (input == 0 || input >= fall) {
        throw RequestError(fmt::format(
            "inputs that change {} s after the rising edge of a clock of {} s: they have to change "
            "after the edge and before half of the cycle is over",
            options.input_time, options.period));
      }
    }
  };

  static void CheckBits(const FlatPort& port, std::uint32_t first, std::uint32_t width) {
    if (width == 0 || width > 64 || std::uint64_t{first} + width > port.bits.size()) {
      throw RequestError(fmt::format("port {} has no bits {} to {}", port.name, first,
                                     std::uint64_t{first} + width - 1));
    }
  }

  void RunTimed() {
    const std::uint64_t begin = now_;
    if (started_ && clock_ >= 0) {
      engine_.ClockEdge(static_cast<std::uint32_t>(clock_), options_.ideal_clock);
    }
    engine_.RunUntil(begin + ticks_.input);
    engine_.SetInputs(changes_);
    engine_.RunUntil(begin + ticks_.fall);
    if (started_ && clock_ >= 0) {
      engine_.ClockEdge(static_cast<std::uint32_t>(clock_), options_.ideal_clock);
    }
    now_ = begin + ticks_.period;
    engine_.RunUntil(now_);
    if (engine_.last_change > begin) {
      settled_after_ = std::max(settled_after_, engine_.last_change - begin);
    }
  }

  const FlatNetlist& netlist_;
  SimulatorOptions options_;
  Ticks ticks_;
  SimulationEngine engine_;
  std::int32_t clock_ = kUnconnected;
  std::vector<std::vector<bool>> inputs_;                     ///< what each port was set to
  std::vector<std::pair<std::size_t, std::uint32_t>> dirty_;  ///< ports and bits that were set
  SimulationEngine::Changes changes_;
  bool started_ = false;  ///< the first cycle, which has no edge, is over
  std::uint64_t now_ = 0;
  std::uint64_t settled_after_ = 0;
};

GateSimulator::GateSimulator(const FlatNetlist& netlist, const SimulatorOptions& options)
    : implementation_(std::make_unique<Implementation>(netlist, options)) {}
GateSimulator::~GateSimulator() = default;
GateSimulator::GateSimulator(GateSimulator&&) noexcept = default;

const FlatNetlist& GateSimulator::netlist() const { return implementation_->netlist(); }
const SimulatorOptions& GateSimulator::options() const { return implementation_->options(); }

std::size_t GateSimulator::Port(std::string_view name) const {
  const auto& ports = netlist().ports;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].name == name) return i;
  }
  throw RequestError(fmt::format("the netlist has no port {}", name));
}

void GateSimulator::SetInput(std::size_t port, std::uint32_t first, std::uint32_t width,
                             std::uint64_t value) {
  implementation_->SetInput(port, first, width, value);
}
void GateSimulator::RunCycle() { implementation_->RunCycle(); }
std::uint64_t GateSimulator::Output(std::size_t port, std::uint32_t first,
                                    std::uint32_t width) const {
  return implementation_->Output(port, first, width);
}
bool GateSimulator::Value(std::uint32_t net) const { return implementation_->engine().Value(net); }
void GateSimulator::ResetActivity() { implementation_->ResetActivity(); }
Activity GateSimulator::TakeActivity() const { return implementation_->TakeActivity(); }
std::uint32_t GateSimulator::clusters() const {
  return implementation_->engine().circuit().clusters;
}
std::uint64_t GateSimulator::toggles() const { return implementation_->engine().toggles; }
std::uint64_t GateSimulator::evaluations() const { return implementation_->engine().evaluations; }
double GateSimulator::settled_after() const { return implementation_->settled_after(); }

}  // namespace systole
