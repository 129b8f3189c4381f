// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_overhead.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gen/nullcache/data_cache.h"
#include "sw/cache_study/points.h"
#include "tb/result_store.h"

namespace systole {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PathStep, module, cells, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CachePath, name, period, from, to, null_cache, tcam, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CacheTiming, period, from, to, paths, tool)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogicEnergy, standing, active)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GateWindow, workload, layer, cycles, accesses, compared_bits,
                                   watts, watts_zero_delay, modules, logic, tcam)

namespace {

using nlohmann::json;

constexpr double kClockRoom = 1.05;  // of the windows over OpenSTA's clock

/// What models have in common errs together.
Band Difference(const Band& a, const Band& b) {
  const double low = a.low - b.low, high = a.high - b.high;
  return {std::min(low, high), a.typical - b.typical, std::max(low, high)};
}

SynthesisResult Map(const CacheVariant& variant, const CacheMemories& memories,
                    const MacroNode& node, const std::vector<Library>& libraries,
                    const CacheOverheadSettings& settings) {
  SynthesisRequest request =
      MappingOf(BuildDataCache(variant.config), libraries, variant.name, settings);
  request.black_boxes = {"cache_ram"};
  request.macro_liberty = [&](const std::vector<MacroUse>&) {
    return MacroLiberty("memories", RamCells(memories), node);
  };
  return Synthesize(request);
}

CacheFigures Figures(const CacheVariant& variant, const CacheMemories& memories,
                     const DesignArea& area) {
  CacheFigures figures;
  figures.name = variant.name;
  figures.config = variant.config;
  figures.memories = memories;
  for (const ModuleArea& module : area.modules) {
    const double um2 = (module.area - module.macro_area) * static_cast<double>(module.instances);
    figures.modules[module.block] += um2;
    (IsTcam(module.block) ? figures.tcam_flip_flops : figures.logic) += um2;
  }
  figures.clock_buffer_area = area.total.clock_buffer_area;
  figures.cells = area.total.cells;
  figures.registers = area.total.registers;
  return figures;
}

/// What every result of a cache depends on.
json Description(const SynthesisResult& mapped, const CacheOverheadSettings& settings) {
  return {{"program", ProgramHash()},
          {"rtl", mapped.provenance.rtl_hash},
          {"options", mapped.provenance.options},
          {"libraries", mapped.provenance.libraries},
          {"wire", settings.wire_per_fanout}};
}

CacheTiming TimingOf(const CacheVariant& variant, const SynthesisResult& mapped,
                     const CacheOverheadSettings& settings) {
  json description = Description(mapped, settings);
  description["what"] = "timing";
  return Kept<CacheTiming>(settings.store, description, [&] {
    settings.Say(variant.name, "OpenSTA");
    return TimeCache(mapped, settings.wire_per_fanout, settings.cancelled);
  });
}

/// The windows of one cache. It is mapped again, from what is kept, when a window is missing.
std::vector<GateWindow> Windows(const CacheVariant& variant, const CacheFigures& figures,
                                const CacheOverhead& overhead, const json& description,
                                const std::vector<Library>& libraries,
                                const CacheOverheadSettings& settings) {
  std::optional<SynthesisResult> mapped;
  std::vector<GateWindow> windows;
  for (const std::string& layer : settings.layers) {
    if (settings.cancelled && settings.cancelled()) throw RunError("interrupted");
    GateWindowRequest request;
    request.workload = settings.workloads.at(0);
    request.layer = layer;
    request.accesses = settings.window;
    request.period = overhead.period;
    request.wire_per_fanout = settings.wire_per_fanout;
    request.cache_dir = settings.cache_dir;
    json key = description;
    key["window"] = {Describe(request.workload), layer, request.accesses, request.period};
    windows.push_back(Kept<GateWindow>(settings.store, key, [&] {
      if (!mapped) mapped = Map(variant, figures.memories, overhead.node, libraries, settings);
      settings.Say(variant.name, "gates on " + ToString(request.workload.network) + " " + layer);
      return MeasureWindow(variant.config, *mapped, figures.memories, request);
    }));
  }
  return windows;
}

/// What each cache does in an inference.
std::vector<CacheCounts> Counts(const std::vector<CacheVariant>& variants,
                                const WorkloadRequest& workload,
                                const CacheOverheadSettings& settings) {
  std::vector<CachePoint> points;
  json names = json::array();
  for (const CacheVariant& variant : variants) {
    CachePoint point;
    point.name = variant.name;
    point.config = variant.config;
    point.config.null.approximation = false;  // thresholds are off: the same accesses
    names.push_back(Describe(point));
    points.push_back(std::move(point));
  }
  const json key = {{"program", ProgramHash()},
                    {"workload", Describe(workload)},
                    {"traced", settings.sampling.accesses_per_layer},
                    {"caches", names}};
  return Kept<std::vector<CacheCounts>>(settings.store, key, [&] {
    settings.Say(variants.front().name, "accesses of " + ToString(workload.network));
    MemoryImage image(variants.front().config.address_width);
    const Workload built = BuildWorkload(workload, image);
    std::vector<CacheCounts> counts;
    const auto runs = RunCaches(built.program, image, points, settings.sampling, [&](std::size_t) {
      if (settings.cancelled && settings.cancelled()) throw RunError("interrupted");
    });
    for (const CacheRun& run : runs) counts.push_back(run.Total());
    return counts;
  });
}

double SlowestPeriod(const CacheOverhead& overhead) {
  double slowest = 0;
  for (const CacheFigures& cache : overhead.caches) {
    if (!cache.timing)
      throw RequestError("power needs a clock period, or the timing that gives it");
    slowest = std::max(slowest, cache.timing->period);
  }
  return PeriodWithRoom(slowest, kClockRoom);
}

void AddPower(const std::vector<CacheVariant>& variants, const std::vector<json>& descriptions,
              const std::vector<Library>& libraries, const CacheOverheadSettings& settings,
              CacheOverhead& overhead) {
  const MainMemory& memory = FindMemory(settings.memory);
  overhead.memory = memory.name;
  overhead.period = settings.period != 0 ? settings.period : SlowestPeriod(overhead);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    overhead.caches[i].windows =
        Windows(variants[i], overhead.caches[i], overhead, descriptions[i], libraries, settings);
  }
  for (const WorkloadRequest& workload : settings.workloads) {
    const std::vector<CacheCounts> counts = Counts(variants, workload, settings);
    for (std::size_t i = 0; i < variants.size(); ++i) {
      CacheFigures& cache = overhead.caches[i];
      cache.inferences.push_back(EnergyOfInference(ToString(workload.network), cache.config,
                                                   cache.memories, counts[i], cache.windows,
                                                   overhead.period, memory));
    }
  }
}

}  // namespace

