// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_energy.h"

#include "synth/overhead/cache_events.h"

namespace systole {
namespace {

double Joules(const LogicEnergy& logic, const CacheCounts& counts) {
  return logic.standing * counts.cycles + logic.active * counts.accesses;
}

}  // namespace

Band CacheInference::Tcam(TcamReading reading) const {
  return reading == TcamReading::kMacro ? tcam_macro : Band::Exactly(tcam_flip_flops);
}

Band CacheInference::OnChip(TcamReading reading) const {
  return arrays.OnChip() + Tcam(reading) + Band::Exactly(logic);
}

Band CacheInference::Total(TcamReading reading) const { return OnChip(reading) + arrays.memory; }

double CacheInference::Standing(TcamReading reading) const {
  return standing + (reading == TcamReading::kFlipFlops ? tcam_standing : 0);
}

CacheInference EnergyOfInference(const std::string& workload, const CacheConfig& config,
                                 const CacheMemories& memories, const CacheCounts& counts,
                                 const std::vector<GateWindow>& windows, double period,
                                 const MainMemory& memory) {
  const CacheEvents events = EventsOf(counts, 1 / period);
  CacheInference inference{workload, counts, {}, {}, 0, 0, 0, 0};
  CacheMemories l1 = memories;
  l1.tcam.reset();
  inference.arrays = EnergyOf(config, l1, events, memory);
  inference.tcam_macro =
      EnergyOf(config, memories, events, memory).tcam + events.seconds * memories.TcamLeakage();
  const LogicEnergy tcam = MeanLogic(windows, &GateWindow::tcam);
  inference.tcam_flip_flops = Joules(tcam, counts);
  inference.tcam_standing = tcam.standing * counts.cycles;
  const LogicEnergy logic = MeanLogic(windows, &GateWindow::logic);
  inference.logic = Joules(logic, counts);
  inference.standing = logic.standing * counts.cycles;
  return inference;
}

}  // namespace systole
