// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/study_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sw/cli/table.h"

namespace systole {
namespace {

std::string Text(std::string_view text) { return std::string(text); }

std::string Times(const std::optional<double>& factor) {
  return factor ? fmt::format("{:.2f}", *factor) : "-";
}

std::optional<double> Ratio(const VariantStudy* base, std::uint64_t VariantStudy::*cycles,
                            const VariantStudy& variant) {
  if (base == nullptr) return std::nullopt;
  return static_cast<double>(base->*cycles) / static_cast<double>(variant.*cycles);
}

/// Adds rows for each variant, networks set apart by rules.
template <typename AddRows>
void ForEachVariant(const StudyReport& report, TextTable& table, AddRows add) {
  for (std::size_t i = 0; i < report.networks.size(); ++i) {
    if (i > 0) table.rows.push_back({""});
    for (const VariantStudy& variant : report.networks[i].variants) {
      add(report.networks[i], variant);
    }
  }
}

std::string PublishedTable(const StudyReport& report) {
  TextTable table = {{{"network"},
                      {"variant"},
                      {"MACs", true},
                      {"parameters", true},
                      {"printed", true},
                      {"speedup", true},
                      {"published model", true},
                      {"speedup", true},
                      {"SCALE-Sim", true},
                      {"speedup", true}},
                     {}};
  ForEachVariant(report, table, [&](const NetworkStudy& network, const VariantStudy& variant) {
    const VariantStudy* base = network.Find(NetworkVariant::kBaseline);
    table.rows.push_back({Text(ToString(network.name)), Text(ToString(variant.variant)),
                          Grouped(static_cast<std::uint64_t>(variant.macs)),
                          Grouped(static_cast<std::uint64_t>(variant.parameters)),
                          variant.printed ? Grouped(*variant.printed) : "-",
                          Times(network.PrintedSpeedup(variant)), Grouped(variant.published),
                          Times(network.PublishedSpeedup(variant)), Grouped(variant.scale_sim),
                          Times(Ratio(base, &VariantStudy::scale_sim, variant))});
  });
  return ToText(table);
}

std::string CoreTable(const StudyReport& report) {
  TextTable table = {{{"network"},
                      {"variant"},
                      {"array"},
                      {"cycles", true},
                      {"x published", true},
                      {"x os", true},
                      {"x os+stos", true},
                      {"utilization", true},
                      {"x limit", true}},
                     {}};
  ForEachVariant(report, table, [&](const NetworkStudy& network, const VariantStudy& variant) {
    for (const Machine machine : ShownMachines(variant.variant)) {
      const MachineRun& run = variant.On(machine);
      table.rows.push_back({Text(ToString(network.name)), Text(ToString(variant.variant)),
                            ToString(machine), Grouped(run.cycles),
                            Times(network.Speedup(variant, machine, Machine::kOsBasic)),
                            Times(network.Speedup(variant, machine, Machine::kOs)),
                            Times(network.Speedup(variant, machine, Machine::kOsStos)),
                            Percent(run.utilization), fmt::format("{:.2f}", run.distance)});
    }
  });
  return ToText(table);
}

std::string KindTable(const StudyReport& report) {
  TextTable table = {{{"network"}, {"variant"}, {"array"}}, {}};
  for (const LayerKind kind : kAllLayerKinds) table.columns.push_back({ToString(kind), true});
  ForEachVariant(report, table, [&](const NetworkStudy& network, const VariantStudy& variant) {
    for (const Machine machine : ShownMachines(variant.variant)) {
      std::vector<std::string>& row = table.rows.emplace_back();
      row = {Text(ToString(network.name)), Text(ToString(variant.variant)), ToString(machine)};
      for (const LayerKind kind : kAllLayerKinds) {
        row.push_back(Percent(variant.On(machine).Share(kind)));
      }
    }
  });
  return ToText(table);
}

std::string LayerTable(const StudyReport& report, const VariantStudy& variant) {
  TextTable table = {{{"layer"},
                      {"kind"},
                      {"shape"},
                      {"published", true},
                      {"SCALE-Sim", true},
                      {"os, publ. mapping", true},
                      {"os", true},
                      {"os+stos", true},
                      {"utilization", true},
                      {"x limit", true},
                      {"mapping on os+stos"}},
                     {}};
  const double elements = static_cast<double>(report.rows) * report.cols;
  for (const LayerStudy& row : variant.layers) {
    const LayerRun& run = row.On(Machine::kOsStos);
    const auto cycles = static_cast<double>(run.cycles);
    table.rows.push_back(
        {row.layer.name, ToString(row.layer.kind), ToString(row.layer.layer),
         Grouped(row.published), Grouped(row.scale_sim), Grouped(row.On(Machine::kOsBasic).cycles),
         Grouped(row.On(Machine::kOs).cycles), Grouped(run.cycles),
         Percent(static_cast<double>(row.macs) / (elements * cycles)),
         fmt::format("{:.2f}", cycles / static_cast<double>(run.limit)), run.mapping});
  }
  return ToText(table);
}

nlohmann::json OrNull(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json ToJson(const NetworkStudy& network, const VariantStudy& variant, Machine machine) {
  const MachineRun& run = variant.On(machine);
  nlohmann::json kinds = nlohmann::json::object();
  for (const LayerKind kind : kAllLayerKinds) {
    kinds[ToString(kind)] = run.by_kind[static_cast<std::size_t>(kind)];
  }
  return {{"machine", Key(machine)},
          {"cycles", run.cycles},
          {"limit_cycles", run.limit},
          {"utilization", run.utilization},
          {"distance", run.distance},
          {"cycles_by_kind", kinds},
          {"speedup_over_baseline",
           {{"os-basic", OrNull(network.Speedup(variant, machine, Machine::kOsBasic))},
            {"os", OrNull(network.Speedup(variant, machine, Machine::kOs))},
            {"os+stos", OrNull(network.Speedup(variant, machine, Machine::kOsStos))}}}};
}

nlohmann::json ToJson(const LayerStudy& row) {
  nlohmann::json core = nlohmann::json::array();
  for (const Machine machine : kAllMachines) {
    const LayerRun& run = row.On(machine);
    core.push_back({{"machine", Key(machine)},
                    {"mapping", run.mapping},
                    {"cycles", run.cycles},
                    {"limit_cycles", run.limit}});
  }
  return {{"name", row.layer.name},
          {"kind", ToString(row.layer.kind)},
          {"shape", ToString(row.layer.layer)},
          {"macs", row.macs},
          {"published_cycles", row.published},
          {"scale_sim_cycles", row.scale_sim},
          {"core", core}};
}

bool Wanted(const StudyLayerRequests& layers, ModelName name, NetworkVariant variant) {
  return std::find(layers.begin(), layers.end(), std::pair(name, variant)) != layers.end();
}

nlohmann::json ToJson(const NetworkStudy& network, const VariantStudy& variant,
                      const StudyLayerRequests& layers) {
  nlohmann::json core = nlohmann::json::array();
  for (const Machine machine : kAllMachines) core.push_back(ToJson(network, variant, machine));
  const VariantStudy* base = network.Find(NetworkVariant::kBaseline);
  nlohmann::json json = {
      {"variant", ToString(variant.variant)},
      {"macs", variant.macs},
      {"parameters", variant.parameters},
      {"published",
       {{"cycles", variant.published},
        {"speedup", OrNull(network.PublishedSpeedup(variant))},
        {"printed_cycles", variant.printed ? nlohmann::json(*variant.printed) : nlohmann::json()},
        {"printed_speedup", OrNull(network.PrintedSpeedup(variant))}}},
      {"scale_sim",
       {{"cycles", variant.scale_sim},
        {"speedup", OrNull(Ratio(base, &VariantStudy::scale_sim, variant))}}},
      {"core", core}};
  if (Wanted(layers, network.name, variant.variant)) {
    json["layers"] = nlohmann::json::array();
    for (const LayerStudy& row : variant.layers) json["layers"].push_back(ToJson(row));
  }
  return json;
}

}  // namespace

std::vector<Machine> ShownMachines(NetworkVariant variant) {
  if (variant != NetworkVariant::kBaseline) return {Machine::kOsStos};
  return {kAllMachines.begin(), kAllMachines.end()};
}

std::string ToText(const StudyReport& report, const StudyLayerRequests& layers) {
  std::string text = fmt::format(
      "FuSeConv on a {}x{} array, inputs of {}x{}, batch 1. Speedups are over the network's "
      "baseline.\n\n"
      "As printed by the authors, by their cycle model, and by SCALE-Sim's closed form (no "
      "ST-OS)\n",
      report.rows, report.cols, report.size, report.size);
  text += PublishedTable(report);
  text +=
      "\nSystole's core, exact cycles. x published, x os, x os+stos: speedup over the baseline on "
      "os with the\npublished mapping, on os with its best mapping, on os+stos with its best "
      "mapping\n";
  text += CoreTable(report);
  text += "\nShare of the core's cycles by the kind of layer\n";
  text += KindTable(report);
  for (const auto& [name, wanted] : layers) {
    const NetworkStudy* network = report.Find(name);
    const VariantStudy* variant = network == nullptr ? nullptr : network->Find(wanted);
    if (variant == nullptr) continue;
    text += fmt::format("\nLayers of {}, {}: cycles by model\n", ToString(name), ToString(wanted));
    text += LayerTable(report, *variant);
  }
  return text;
}

nlohmann::json ToJson(const StudyReport& report, const StudyLayerRequests& layers) {
  nlohmann::json networks = nlohmann::json::array();
  for (const NetworkStudy& network : report.networks) {
    nlohmann::json variants = nlohmann::json::array();
    for (const VariantStudy& variant : network.variants) {
      variants.push_back(ToJson(network, variant, layers));
    }
    networks.push_back({{"network", ToString(network.name)}, {"variants", variants}});
  }
  return {{"systole", SYSTOLE_VERSION},
          {"rows", report.rows},
          {"cols", report.cols},
          {"size", report.size},
          {"networks", networks}};
}

}  // namespace systole