Band CacheFigures::TcamArea(TcamReading reading) const {
  return reading == TcamReading::kMacro ? memories.TcamArea() : Band::Exactly(tcam_flip_flops);
}

Band CacheFigures::Area(TcamReading reading) const {
  return Band::Exactly(logic) + memories.L1Area() + TcamArea(reading);
}

CacheOverhead MeasureCacheOverhead(const std::vector<CacheVariant>& variants,
                                   const Library& library, const CacheOverheadSettings& settings) {
  if (variants.empty()) throw RequestError("there is no cache to measure");
  const std::vector<Library> libraries = {library};
  CacheOverhead overhead;
  overhead.library = library.name;
  overhead.library_hash = library.hash;
  overhead.nand2_area = library.Nand2Area();
  overhead.node = NodeOf(library);
  overhead.sram = settings.sram;
  std::vector<json> descriptions;
  for (const CacheVariant& variant : variants) {
    const CacheMemories memories = MemoriesOf(variant.config, overhead.node, settings.sram);
    const SynthesisResult result = Map(variant, memories, overhead.node, libraries, settings);
    CacheFigures figures = Figures(variant, memories, result.area);
    if (settings.timing) figures.timing = TimingOf(variant, result, settings);
    overhead.caches.push_back(std::move(figures));
    overhead.provenance = result.provenance;
    descriptions.push_back(Description(result, settings));
  }
  if (settings.power) AddPower(variants, descriptions, libraries, settings, overhead);
  return overhead;
}

CacheExtension ExtensionOf(const CacheOverhead& overhead, const CacheFigures& cache,
                           TcamReading reading, std::size_t inference) {
  const CacheFigures& first = overhead.caches.front();
  CacheExtension extension;
  extension.l1_area = first.Area(reading);
  extension.area = Difference(cache.Area(reading), extension.l1_area);
  if (inference < cache.inferences.size()) {
    const auto watts = [&](const CacheFigures& figures) {
      const CacheInference& run = figures.inferences[inference];
      return 1 / (run.counts.cycles * overhead.period) * run.OnChip(reading);
    };
    extension.l1_power = watts(first);
    extension.power = Difference(watts(cache), *extension.l1_power);
  }
  return extension;
}

}  // namespace systole
