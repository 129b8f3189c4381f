// SPDX-License-Identifier: Apache-2.0
#include "sw/study/plots.h"

#include <fmt/format.h>

#include "sw/study/chart.h"

namespace systole {
namespace {

using Values = std::vector<std::optional<double>>;

/// "MobileNet-V3-Small" of "mobilenet-v3-small".
std::string Title(ModelName name) {
  switch (name) {
    case ModelName::kMobileNetV1:
      return "MobileNet-V1";
    case ModelName::kMobileNetV2:
      return "MobileNet-V2";
    case ModelName::kMobileNetV3Small:
      return "MobileNet-V3-S";
    case ModelName::kMobileNetV3Large:
      return "MobileNet-V3-L";
    case ModelName::kMnasNetB1:
      return "MnasNet-B1";
    default:
      return std::string(ToString(name));
  }
}

std::string Size(const StudyReport& report) {
  return fmt::format("{}x{} array, {}x{} inputs", report.rows, report.cols, report.size,
                     report.size);
}

/// `value` of a variant for every network of the report.
template <typename Value>
Values OverNetworks(const StudyReport& report, NetworkVariant variant, Value value) {
  Values values;
  for (const NetworkStudy& network : report.networks) {
    const VariantStudy* found = network.Find(variant);
    values.push_back(found == nullptr ? std::nullopt : value(network, *found));
  }
  return values;
}

std::vector<std::string> Titles(const StudyReport& report) {
  std::vector<std::string> titles;
  for (const NetworkStudy& network : report.networks) titles.push_back(Title(network.name));
  return titles;
}

bool HasAny(const Values& values) {
  for (const auto& value : values) {
    if (value) return true;
  }
  return false;
}

/// Cycles of the blocks of one network, in its order.
std::vector<std::pair<std::string, std::uint64_t>> BlockCycles(const VariantStudy& variant,
                                                               Machine machine) {
  std::vector<std::pair<std::string, std::uint64_t>> blocks;
  for (const LayerStudy& row : variant.layers) {
    if (row.layer.name == row.layer.block) continue;  // a layer outside of all blocks
    if (blocks.empty() || blocks.back().first != row.layer.block) {
      blocks.emplace_back(row.layer.block, 0);
    }
    blocks.back().second += row.On(machine).cycles;
  }
  return blocks;
}

}  // namespace

std::string PlotSpeedups(const StudyReport& report) {
  struct Bars {
    NetworkVariant variant;
    const char* name;
    const char* light;  // the printed speedup
    const char* dark;   // the core's
  };
  const Bars bars[] = {{NetworkVariant::kFull, "Full", "#9fcbe4", "#0072b2"},
                       {NetworkVariant::kHalf, "Half", "#f6da9a", "#e69f00"},
                       {NetworkVariant::kFull50, "50 % Full", "#99d8c7", "#009e73"},
                       {NetworkVariant::kHalf50, "50 % Half", "#ecc9dd", "#b0508a"}};
  Chart chart;
  chart.title = "Speedup over the baseline in its published mapping, " + Size(report);
  chart.value_axis = "speedup";
  chart.width = 1200;
  chart.categories = Titles(report);
  for (const Bars& bar : bars) {
    const Values printed = OverNetworks(
        report, bar.variant,
        [](const auto& network, const auto& found) { return network.PrintedSpeedup(found); });
    const Values core =
        OverNetworks(report, bar.variant, [](const auto& network, const auto& found) {
          return network.Speedup(found, Machine::kOsStos, Machine::kOsBasic);
        });
    const std::string name = bar.name;
    if (HasAny(printed)) chart.series.push_back({name + ", printed", printed, bar.light});
    if (HasAny(core)) chart.series.push_back({name + ", Systole", core, bar.dark});
  }
  return DrawBars(chart);
}

std::string PlotBaselines(const StudyReport& report) {
  Chart chart;
  chart.title = "Speedup of Half on os+stos over each baseline, " + Size(report);
  chart.digits = 2;
  chart.value_axis = "speedup";
  chart.categories = Titles(report);
  const std::pair<Machine, const char*> bases[] = {{Machine::kOsBasic, "os, published mapping"},
                                                   {Machine::kOs, "os, best mapping"},
                                                   {Machine::kOsStos, "os+stos, best mapping"}};
  for (const auto& [base, name] : bases) {
    const Values values = OverNetworks(report, NetworkVariant::kHalf,
                                       [base = base](const auto& network, const auto& found) {
                                         return network.Speedup(found, Machine::kOsStos, base);
                                       });
    if (HasAny(values)) chart.series.push_back({fmt::format("baseline on {}", name), values});
  }
  return DrawBars(chart);
}

std::string PlotBlockSpeedups(const StudyReport& report, const NetworkStudy& network) {
  Chart chart;
  chart.title = fmt::format("{}: speedup of each block, {}", Title(network.name), Size(report));
  chart.value_axis = "speedup over the published mapping";
  chart.slanted = true;
  const VariantStudy* base = network.Find(NetworkVariant::kBaseline);
  const auto baseline = BlockCycles(*base, Machine::kOsBasic);
  for (const auto& block : baseline) chart.categories.push_back(block.first);
  const std::pair<NetworkVariant, const char*> variants[] = {{NetworkVariant::kFull, "Full"},
                                                             {NetworkVariant::kHalf, "Half"}};
  for (const auto& [variant, name] : variants) {
    const VariantStudy* found = network.Find(variant);
    if (found == nullptr) continue;
    const auto blocks = BlockCycles(*found, Machine::kOsStos);
    ChartSeries& series = chart.series.emplace_back();
    series.name = name;
    for (std::size_t i = 0; i < baseline.size(); ++i) {
      series.values.emplace_back(static_cast<double>(baseline[i].second) /
                                 static_cast<double>(blocks.at(i).second));
    }
  }
  return DrawBars(chart);
}

std::string PlotKinds(const StudyReport& report) {
  Chart chart;
  chart.title = "Share of the cycles by the kind of layer, " + Size(report);
  chart.value_axis = "% of the cycles";
  chart.width = 1200;
  chart.slanted = true;
  for (const LayerKind kind : kAllLayerKinds) chart.series.push_back({ToString(kind), {}});
  for (const NetworkStudy& network : report.networks) {
    for (const VariantStudy& variant : network.variants) {
      const bool base = variant.variant == NetworkVariant::kBaseline;
      chart.categories.push_back(
          fmt::format("{} {}", Title(network.name), ToString(variant.variant)));
      const MachineRun& run = variant.On(base ? Machine::kOsBasic : Machine::kOsStos);
      for (std::size_t i = 0; i < run.by_kind.size(); ++i) {
        chart.series[i].values.emplace_back(100 * run.Share(kAllLayerKinds[i]));
      }
    }
  }
  return DrawStacks(chart);
}

std::string PlotSizes(const std::vector<StudyReport>& reports) {
  Chart chart;
  chart.title = "Speedup of FuSeConv Half against the size of the array, core with ST-OS over OS";
  chart.value_axis = "speedup over the published mapping";
  chart.category_axis = "rows = columns";
  for (const StudyReport& report : reports) chart.categories.push_back(std::to_string(report.rows));
  for (const NetworkStudy& network : reports.front().networks) {
    ChartSeries series{Title(network.name), {}};
    for (const StudyReport& report : reports) {
      const NetworkStudy* here = report.Find(network.name);
      const VariantStudy* half = here->Find(NetworkVariant::kHalf);
      series.values.push_back(half == nullptr
                                  ? std::nullopt
                                  : here->Speedup(*half, Machine::kOsStos, Machine::kOsBasic));
    }
    chart.series.push_back(series);
  }
  return DrawLines(chart);
}

}  // namespace systole
