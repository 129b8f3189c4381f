// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/measure.h"

#include <fmt/format.h>

#include "base/error.h"
#include "synth/gates/delays.h"
#include "synth/gates/simulator.h"
#include "synth/overhead/frame_recorder.h"

namespace systole {
namespace {

constexpr const char* kClock = "clk_i";
/// Transition at input ports and at clock pins: what a buffer of the library about gives.
constexpr double kTransition = 0.1e-9;

DelayOptions Delays(double wire_per_fanout) {
  DelayOptions options;
  options.wire_capacitance = wire_per_fanout;
  options.input_transition = kTransition;
  options.clock_transition = kTransition;
  options.clock = kClock;
  return options;
}

Replay Run(const FlatNetlist& netlist, const PortRecording& recording, const Timing* timing,
           const MeasureOptions& options, double& settled) {
  SimulatorOptions simulator_options;
  simulator_options.timing = timing;
  simulator_options.period = options.period;
  simulator_options.memory_delays = options.memory_delays;
  simulator_options.seed = 0;  // as the simulation of the RTL without noise
  GateSimulator simulator(netlist, simulator_options);
  ReplayOptions replay_options;
  replay_options.first = FrameRecorder::kResetCycles + options.warm_up;
  replay_options.compare_from = FrameRecorder::kResetCycles;
  Replay replay = ReplayRecording(simulator, recording, replay_options);
  if (const auto& difference = replay.difference) {
    throw RunError(fmt::format("the mapped netlist differs from the RTL{}: {} bit {} in cycle {}",
                               timing != nullptr ? " at this clock" : "", difference->port,
                               difference->bit, difference->cycle));
  }
  settled = simulator.settled_after();
  return replay;
}

}  // namespace

double MeasuredPower::GlitchShare() const {
  return zero_delay.watts() == 0 ? 0 : timed.watts() / zero_delay.watts() - 1;
}

MeasuredPower MeasurePower(const FlatNetlist& netlist, const std::vector<Library>& libraries,
                           const PortRecording& recording, const MeasureOptions& options) {
  const Timing timing = CalculateTiming(netlist, Delays(options.wire_per_fanout));
  PowerOptions power;
  power.clock = kClock;
  power.wire_per_fanout = options.wire_per_fanout;
  power.memories = options.memories;
  for (std::size_t net = 0; net < timing.slew_rise.size(); ++net) {
    power.slews.push_back(
        (static_cast<double>(timing.slew_rise[net]) + static_cast<double>(timing.slew_fall[net])) /
        2);
  }
  MeasuredPower measured;
  double unused = 0;
  const Replay still = Run(netlist, recording, nullptr, options, unused);
  measured.cycles = still.activity.cycles;
  measured.zero_delay = ComputePower(netlist, libraries, still.activity, power);
  const Replay timed = Run(netlist, recording, &timing, options, measured.settled);
  measured.timed = ComputePower(netlist, libraries, timed.activity, power);
  measured.compared_bits = still.compared_bits + timed.compared_bits;
  return measured;
}

double RegisterDelay(const FlatNetlist& netlist, double wire_per_fanout) {
  const Timing timing = CalculateTiming(netlist, Delays(wire_per_fanout));
  return timing.register_path ? timing.register_path->seconds : 0;
}

}  // namespace systole
