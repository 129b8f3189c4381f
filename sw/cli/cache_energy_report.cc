// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cache_energy_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sw/cli/band_json.h"
#include "sw/cli/cache_words.h"
#include "sw/cli/table.h"
#include "sw/study/chart.h"

namespace systole {
namespace {

using nlohmann::json;

constexpr TcamReading kMacro = TcamReading::kMacro, kFlipFlops = TcamReading::kFlipFlops;

std::string Picojoules(double joules) { return fmt::format("{:.1f}", joules * 1e12); }
std::string Microjoules(double joules) { return fmt::format("{:.1f}", joules * 1e6); }

TextTable WindowTable(const std::vector<CacheOverhead>& overheads) {
  TextTable table;
  table.columns = {{"library"},
                   {"cache"},
                   {"window"},
                   {"cycles", true},
                   {"accesses", true},
                   {"mW", true},
                   {"without glitches", true},
                   {"logic: pJ a cycle", true},
                   {"pJ an access", true},
                   {"TCAM, flip-flops: pJ a cycle", true},
                   {"pJ an access", true}};
  for (const CacheOverhead& overhead : overheads) {
    for (const CacheFigures& cache : overhead.caches) {
      for (const GateWindow& window : cache.windows) {
        const auto tcam = [&](double joules) {
          return cache.config.null_cache ? Picojoules(joules) : std::string();
        };
        table.rows.push_back({overhead.library, cache.name,
                              fmt::format("{} {}", window.workload, window.layer),
                              Grouped(window.cycles), Grouped(window.accesses),
                              fmt::format("{:.1f}", window.watts * 1e3),
                              fmt::format("{:.1f}", window.watts_zero_delay * 1e3),
                              Picojoules(window.logic.standing), Picojoules(window.logic.active),
                              tcam(window.tcam.standing), tcam(window.tcam.active)});
      }
    }
  }
  return table;
}

/// Power of a cache's logic by block in each window, beside the first cache's.
TextTable PowerBlockTable(const CacheOverhead& overhead, const CacheFigures& cache) {
  const CacheFigures& first = overhead.caches.front();
  TextTable table;
  table.columns = {{fmt::format("{} {}: mW", cache.name, overhead.library)}};
  std::set<std::string> blocks;
  for (std::size_t i = 0; i < cache.windows.size(); ++i) {
    const std::string& layer = cache.windows[i].layer;
    table.columns.push_back({fmt::format("{}: {}", layer, first.name), true});
    table.columns.push_back({layer, true});
    for (const CacheFigures* one : {&first, &cache}) {
      for (const auto& [block, watts] : one->windows[i].modules) blocks.insert(block);
    }
  }
  for (const std::string& block : blocks) {
    table.rows.push_back({block + (IsTcam(block) ? " (flip-flops)" : "")});
    for (std::size_t i = 0; i < cache.windows.size(); ++i) {
      for (const CacheFigures* one : {&first, &cache}) {
        const auto& modules = one->windows[i].modules;
        const auto found = modules.find(block);
        table.rows.back().push_back(
            found == modules.end() ? "" : fmt::format("{:.3f}", found->second * 1e3));
      }
    }
  }
  return table;
}

std::vector<std::string> InferenceRow(const CacheOverhead& overhead, const CacheFigures& cache,
                                      std::size_t inference, TcamReading reading) {
  const CacheInference& base = overhead.caches.front().inferences[inference];
  const CacheInference& run = cache.inferences[inference];
  const auto gated = [&](const CacheInference& one) {
    return one.Total(reading).typical - one.Standing(reading);
  };
  const auto over = [&](double baseline, double value) {
    return &run == &base ? std::string() : Over(baseline, value);
  };
  const double all = run.Total(reading).typical;
  return {cache.name,
          cache.config.null_cache ? Name(reading) : "",
          Grouped(static_cast<std::uint64_t>(std::llround(run.counts.cycles))),
          fmt::format("{:.2f} %", 100 * run.counts.MissRate()),
          Microjoules(run.arrays.OnChip().typical),
          cache.config.null_cache ? Microjoules(run.Tcam(reading).typical) : "",
          Microjoules(run.logic),
          Microjoules(run.arrays.memory.typical),
          Microjoules(all),
          over(base.Total(reading).typical, all),
          Microjoules(run.Standing(reading)),
          Microjoules(gated(run)),
          over(gated(base), gated(run)),
          Picojoules(run.OnChip(reading).typical / run.counts.accesses)};
}

TextTable InferenceTable(const CacheOverhead& overhead, std::size_t inference) {
  TextTable table;
  table.columns = {{fmt::format("{} {}: uJ", overhead.caches.front().inferences[inference].workload,
                                overhead.library)},
                   {"TCAM"},
                   {"cycles", true},
                   {"misses", true},
                   {"SRAM", true},
                   {"TCAM", true},
                   {"logic", true},
                   {"memory", true},
                   {"all", true},
                   {"over the first", true},
                   {"clock and leakage", true},
                   {"all without", true},
                   {"over the first", true},
                   {"on chip: pJ an access", true}};
  for (const CacheFigures& cache : overhead.caches) {
    table.rows.push_back(InferenceRow(overhead, cache, inference, kMacro));
    if (!cache.config.null_cache) continue;
    table.rows.push_back(InferenceRow(overhead, cache, inference, kFlipFlops));
  }
  return table;
}

json Json(const LogicEnergy& energy) {
  return {{"joules_a_cycle", energy.standing}, {"joules_an_access", energy.active}};
}

}  // namespace

std::string EnergyText(const std::vector<CacheOverhead>& overheads, bool blocks) {
  if (overheads.front().caches.front().windows.empty()) return "";
  std::uint64_t compared = 0;
  std::string text;
  for (const CacheOverhead& overhead : overheads) {
    for (const CacheFigures& cache : overhead.caches) {
      for (const GateWindow& window : cache.windows) compared += window.compared_bits;
      if (blocks && cache.config.null_cache) {
        text += fmt::format("\n{}", ToText(PowerBlockTable(overhead, cache)));
      }
    }
    for (std::size_t i = 0; i < overhead.caches.front().inferences.size(); ++i) {
      text += fmt::format("\n{}", ToText(InferenceTable(overhead, i)));
    }
  }
  return fmt::format(
      "\nlogic by its gates at {:.1f} ns; tags and data are loads there\n{}{}"
      "netlists against RTL: {} output bits compared, all equal. Logic of an inference: standing "
      "energy (clock,\nleakage) times cycles and the rest of the windows times accesses; `all "
      "without` leaves clock and leakage out.\nMain memory: {}.\n",
      overheads.front().period * 1e9, ToText(WindowTable(overheads)), text, Grouped(compared),
      overheads.front().memory);
}

json WindowsJson(const CacheFigures& cache) {
  json list = json::array();
  for (const GateWindow& window : cache.windows) {
    list.push_back({{"network", window.workload},
                    {"layer", window.layer},
                    {"cycles", window.cycles},
                    {"accesses", window.accesses},
                    {"output_bits_equal_to_rtl", window.compared_bits},
                    {"watts", window.watts},
                    {"watts_without_glitches", window.watts_zero_delay},
                    {"watts_by_module", window.modules},
                    {"logic", Json(window.logic)},
                    {"tcam_flip_flops", Json(window.tcam)}});
  }
  return list;
}

json InferencesJson(const CacheFigures& cache) {
  json list = json::array();
  for (const CacheInference& run : cache.inferences) {
    list.push_back({{"network", run.workload},
                    {"counts", run.counts},
                    {"tags_j", Json(run.arrays.tags)},
                    {"data_j", Json(run.arrays.data)},
                    {"leakage_j", Json(run.arrays.leakage)},
                    {"memory_j", Json(run.arrays.memory)},
                    {"logic_j", run.logic},
                    {"logic_standing_j", run.standing},
                    {"tcam_flip_flops_standing_j", run.tcam_standing},
                    {"tcam_macro_j", Json(run.tcam_macro)},
                    {"tcam_flip_flops_j", run.tcam_flip_flops},
                    {"all_tcam_macro_j", Json(run.Total(kMacro))},
                    {"all_tcam_flip_flops_j", Json(run.Total(kFlipFlops))}});
  }
  return list;
}

std::string ChartName(const CacheFigures& cache) {
  static const std::string kWord = " entries";
  std::string name = cache.name;
  if (const auto word = name.find(kWord); word != std::string::npos) name.erase(word, kWord.size());
  return name;
}

std::string PlotCacheEnergy(const std::vector<CacheOverhead>& overheads) {
  constexpr std::size_t kMostBars = 18;
  const CacheOverhead& overhead = overheads.front();
  const auto& inferences = overhead.caches.front().inferences;
  const bool all = inferences.size() * overhead.caches.size() <= kMostBars;
  const std::size_t networks = all ? inferences.size() : 1;
  Chart chart;
  chart.title = fmt::format("Energy of an inference{}, {}; TCAM as a custom macro, modelled",
                            all ? "" : " of " + inferences.front().workload, overhead.library);
  chart.value_axis = fmt::format("% of {}", overhead.caches.front().name);
  chart.slanted = true;
  chart.digits = 0;
  for (std::size_t i = 0; i < networks; ++i) {
    for (const CacheFigures& cache : overhead.caches) {
      const std::string name = ChartName(cache);
      chart.categories.push_back(
          networks == 1 ? name : fmt::format("{} {}", cache.inferences[i].workload, name));
    }
  }
  const auto add = [&](const char* name, const auto& joules) {
    ChartSeries series{name, {}, {}};
    for (std::size_t i = 0; i < networks; ++i) {
      for (const CacheFigures& cache : overhead.caches) {
        // Networks differ a thousandfold: each against the first cache.
        const CacheInference& first = overhead.caches.front().inferences[i];
        series.values.emplace_back(100 * joules(cache.inferences[i]) /
                                   first.Total(TcamReading::kMacro).typical);
      }
    }
    chart.series.push_back(std::move(series));
  };
  add("SRAM", [](const CacheInference& run) { return run.arrays.OnChip().typical; });
  add("logic", [](const CacheInference& run) { return run.logic; });
  add("TCAM", [](const CacheInference& run) { return run.tcam_macro.typical; });
  add("main memory", [](const CacheInference& run) { return run.arrays.memory.typical; });
  return DrawStacks(chart);
}

}  // namespace systole
