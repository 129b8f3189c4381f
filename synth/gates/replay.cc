// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "synth/gates/simulator.h"

namespace systole {
namespace {

/// A port in the netlist and in the recording.
struct PortPair {
  std::size_t port;
  std::size_t recorded;
  std::uint32_t width;
};

struct PortPairs {
  std::vector<PortPair> inputs, outputs;
};

PortPairs PairPorts(const GateSimulator& simulator, const PortRecording& recording) {
  const auto& ports = simulator.netlist().ports;
  PortPairs pairs;
  for (std::size_t i = 0; i < recording.ports().size(); ++i) {
    const RecordedPort& recorded = recording.ports()[i];
    const FlatPort& port = ports[simulator.Port(recorded.name)];
    if (port.direction != recorded.direction || port.bits.size() != recorded.width) {
      throw RequestError(
          fmt::format("port {} has {} bits in the netlist, {} in the recording, or another "
                      "direction",
                      recorded.name, port.bits.size(), recorded.width));
    }
    auto& list = recorded.direction == PortDirection::kInput ? pairs.inputs : pairs.outputs;
    list.push_back({static_cast<std::size_t>(&port - ports.data()), i, recorded.width});
  }
  for (const FlatPort& port : ports) {
    if (port.direction == PortDirection::kInput && port.name != simulator.options().clock &&
        !recording.Find(port.name)) {
      throw RequestError(fmt::format("input {} of the netlist was not recorded", port.name));
    }
  }
  return pairs;
}

/// Calls `use(first, width)` for runs of at most 64 bits.
template <typename Use>
void ForRuns(std::uint32_t width, const Use& use) {
  for (std::uint32_t first = 0; first < width; first += 64) {
    use(first, std::min<std::uint32_t>(64, width - first));
  }
}

void Compare(const GateSimulator& simulator, const PortRecording& recording, const PortPairs& pairs,
             std::uint64_t cycle, Replay& replay) {
  for (const PortPair& pair : pairs.outputs) {
    ForRuns(pair.width, [&](std::uint32_t first, std::uint32_t width) {
      const std::uint64_t expected = recording.Bits(cycle, pair.recorded, first, width);
      const std::uint64_t wrong = expected ^ simulator.Output(pair.port, first, width);
      replay.compared_bits += width;
      if (wrong == 0 || replay.difference) return;
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(wrong));
      replay.difference = ReplayDifference{cycle, recording.ports()[pair.recorded].name,
                                           first + bit, (expected >> bit & 1) != 0};
    });
  }
}

}  // namespace

Replay ReplayRecording(GateSimulator& simulator, const PortRecording& recording,
                       const ReplayOptions& options) {
  const PortPairs pairs = PairPorts(simulator, recording);
  if (options.first >= recording.cycles() || options.count > recording.cycles() - options.first) {
    throw RequestError(fmt::format("cycles {} to {} do not lie in a recording of {}", options.first,
                                   options.first + options.count, recording.cycles()));
  }
  const std::uint64_t end = options.count == 0 ? recording.cycles() : options.first + options.count;
  Replay replay;
  for (std::uint64_t cycle = 0; cycle < end && !replay.difference; ++cycle) {
    if (cycle == options.first) simulator.ResetActivity();
    for (const PortPair& pair : pairs.inputs) {
      ForRuns(pair.width, [&](std::uint32_t first, std::uint32_t width) {
        simulator.SetInput(pair.port, first, width,
                           recording.Bits(cycle, pair.recorded, first, width));
      });
    }
    simulator.RunCycle();
    ++replay.cycles;
    if (options.after_cycle) options.after_cycle();
    if (cycle >= options.compare_from) Compare(simulator, recording, pairs, cycle, replay);
  }
  replay.activity = simulator.TakeActivity();
  return replay;
}

}  // namespace systole
