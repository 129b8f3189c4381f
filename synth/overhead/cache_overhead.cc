// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_overhead.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gen/nullcache/data_cache.h"
#include "tb/result_store.h"

namespace systole {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PathStep, module, cells, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CachePath, name, period, from, to, null_cache, tcam, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CacheTiming, period, from, to, paths, tool)

namespace {

using nlohmann::json;

Band Difference(const Band& a, const Band& b) {
  return {a.low - b.low, a.typical - b.typical, a.high - b.high};
}

void Say(const CacheOverheadSettings& settings, const CacheVariant& variant,
         const std::string& text) {
  if (settings.on_progress) settings.on_progress(fmt::format("{}: {}", variant.name, text));
}

SynthesisResult Map(const CacheVariant& variant, const CacheMemories& memories,
                    const MacroNode& node, const std::vector<Library>& libraries,
                    const CacheOverheadSettings& settings) {
  const rtl::Design design = BuildDataCache(variant.config);
  SynthesisRequest request;
  request.files = rtl::VerilogFiles(design);
  request.top = design.top;
  request.black_boxes = {"cache_ram"};
  request.libraries = &libraries;
  request.macro_liberty = [&](const std::vector<MacroUse>&) {
    return MacroLiberty("memories", RamCells(memories), node);
  };
  request.buffers.wire_capacitance = settings.wire_per_fanout;
  request.cache_dir = settings.cache_dir;
  request.jobs = settings.jobs;
  request.cancelled = settings.cancelled;
  request.on_progress = [&](const std::string& text) { Say(settings, variant, text); };
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

/// What `make` gives, or gave before.
template <typename T, typename Make>
T Stored(const json& description, const CacheOverheadSettings& settings, Make make) {
  if (settings.store.empty()) return make();
  ResultStore store(settings.store);
  if (const auto found = store.Find(description)) return found->get<T>();
  const T result = make();
  store.Put(description, result);
  return result;
}

CacheTiming Timing(const CacheVariant& variant, const SynthesisResult& mapped,
                   const CacheOverheadSettings& settings) {
  json description = Description(mapped, settings);
  description["what"] = "timing";
  return Stored<CacheTiming>(description, settings, [&] {
    Say(settings, variant, "OpenSTA");
    return TimeCache(mapped, settings.wire_per_fanout, settings.cancelled);
  });
}

}  // namespace

bool IsTcam(const std::string& module) { return module == "tcam" || module.starts_with("tcam_"); }

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
  for (const CacheVariant& variant : variants) {
    const CacheMemories memories = MemoriesOf(variant.config, overhead.node, settings.sram);
    const SynthesisResult result = Map(variant, memories, overhead.node, libraries, settings);
    CacheFigures figures = Figures(variant, memories, result.area);
    if (settings.timing) figures.timing = Timing(variant, result, settings);
    overhead.caches.push_back(std::move(figures));
    overhead.provenance = result.provenance;
  }
  return overhead;
}

CacheExtension AreaExtension(const CacheFigures& baseline, const CacheFigures& cache,
                             TcamReading reading) {
  CacheExtension extension;
  extension.l1_area = baseline.Area(reading);
  extension.area = Difference(cache.Area(reading), extension.l1_area);
  return extension;
}

}  // namespace systole
