// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cache_overhead_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "sw/cli/band_json.h"
#include "sw/cli/cache_energy_report.h"
#include "sw/cli/cache_words.h"
#include "sw/cli/table.h"
#include "sw/study/chart.h"
#include "synth/macros/processor.h"

namespace systole {
namespace {

using nlohmann::json;

constexpr TcamReading kReadings[] = {TcamReading::kMacro, TcamReading::kFlipFlops};

/// Over the L1 and over processors, at the clock of the power.
std::vector<OverheadReading> OverheadsOf(const CacheOverhead& overhead, const CacheFigures& cache,
                                         TcamReading reading) {
  constexpr double kAnyClock = 1e8;  // areas do not depend on it
  return Overheads(ExtensionOf(overhead, cache, reading), overhead.node, overhead.nand2_area,
                   overhead.period > 0 ? 1 / overhead.period : kAnyClock);
}

std::string Mm2(double um2) { return fmt::format("{:.3f}", um2 * 1e-6); }
std::string Mm2(const Band& um2) {
  return um2.low == um2.high
             ? Mm2(um2.typical)
             : fmt::format("{} ({} to {})", Mm2(um2.typical), Mm2(um2.low), Mm2(um2.high));
}
/// "5.2 % (3.1 to 9.0)"
std::string PercentBand(const Band& percent) {
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", percent.typical, percent.low, percent.high);
}

TextTable AreaTable(const std::vector<CacheOverhead>& overheads) {
  TextTable table;
  table.columns = {{"library"},
                   {"cache"},
                   {"SRAM mm2", true},
                   {"logic mm2", true},
                   {"TCAM: macro mm2", true},
                   {"all mm2", true},
                   {"over the first", true},
                   {"TCAM: flip-flops mm2", true},
                   {"all mm2", true},
                   {"over the first", true}};
  for (const CacheOverhead& overhead : overheads) {
    const CacheFigures& first = overhead.caches.front();
    for (const CacheFigures& cache : overhead.caches) {
      std::vector<std::string>& row = table.rows.emplace_back();
      row = {overhead.library, cache.name, Mm2(cache.memories.L1Area().typical), Mm2(cache.logic)};
      for (const TcamReading reading : kReadings) {
        const double all = cache.Area(reading).typical;
        row.push_back(cache.config.null_cache ? Mm2(cache.TcamArea(reading)) : "");
        row.push_back(Mm2(all));
        row.push_back(&cache == &first ? "" : Over(first.Area(reading).typical, all));
      }
    }
  }
  return table;
}

TextTable BlockTable(const CacheOverhead& overhead, const CacheFigures& cache) {
  const CacheFigures& first = overhead.caches.front();
  const double base = first.Area(TcamReading::kMacro).typical;
  TextTable table;
  table.columns = {{fmt::format("{} {}: block", cache.name, overhead.library)},
                   {fmt::format("{} um2", first.name), true},
                   {"um2", true},
                   {"more um2", true},
                   {fmt::format("of {}", first.name), true}};
  for (const auto& [block, area] : cache.modules) {
    const auto found = first.modules.find(block);
    const double before = found == first.modules.end() ? 0 : found->second;
    table.rows.push_back({block + (IsTcam(block) ? " (flip-flops)" : ""),
                          fmt::format("{:.0f}", before), fmt::format("{:.0f}", area),
                          fmt::format("{:.0f}", area - before),
                          fmt::format("{:+.2f} %", 100 * (area - before) / base)});
  }
  return table;
}

/// Percent of the L1 and of processors, of power only where it is known.
TextTable ProcessorTable(const std::vector<CacheOverhead>& overheads, bool power) {
  TextTable table;
  table.columns = {{"library"}, {"cache"}, {"TCAM"}};
  for (const CacheOverhead& overhead : overheads) {
    for (std::size_t i = 1; i < overhead.caches.size(); ++i) {
      const CacheFigures& cache = overhead.caches[i];
      for (const TcamReading reading : kReadings) {
        if (!cache.config.null_cache && reading == TcamReading::kFlipFlops) continue;
        std::vector<std::string> row = {overhead.library, cache.name,
                                        cache.config.null_cache ? Name(reading) : ""};
        const bool titles = table.rows.empty();
        for (const OverheadReading& over : OverheadsOf(overhead, cache, reading)) {
          if (power && !over.power_percent) continue;
          if (titles) table.columns.push_back({"over " + over.name, true});
          row.push_back(PercentBand(power ? *over.power_percent : over.area_percent));
        }
        table.rows.push_back(std::move(row));
      }
    }
  }
  return table;
}

/// "cache_ram 4.35, data_cache 2.38 (12 cells)"
std::string Steps(const CachePath& path) {
  std::string text;
  for (const PathStep& step : path.steps) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", step.module, Nanoseconds(step.seconds));
    if (step.cells > 1) text += fmt::format(" ({} cells)", step.cells);
  }
  return text;
}

bool Timed(const std::vector<CacheOverhead>& overheads) {
  return overheads.front().caches.front().timing.has_value();
}

/// The clock of each cache and the worst path of each kind.
TextTable ClockTable(const std::vector<CacheOverhead>& overheads) {
  TextTable table;
  table.columns = {{"library"}, {"cache"}, {"clock MHz", true}, {"ns", true}};
  for (const char* name : kCachePaths) table.columns.push_back({name, true});
  table.columns.push_back({"a hit waits for the null cache"});
  table.columns.push_back({"a custom TCAM's search ns", true});
  for (const CacheOverhead& overhead : overheads) {
    for (const CacheFigures& cache : overhead.caches) {
      std::vector<std::string>& row = table.rows.emplace_back();
      row = {overhead.library, cache.name, fmt::format("{:.1f}", 1e-6 / cache.timing->period),
             Nanoseconds(cache.timing->period)};
      for (const char* name : kCachePaths) {
        const CachePath* path = FindPath(*cache.timing, name);
        row.push_back(path == nullptr ? "" : Nanoseconds(path->period));
      }
      row.emplace_back(!cache.config.null_cache ? "" : HitWaits(*cache.timing) ? "yes" : "no");
      if (const auto& tcam = cache.memories.tcam) {
        const Band& search = tcam->figures.access;
        row.push_back(fmt::format("{} ({} to {})", Nanoseconds(search.typical),
                                  Nanoseconds(search.low), Nanoseconds(search.high)));
      } else {
        row.emplace_back();
      }
    }
  }
  return table;
}

TextTable PathTable(const CacheOverhead& overhead, const CacheFigures& cache) {
  TextTable table;
  table.columns = {{fmt::format("{} {}: path", cache.name, overhead.library)},
                   {"ns", true},
                   {"TCAM ns", true},
                   {"from"},
                   {"to"},
                   {"through: ns"}};
  for (const CachePath& path : cache.timing->paths) {
    table.rows.push_back({path.name, Nanoseconds(path.period),
                          path.tcam == 0 ? "" : Nanoseconds(path.tcam), path.from, path.to,
                          Steps(path)});
  }
  return table;
}

json TimingJson(const CacheTiming& timing) {
  json paths = json::array();
  for (const CachePath& path : timing.paths) {
    json steps = json::array();
    for (const PathStep& step : path.steps) {
      steps.push_back({{"module", step.module}, {"cells", step.cells}, {"seconds", step.seconds}});
    }
    paths.push_back({{"name", path.name},
                     {"period_s", path.period},
                     {"from", path.from},
                     {"to", path.to},
                     {"through_null_cache", path.null_cache},
                     {"tcam_s", path.tcam},
                     {"steps", steps}});
  }
  return {{"period_s", timing.period},
          {"from", timing.from},
          {"to", timing.to},
          {"hit_waits_for_null_cache", HitWaits(timing)},
          {"paths", paths},
          {"tool", timing.tool}};
}

json CacheJson(const CacheOverhead& overhead, const CacheFigures& cache) {
  json result = {{"name", cache.name},
                 {"cache", cache.config},
                 {"logic_um2", cache.logic},
                 {"tags_and_data_um2", Json(cache.memories.L1Area())},
                 {"tcam_flip_flops_um2", cache.tcam_flip_flops},
                 {"tcam_macro_um2", Json(cache.memories.TcamArea())},
                 {"tcam_macro_search_s",
                  Json(cache.memories.tcam ? cache.memories.tcam->figures.access : Band{})},
                 {"clock_buffer_area_um2", cache.clock_buffer_area},
                 {"cells", cache.cells},
                 {"registers", cache.registers},
                 {"area_um2_by_module", cache.modules}};
  if (cache.timing) result["timing"] = TimingJson(*cache.timing);
  if (!cache.windows.empty()) {
    result["windows"] = WindowsJson(cache);
    result["inferences"] = InferencesJson(cache);
  }
  const CacheFigures& first = overhead.caches.front();
  if (&cache == &first) return result;
  for (const TcamReading reading : kReadings) {
    json list = json::array();
    for (const OverheadReading& over : OverheadsOf(overhead, cache, reading)) {
      list.push_back({{"over", over.name},
                      {"what", over.what},
                      {"base_um2", Json(over.area)},
                      {"area_percent", Json(over.area_percent)}});
      if (over.power_percent) {
        list.back()["base_w"] = Json(*over.power);
        list.back()["power_percent"] = Json(*over.power_percent);
      }
    }
    result[reading == TcamReading::kMacro ? "overheads_tcam_macro" : "overheads_tcam_flip_flops"] =
        list;
  }
  return result;
}

/// Areas of all caches, one on top of the other: arrays, TCAM as a macro, blocks of the logic.
std::string PlotArea(const std::vector<CacheOverhead>& overheads) {
  Chart chart;
  chart.title = "Area of data caches by block; TCAM as a custom macro, modelled";
  chart.value_axis = "mm2";
  chart.slanted = true;
  chart.digits = 2;
  std::set<std::string> blocks;
  for (const CacheOverhead& overhead : overheads) {
    for (const CacheFigures& cache : overhead.caches) {
      chart.categories.push_back(overheads.size() == 1
                                     ? ChartName(cache)
                                     : ChartName(cache) + " " +
                                           overhead.library.substr(0, overhead.library.find('_')));
      for (const auto& [block, area] : cache.modules) {
        if (!IsTcam(block)) blocks.insert(block);
      }
    }
  }
  const auto add = [&](const std::string& name, const auto& area) {
    ChartSeries series{name, {}, {}};
    for (const CacheOverhead& overhead : overheads) {
      for (const CacheFigures& cache : overhead.caches) {
        series.values.emplace_back(area(cache) * 1e-6);
      }
    }
    chart.series.push_back(std::move(series));
  };
  add("SRAM", [](const CacheFigures& cache) { return cache.memories.L1Area().typical; });
  add("TCAM", [](const CacheFigures& cache) { return cache.memories.TcamArea().typical; });
  for (const std::string& block : blocks) {
    add(block, [&](const CacheFigures& cache) {
      const auto found = cache.modules.find(block);
      return found == cache.modules.end() ? 0.0 : found->second;
    });
  }
  return DrawStacks(chart);
}

}  // namespace

