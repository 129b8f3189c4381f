// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_power.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "synth/netlist/cells.h"
#include "synth/overhead/cache_recording.h"
#include "synth/overhead/frame_recorder.h"
#include "synth/overhead/measure.h"
#include "synth/overhead/tcam_reading.h"

namespace systole {
namespace {

constexpr MemoryKind kRam = MemoryKind::kCacheRam;

/// Whether a request was taken in a cycle of the recording.
class Taken {
 public:
  explicit Taken(const PortRecording& ports)
      : ports_(ports),
        valid_(ports.Find("req_valid_i").value()),
        ready_(ports.Find("req_ready_o").value()) {}
  bool operator()(std::uint64_t cycle) const {
    return ports_.Bit(cycle, valid_, 0) && ports_.Bit(cycle, ready_, 0);
  }

 private:
  const PortRecording& ports_;
  std::size_t valid_, ready_;
};

/// The arrays as loads: their energies are EnergyOf's.
std::vector<MemoryPower> Loads(const FlatNetlist& netlist, const std::vector<Library>& libraries) {
  const CellFinder finder(libraries);
  std::vector<MemoryPower> loads;
  for (const FlatMemory& memory : netlist.memories) {
    MemoryPower& load = loads.emplace_back();
    for (const CellPin& pin : finder.Get(memory.type).pins) {
      if (!pin.clock) load.input_capacitance = std::max(load.input_capacitance, pin.capacitance);
    }
  }
  return loads;
}

/// Tags answer earlier than data: as OpenSTA sees it, and not both as the later one.
std::vector<double> Delays(const FlatNetlist& netlist, const CacheMemories& memories) {
  std::map<std::string, double> access;
  for (const MacroCell& cell : RamCells(memories)) access[cell.name] = cell.figures.access.typical;
  std::vector<double> delays;
  for (const FlatMemory& memory : netlist.memories) delays.push_back(access.at(memory.type));
  return delays;
}

void AddLogic(const MeasuredPower& power, GateWindow& window) {
  const double cycle = power.timed.period;
  const double per_access = cycle * static_cast<double>(power.cycles) /
                            static_cast<double>(std::max<std::uint64_t>(1, window.accesses));
  for (const ModulePower& module : power.timed.modules) {
    const PowerParts all = module.own.sum();
    const PowerParts& clock = module.own[PowerGroup::kClock];
    const double standing = clock.total() + all.leakage - clock.leakage;
    LogicEnergy& part = IsTcam(module.module) ? window.tcam : window.logic;
    part.standing += standing * cycle;
    part.active += (all.total() - standing) * per_access;
    window.modules[module.module] += all.total();
  }
}

}  // namespace

GateWindow MeasureWindow(const CacheConfig& config, const SynthesisResult& mapped,
                         const CacheMemories& memories, const GateWindowRequest& request) {
  const CacheRecording recording =
      RecordCache(request.workload, request.layer, config, request.accesses, request.cache_dir);
  const Taken taken(recording.ports);
  const std::uint64_t end = recording.ports.cycles();
  std::uint64_t first = FrameRecorder::kResetCycles;
  while (first < end && !taken(first)) ++first;
  first += (end - first) / 3;
  if (first >= end) throw RequestError("the window of the gates has no access");

  const FlatNetlist flat = Flatten(mapped.netlist, mapped.libraries, {{"cache_ram", kRam}});
  MeasureOptions options;
  options.period = request.period;
  options.wire_per_fanout = request.wire_per_fanout;
  options.warm_up = first - FrameRecorder::kResetCycles;
  options.memories = Loads(flat, mapped.libraries);
  options.memory_delays = Delays(flat, memories);
  const MeasuredPower power = MeasurePower(flat, mapped.libraries, recording.ports, options);

  GateWindow window;
  window.workload = ToString(request.workload.network);
  window.layer = recording.layer;
  window.cycles = power.cycles;
  for (std::uint64_t cycle = first; cycle < end; ++cycle) window.accesses += taken(cycle) ? 1 : 0;
  window.compared_bits = power.compared_bits;
  window.watts = power.timed.watts();
  window.watts_zero_delay = power.zero_delay.watts();
  AddLogic(power, window);
  return window;
}

LogicEnergy MeanLogic(const std::vector<GateWindow>& windows, LogicEnergy GateWindow::*part) {
  LogicEnergy mean;
  double cycles = 0, accesses = 0;
  for (const GateWindow& window : windows) {
    cycles += static_cast<double>(window.cycles);
    accesses += static_cast<double>(window.accesses);
    mean.standing += (window.*part).standing * static_cast<double>(window.cycles);
    mean.active += (window.*part).active * static_cast<double>(window.accesses);
  }
  if (cycles > 0) mean.standing /= cycles;
  if (accesses > 0) mean.active /= accesses;
  return mean;
}

}  // namespace systole
