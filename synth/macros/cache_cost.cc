// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/cache_cost.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "synth/macros/arrange.h"

namespace systole {
namespace {

CacheMemory Memory(const MacroShape& shape, int count, const MacroNode& node, SramReading reading) {
  if (reading == SramReading::kModelled) {
    return {shape, count, ModelSram(shape, node), "modelled"};
  }
  const Arrangement made = ArrangeSram(shape);
  return {shape, count, made.figures,
          fmt::format("{} x {} {}", made.down, made.across, made.macro.name)};
}

Band Slower(const Band& a, const Band& b) {
  return {std::max(a.low, b.low), std::max(a.typical, b.typical), std::max(a.high, b.high)};
}

}  // namespace

CacheMemories MemoriesOf(const CacheConfig& config, const MacroNode& node, SramReading reading) {
  std::vector<Problem> problems = Check(config);
  if (!problems.empty()) throw RequestError(std::move(problems));
  if (reading == SramReading::kReal && !HasRealSram(node)) {
    throw RequestError(
        fmt::format("there are no SRAM macros of {} um and {} V: their costs can "
                    "only be modelled",
                    node.feature, node.voltage));
  }
  const int tag_bits = LineAddressBits(config) - IndexBits(config);
  CacheMemories memories;
  memories.tags = Memory({Sets(config), tag_bits + 1}, config.ways, node, reading);
  memories.data =
      Memory({Sets(config) * LineWords(config), 8 * kCacheWordBytes}, config.ways, node, reading);
  if (config.null_cache) {
    const MacroShape shape = {config.null.entries, LineAddressBits(config)};
    memories.tcam = CacheMemory{shape, 1, ModelTcam(shape, node), "modelled"};
  }
  return memories;
}

std::vector<MacroCell> RamCells(const CacheMemories& memories) {
  std::vector<MacroCell> cells;
  for (const CacheMemory* memory : {&memories.tags, &memories.data}) {
    const std::string name = MacroName(memory->shape);
    if (!cells.empty() && cells.front().name == name) continue;  // a Liberty file has each once
    cells.push_back({name, memory->shape, memory->figures});
  }
  return cells;
}

CacheEvents EventsOf(const CacheCounters& counters, const CacheArrayUse& use, double seconds) {
  const auto real = [](std::uint64_t count) { return static_cast<double>(count); };
  return {.accesses = real(counters.accesses),
          .store_hits = real(use.store_hits),
          .installs = real(use.installs),
          .victim_copies = real(use.victim_copies),
          .zero_moves = real(use.zero_moves),
          .merger_searches = real(use.tcam.searches + use.tcam.compares),
          .entry_reads = real(use.tcam.reads),
          .entry_writes = real(use.tcam.writes),
          .line_transfers = real(counters.fills + counters.write_backs),
          .seconds = seconds};
}

CacheEnergy EnergyOf(const CacheConfig& config, const CacheMemories& memories,
                     const CacheEvents& events, const MainMemory& memory) {
  const MacroFigures &tag = memories.tags.figures, &data = memories.data.figures;
  const double reads = config.ways * events.accesses, words = LineWords(config);
  const double bits = 8.0 * config.line_bytes;
  CacheEnergy energy;
  energy.tags = reads * tag.read + (events.installs + events.zero_moves) * tag.write;
  energy.data = (reads + words * events.victim_copies) * data.read +
                (events.store_hits + words * events.installs) * data.write;
  if (memories.tcam) {
    const MacroFigures& tcam = memories.tcam->figures;
    energy.tcam = (events.accesses + events.merger_searches) * tcam.search +
                  events.entry_reads * tcam.read + events.entry_writes * tcam.write;
  }
  energy.leakage = events.seconds * (memories.L1Leakage() + memories.TcamLeakage());
  energy.memory = events.line_transfers * bits *
                  Band{memory.low, std::sqrt(memory.low * memory.high), memory.high};
  return energy;
}

const MainMemory& FindMemory(const std::string& name) {
  std::string known;
  for (const MainMemory& memory : Macros().memories) {
    if (memory.name == name) return memory;
    known += (known.empty() ? "" : ", ") + memory.name;
  }
  throw RequestError("memory " + name + " is unknown", "use one of " + known);
}

CacheCost CostOf(const CacheConfig& config, const MacroNode& node, SramReading reading) {
  const CacheMemories memories = MemoriesOf(config, node, reading);
  const MainMemory none;
  const CacheEvents load = {.accesses = 1};
  const CacheEvents store = {.accesses = 1, .store_hits = 1};
  CacheCost cost;
  cost.l1_area = memories.L1Area();
  cost.tcam_area = memories.TcamArea();
  cost.load = EnergyOf(config, memories, load, none).OnChip();
  cost.store = EnergyOf(config, memories, store, none).OnChip();
  cost.leakage = memories.L1Leakage() + memories.TcamLeakage();
  cost.access = Slower(memories.tags.figures.access, memories.data.figures.access);
  if (memories.tcam) cost.access = Slower(cost.access, memories.tcam->figures.access);
  return cost;
}

}  // namespace systole