std::string ToText(const std::vector<CacheOverhead>& overheads, bool blocks) {
  std::string text =
      fmt::format("null cache: the L1 data cache with it over {} without\n\n{}",
                  overheads.front().caches.front().name, ToText(AreaTable(overheads)));
  if (blocks) {
    for (const CacheOverhead& overhead : overheads) {
      for (std::size_t i = 1; i < overhead.caches.size(); ++i) {
        text += fmt::format("\n{}", ToText(BlockTable(overhead, overhead.caches[i])));
      }
    }
  }
  if (Timed(overheads)) {
    text += fmt::format("\n{}", ToText(ClockTable(overheads)));
    for (const CacheOverhead& overhead : overheads) {
      for (const CacheFigures& cache : overhead.caches) {
        if (blocks) text += fmt::format("\n{}", ToText(PathTable(overhead, cache)));
      }
    }
  }
  text += EnergyText(overheads, blocks);
  text += fmt::format("\narea that is added, typical (low to high)\n{}",
                      ToText(ProcessorTable(overheads, false)));
  if (overheads.front().period > 0) {
    text += fmt::format(
        "\npower that is added in an inference of {}, on chip, typical (low to high)\n{}",
        overheads.front().caches.front().inferences.front().workload,
        ToText(ProcessorTable(overheads, true)));
  }
  text +=
      "published, over a whole processor: area +0.1 %, power +3.8 %\n"
      "Logic is mapped; SRAM and the custom TCAM are modelled, with bands; caches without "
      "counters. "
      "l1: the\nfirst cache; the others: processors with caches of that size "
      "(docs/synthesis-memories.md).\n";
  std::set<std::string> sources;
  for (const CacheOverhead& overhead : overheads) {
    sources.insert(
        fmt::format("{}, {}, SRAM {}", overhead.provenance.yosys, overhead.provenance.options,
                    overhead.sram == SramReading::kReal ? "of macros that exist" : "modelled"));
    for (const std::string& library : overhead.provenance.libraries) sources.insert(library);
    if (Timed(overheads)) sources.insert(overhead.caches.front().timing->tool);
  }
  for (const std::string& source : sources) text += source + "\n";
  return text;
}

json ToJson(const std::vector<CacheOverhead>& overheads) {
  json list = json::array();
  for (const CacheOverhead& overhead : overheads) {
    json caches = json::array();
    for (const CacheFigures& cache : overhead.caches) caches.push_back(CacheJson(overhead, cache));
    list.push_back({{"library", overhead.library},
                    {"library_hash", overhead.library_hash},
                    {"nand2_area_um2", overhead.nand2_area},
                    {"feature_um", overhead.node.feature},
                    {"voltage", overhead.node.voltage},
                    {"sram", overhead.sram == SramReading::kReal ? "real" : "modelled"},
                    {"period_s", overhead.period},
                    {"memory", overhead.memory},
                    {"yosys", overhead.provenance.yosys},
                    {"options", overhead.provenance.options},
                    {"caches", caches}});
  }
  return list;
}

void WritePlots(const std::filesystem::path& folder, const std::vector<CacheOverhead>& overheads) {
  WriteFile(folder / "overhead-cache-area.svg", PlotArea(overheads));
  if (!overheads.front().caches.front().inferences.empty()) {
    WriteFile(folder / "overhead-cache-energy.svg", PlotCacheEnergy(overheads));
  }
}

}  // namespace systole
