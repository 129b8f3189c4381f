// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/measure.h"

#include <fmt/format.h>

#include "base/error.h"
#include "synth/gates/delays.h"
#include "synth/gates/simulator.h"
#include "synth/overhead/cut_out.h"
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
           const MeasureOptions& options, double& settled, CutRecorder* recorder = nullptr) {
  SimulatorOptions simulator_options;
  simulator_options.timing = timing;
  simulator_options.period = options.period;
  simulator_options.memory_delays = options.memory_delays;
  simulator_options.seed = 0;  // as the simulation of the RTL without noise
  GateSimulator simulator(netlist, simulator_options);
  ReplayOptions replay_options;
  replay_options.first = FrameRecorder::kResetCycles + options.warm_up;
  replay_options.compare_from = FrameRecorder::kResetCycles;
  if (recorder != nullptr) {
    replay_options.after_cycle = [&] {
      recorder->AddCycle([&](std::uint32_t net) { return simulator.Value(net); });
    };
  }
  Replay replay = ReplayRecording(simulator, recording, replay_options);
  if (const auto& difference = replay.difference) {
    throw RunError(fmt::format("the mapped netlist differs from the RTL{}: {} bit {} in cycle {}",
                               timing != nullptr ? " at this clock" : "", difference->port,
                               difference->bit, difference->cycle));
  }
  settled = simulator.settled_after();
  return replay;
}

/// The toggles of the nets that cells outside or of chosen instances drive, from the cut's.
void Blend(const FlatNetlist& netlist, const BlockSample& sample, const CutOut& cut,
           const Activity& timed, Activity& activity) {
  const std::vector<std::uint32_t> drivers = DrivingCells(netlist);
  activity.glitches = true;
  for (std::size_t i = 0; i < cut.nets.size(); ++i) {
    const std::uint32_t net = cut.nets[i], driver = drivers[net];
    if (driver == kNoCell) continue;
    const std::uint32_t block = netlist.cells[driver].block;
    if (!sample.Outside(block) && !sample.Chosen(block)) continue;
    activity.toggles[net] = timed.toggles[i];
    activity.cycles_high[net] = timed.cycles_high[i];
  }
}

MeasuredPower MeasureSample(const FlatNetlist& netlist, const std::vector<Library>& libraries,
                            const PortRecording& recording, const MeasureOptions& options,
                            const Timing& timing, const PowerOptions& power,
                            const BlockSample& sample) {
  const CutOut cut = CutBlocks(netlist, timing, sample.keep);
  CutRecorder recorder(cut, recording);
  MeasuredPower measured;
  double unused = 0;
  Replay still = Run(netlist, recording, nullptr, options, unused, &recorder);
  measured.cycles = still.activity.cycles;
  measured.zero_delay = ComputePower(netlist, libraries, still.activity, power);
  const Replay timed = Run(cut.netlist, recorder.Take(), &cut.timing, options, measured.settled);
  Blend(netlist, sample, cut, timed.activity, still.activity);
  SampledPower estimate = EstimatePower(sample, measured.zero_delay,
                                        ComputePower(netlist, libraries, still.activity, power));
  measured.timed = std::move(estimate.timed);
  measured.interval = estimate.interval;
  measured.sampled = sample.Count();
  measured.sampled_of = sample.chosen.size();
  measured.compared_bits = still.compared_bits + timed.compared_bits;
  return measured;
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
  const BlockSample sample = ChooseBlocks(netlist, options.sample);
  if (sample.Count() != 0) {
    return MeasureSample(netlist, libraries, recording, options, timing, power, sample);
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
