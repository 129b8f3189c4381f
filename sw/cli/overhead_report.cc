// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/overhead_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "sw/cli/table.h"
#include "sw/study/chart.h"
#include "synth/power/power.h"

namespace systole {
namespace {

using nlohmann::json;

/// "+1.23 %"
std::string Change(double share) { return fmt::format("{:+.2f} %", 100 * share); }
std::string Size(const ArrayOverhead& overhead) {
  return fmt::format("{}x{}", overhead.baseline.config.rows, overhead.baseline.config.cols);
}
std::string Mm2(double um2) { return fmt::format("{:.4f}", um2 * 1e-6); }
std::string KiloGates(const ArrayOverhead& overhead, double um2) {
  return fmt::format("{:.1f}", um2 / overhead.nand2_area / 1e3);
}
std::string Milliwatts(double watts) { return fmt::format("{:.3f}", watts * 1e3); }

/// Layers that both cores map alike, and what they take.
struct Pair {
  const LayerPower* baseline;
  const LayerPower* extended;
};
std::vector<Pair> SamePairs(const ArrayOverhead& overhead) {
  std::vector<Pair> pairs;
  for (const LayerPower& layer : overhead.baseline.layers) {
    if (const LayerPower* same = SameWork(overhead, layer)) pairs.push_back({&layer, same});
  }
  return pairs;
}

TextTable AreaTable(const std::vector<ArrayOverhead>& overheads) {
  const bool sta = std::any_of(overheads.begin(), overheads.end(),
                               [](const ArrayOverhead& o) { return o.baseline.min_period != 0; });
  TextTable table;
  table.columns = {{"library"},           {"array"},      {"os mm2", true}, {"kGE", true},
                   {"os+stos mm2", true}, {"kGE", true},  {"area", true},   {"os ns", true},
                   {"os+stos ns", true},  {"delay", true}};
  if (sta) {
    for (const char* column : {"os clock", "os+stos clock", "clock"}) {
      table.columns.push_back({column, true});
    }
  }
  for (const ArrayOverhead& o : overheads) {
    table.rows.push_back({o.library, Size(o), Mm2(o.baseline.area), KiloGates(o, o.baseline.area),
                          Mm2(o.extended.area), KiloGates(o, o.extended.area),
                          Change(Overhead(o.baseline.area, o.extended.area)),
                          Nanoseconds(o.baseline.register_delay),
                          Nanoseconds(o.extended.register_delay),
                          Change(Overhead(o.baseline.register_delay, o.extended.register_delay))});
    if (!sta) continue;
    const std::string percent = Change(Overhead(o.baseline.min_period, o.extended.min_period));
    for (const std::string& cell :
         {Nanoseconds(o.baseline.min_period), Nanoseconds(o.extended.min_period), percent}) {
      table.rows.back().push_back(cell);
    }
  }
  return table;
}

TextTable BlockTable(const ArrayOverhead& overhead) {
  TextTable table;
  table.columns = {{fmt::format("{} {}: block", Size(overhead), overhead.library)},
                   {"os um2", true},
                   {"os+stos um2", true},
                   {"more um2", true},
                   {"of the baseline", true}};
  for (const auto& [block, extended] : overhead.extended.modules) {
    const auto found = overhead.baseline.modules.find(block);
    const double baseline = found == overhead.baseline.modules.end() ? 0 : found->second;
    table.rows.push_back({block, fmt::format("{:.0f}", baseline), fmt::format("{:.0f}", extended),
                          fmt::format("{:.0f}", extended - baseline),
                          Change((extended - baseline) / overhead.baseline.area)});
  }
  return table;
}

bool Sampled(const ArrayOverhead& overhead) {
  const auto sampled = [](const LayerPower& layer) { return layer.rows_sampled != 0; };
  return std::any_of(overhead.baseline.layers.begin(), overhead.baseline.layers.end(), sampled) ||
         std::any_of(overhead.extended.layers.begin(), overhead.extended.layers.end(), sampled);
}

/// "8 of 128, +-0.21 %": the rows that ran with delays, and half of the 95 % interval.
std::string RowsWithDelays(const LayerPower& layer) {
  if (layer.rows_sampled == 0) return "all";
  return fmt::format("{} of {}, +-{:.2f} %", layer.rows_sampled, layer.rows,
                     100 * layer.interval / layer.watts);
}

TextTable PowerTable(const std::vector<ArrayOverhead>& overheads) {
  const bool sampled = std::any_of(overheads.begin(), overheads.end(), Sampled);
  TextTable table;
  table.columns = {{"library"},     {"array"},         {"ns", true},
                   {"network"},     {"layer"},         {"mapping"},
                   {"core"},        {"mW", true},      {"without glitches", true},
                   {"clock", true}, {"over os", true}, {"without glitches", true}};
  if (sampled) table.columns.push_back({"rows with delays"});
  for (const ArrayOverhead& o : overheads) {
    const std::vector<Pair> pairs = SamePairs(o);
    const auto row = [&](const char* core, const LayerPower& layer, const LayerPower* baseline) {
      const auto over = [&](double LayerPower::*watts) {
        return baseline == nullptr ? std::string()
                                   : Change(Overhead(baseline->*watts, layer.*watts));
      };
      table.rows.push_back({o.library, Size(o), Nanoseconds(o.period), layer.workload, layer.layer,
                            layer.mapping, core, Milliwatts(layer.watts),
                            Milliwatts(layer.watts_zero_delay),
                            Milliwatts(layer.groups.at(PowerGroupName(PowerGroup::kClock))),
                            over(&LayerPower::watts), over(&LayerPower::watts_zero_delay)});
      if (sampled) table.rows.back().push_back(RowsWithDelays(layer));
    };
    for (const LayerPower& layer : o.baseline.layers) row("os", layer, nullptr);
    for (const LayerPower& layer : o.extended.layers) {
      const auto pair = std::find_if(pairs.begin(), pairs.end(),
                                     [&](const Pair& p) { return p.extended == &layer; });
      row("os+stos", layer, pair == pairs.end() ? nullptr : pair->baseline);
    }
  }
  return table;
}

TextTable EnergyTable(const std::vector<ArrayOverhead>& overheads) {
  TextTable table;
  table.columns = {{"library"},      {"array"},    {"network"},      {"core"},
                   {"cycles", true}, {"uJ", true}, {"over os", true}};
  for (const ArrayOverhead& o : overheads) {
    for (std::size_t i = 0; i < o.baseline.inferences.size(); ++i) {
      const InferenceEnergy& os = o.baseline.inferences[i];
      const InferenceEnergy& stos = o.extended.inferences[i];
      table.rows.push_back({o.library, Size(o), os.workload, "os", Grouped(os.cycles),
                            fmt::format("{:.1f}", os.joules * 1e6), ""});
      table.rows.push_back({o.library, Size(o), stos.workload, "os+stos", Grouped(stos.cycles),
                            fmt::format("{:.1f}", stos.joules * 1e6),
                            Change(Overhead(os.joules, stos.joules))});
    }
  }
  return table;
}

std::string Sources(const ArrayOverhead& overhead) {
  std::string text = fmt::format("{}, {}", overhead.provenance.yosys, overhead.provenance.options);
  for (const std::string& library : overhead.provenance.libraries) text += ", " + library;
  return text;
}

json CoreJson(const CoreFigures& core) {
  json layers = json::array(), inferences = json::array();
  for (const LayerPower& layer : core.layers) {
    layers.push_back({{"network", layer.workload},
                      {"layer", layer.layer},
                      {"mapping", layer.mapping},
                      {"cycles", layer.cycles},
                      {"output_bits_equal_to_rtl", layer.compared_bits},
                      {"watts", layer.watts},
                      {"watts_without_glitches", layer.watts_zero_delay},
                      {"watts_by_group", layer.groups},
                      {"watts_by_kind", layer.kinds},
                      {"watts_by_module", layer.modules}});
    if (layer.rows_sampled != 0) {
      layers.back()["sample"] = {{"rows_with_delays", layer.rows_sampled},
                                 {"rows", layer.rows},
                                 {"interval_95_watts", layer.interval}};
    }
  }
  for (const InferenceEnergy& inference : core.inferences) {
    json groups = json::array();
    for (const GroupEnergy& group : inference.groups) {
      groups.push_back({{"mapping", group.mapping},
                        {"sample", group.sample},
                        {"layers", group.layers},
                        {"cycles", group.cycles},
                        {"joules", group.joules}});
    }
    inferences.push_back({{"network", inference.workload},
                          {"cycles", inference.cycles},
                          {"joules", inference.joules},
                          {"groups", groups}});
  }
  nlohmann::json figures = {{"dataflow", core.config.dataflow == Dataflow::kOs ? "os" : "os+stos"},
                            {"area_um2", core.area},
                            {"clock_buffer_area_um2", core.clock_buffer_area},
                            {"cells", core.cells},
                            {"registers", core.registers},
                            {"area_um2_by_module", core.modules},
                            {"register_delay_s", core.register_delay},
                            {"layers", layers},
                            {"inferences", inferences}};
  if (core.min_period != 0) {
    figures["min_period_s"] = core.min_period;
    figures["sta_left_out"] = core.sta_left_out;
  }
  return figures;
}

Chart BarChart(const char* title, const char* axis, const std::vector<ArrayOverhead>& overheads) {
  Chart chart;
  chart.title = title;
  chart.value_axis = axis;
  for (const ArrayOverhead& o : overheads) {
    chart.categories.push_back(Size(o) + " " + o.library.substr(0, o.library.find('_')));
  }
  chart.slanted = overheads.size() > 4;
  chart.digits = 2;
  return chart;
}

/// What each block adds, in percent of the baseline's area.
std::string PlotArea(const std::vector<ArrayOverhead>& overheads) {
  Chart chart = BarChart("Area of ST-OS by block", "% of the core without it", overheads);
  std::set<std::string> blocks;
  for (const ArrayOverhead& o : overheads) {
    for (const auto& [block, area] : o.extended.modules) blocks.insert(block);
  }
  for (const std::string& block : blocks) {
    ChartSeries series{block, {}, {}};
    for (const ArrayOverhead& o : overheads) {
      const auto at = [&](const std::map<std::string, double>& areas) {
        const auto found = areas.find(block);
        return found == areas.end() ? 0.0 : found->second;
      };
      const double more = at(o.extended.modules) - at(o.baseline.modules);
      series.values.emplace_back(std::max(0.0, 100 * more / o.baseline.area));
    }
    if (std::any_of(series.values.begin(), series.values.end(),
                    [](const auto& value) { return *value >= 0.005; })) {
      chart.series.push_back(std::move(series));
    }
  }
  return DrawStacks(chart);
}

std::string PlotEnergy(const std::vector<ArrayOverhead>& overheads) {
  Chart chart = BarChart("Energy of an inference, the core alone", "uJ", overheads);
  chart.digits = 0;
  for (const bool extended : {false, true}) {
    const auto core = [extended](const ArrayOverhead& o) -> const CoreFigures& {
      return extended ? o.extended : o.baseline;
    };
    for (std::size_t i = 0; i < core(overheads.front()).inferences.size(); ++i) {
      ChartSeries series{fmt::format("{}, {}", core(overheads.front()).inferences[i].workload,
                                     extended ? "os+stos" : "os"),
                         {},
                         {}};
      for (const ArrayOverhead& o : overheads) {
        series.values.emplace_back(core(o).inferences[i].joules * 1e6);
      }
      chart.series.push_back(std::move(series));
    }
  }
  return DrawBars(chart);
}

}  // namespace

std::string ToText(const std::vector<ArrayOverhead>& overheads, bool blocks) {
  std::string text = "ST-OS: the core with it over the core without\n\n";
  text += ToText(AreaTable(overheads));
  if (blocks) {
    for (const ArrayOverhead& overhead : overheads) {
      text += fmt::format("\n{}", ToText(BlockTable(overhead)));
    }
  }
  const bool power = std::any_of(overheads.begin(), overheads.end(),
                                 [](const ArrayOverhead& o) { return !o.baseline.layers.empty(); });
  if (power) {
    std::uint64_t compared = 0;
    for (const ArrayOverhead& o : overheads) {
      for (const CoreFigures* core : {&o.baseline, &o.extended}) {
        for (const LayerPower& layer : core->layers) compared += layer.compared_bits;
      }
    }
    text += fmt::format("\n{}\n{}", ToText(PowerTable(overheads)), ToText(EnergyTable(overheads)));
    text += fmt::format(
        "netlists against RTL: {} output bits compared, all equal. Energies: cycles of the "
        "formulas "
        "times the\nenergy of a cycle of a sampled layer; the core alone, without memories.\n",
        Grouped(compared));
  }
  text += "published, 32x32: area +4.35 %, power +2.25 %\n";
  std::set<std::string> sources;
  for (const ArrayOverhead& overhead : overheads) sources.insert(Sources(overhead));
  for (const std::string& source : sources) text += source + "\n";
  return text;
}

json ToJson(const std::vector<ArrayOverhead>& overheads) {
  json list = json::array();
  for (const ArrayOverhead& o : overheads) {
    list.push_back({{"rows", o.baseline.config.rows},
                    {"cols", o.baseline.config.cols},
                    {"library", o.library},
                    {"library_hash", o.library_hash},
                    {"nand2_area_um2", o.nand2_area},
                    {"period_s", o.period},
                    {"yosys", o.provenance.yosys},
                    {"options", o.provenance.options},
                    {"baseline", CoreJson(o.baseline)},
                    {"extended", CoreJson(o.extended)}});
  }
  return list;
}

void WritePlots(const std::filesystem::path& folder, const std::vector<ArrayOverhead>& overheads) {
  WriteFile(folder / "overhead-area.svg", PlotArea(overheads));
  if (!overheads.front().baseline.inferences.empty()) {
    WriteFile(folder / "overhead-energy.svg", PlotEnergy(overheads));
  }
}

}  // namespace systole
