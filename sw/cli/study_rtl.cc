// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/study_rtl.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sw/cli/study_report.h"
#include "sw/cli/table.h"

namespace systole {
namespace {

double CpuSeconds(const StudyRtlRow& row) {
  double seconds = 0;
  for (const LayerResult& layer : row.outcome.run.layers) seconds += layer.cpu_seconds;
  return seconds;
}

std::uint64_t Tiles(const StudyRtlRow& row) {
  std::uint64_t tiles = 0;
  for (const LayerResult& layer : row.outcome.run.layers) tiles += layer.tiles;
  return tiles;
}

std::string Label(ModelName network, NetworkVariant variant, std::int64_t size) {
  return fmt::format("{} {} {}x{}", ToString(network), ToString(variant), size, size);
}

}  // namespace

std::uint64_t StudyRtlRow::Cycles() const {
  std::uint64_t cycles = 0;
  for (const LayerResult& layer : outcome.run.layers) cycles += layer.cycles;
  return cycles;
}

std::size_t StudyRtlRow::Verified() const {
  const auto& layers = outcome.run.layers;
  return static_cast<std::size_t>(
      std::count_if(layers.begin(), layers.end(),
                    [](const LayerResult& layer) { return layer.verdict == Verdict::kVerified; }));
}

std::string StudyRtlRow::Problem() const {
  for (const LayerResult& layer : outcome.run.layers) {
    if (layer.verdict != Verdict::kVerified) {
      return fmt::format("layer {}: {}", layer.node, layer.problem);
    }
  }
  if (Cycles() == study_cycles) return "";
  return fmt::format("the RTL took {} cycles, the study says {}", Cycles(), study_cycles);
}

std::vector<StudyRtlRow> RunStudyOnRtl(const StudyReport& report,
                                       const std::vector<Machine>& machines,
                                       const RtlStudySettings& settings, ProgressLine& line) {
  std::vector<StudyRtlRow> rows;
  for (const NetworkStudy& network : report.networks) {
    for (const VariantStudy& variant : network.variants) {
      for (const Machine machine : ShownMachines(variant.variant)) {
        if (std::find(machines.begin(), machines.end(), machine) == machines.end()) continue;
        RtlCase work;
        work.label = Label(network.name, variant.variant, report.size);
        work.network = [&] { return BuildVariant(network.name, variant.variant, report.size); };
        work.array = ConfigOf(machine, report.rows, report.cols);
        work.mappings = MappingsOf(machine);
        StudyRtlRow row{network.name, variant.variant, machine, {}, variant.On(machine).cycles};
        row.outcome = RunOnRtl(work, settings, line);
        rows.push_back(std::move(row));
      }
    }
  }
  line.Clear();
  return rows;
}

std::string ToText(const std::vector<StudyRtlRow>& rows) {
  TextTable table = {{{"network"},
                      {"variant"},
                      {"array"},
                      {"layers", true},
                      {"tiles", true},
                      {"RTL cycles", true},
                      {"model", true},
                      {"verified", true},
                      {"from store", true},
                      {"CPU s", true}},
                     {}};
  std::size_t layers = 0, verified = 0;
  std::uint64_t cycles = 0;
  double seconds = 0;
  for (const StudyRtlRow& row : rows) {
    const std::size_t count = row.outcome.run.layers.size();
    table.rows.push_back({std::string(ToString(row.network)), std::string(ToString(row.variant)),
                          ToString(row.machine), Grouped(count), Grouped(Tiles(row)),
                          Grouped(row.Cycles()), row.Problem().empty() ? "equal" : "DIFFERS",
                          fmt::format("{} of {}", row.Verified(), count),
                          Grouped(row.outcome.reused), fmt::format("{:.1f}", CpuSeconds(row))});
    layers += count;
    verified += row.Verified();
    cycles += row.Cycles();
    seconds += CpuSeconds(row);
  }
  std::string text =
      "\nOn the RTL: every array layer, every byte and every tile's cycle compared\n";
  text += ToText(table);
  return text +
         fmt::format(
             "{} of {} layers verified, {} cycles in {:.1f} s of processor time: {} cycles/s\n",
             Grouped(verified), Grouped(layers), Grouped(cycles), seconds,
             seconds > 0 ? Short(static_cast<double>(cycles) / seconds) : "-");
}

nlohmann::json ToJson(const std::vector<StudyRtlRow>& rows) {
  nlohmann::json json = nlohmann::json::array();
  for (const StudyRtlRow& row : rows) {
    json.push_back({{"network", ToString(row.network)},
                    {"variant", ToString(row.variant)},
                    {"machine", Key(row.machine)},
                    {"layers", row.outcome.run.layers.size()},
                    {"verified", row.Verified()},
                    {"from_store", row.outcome.reused},
                    {"tiles", Tiles(row)},
                    {"cycles", row.Cycles()},
                    {"model_cycles", row.study_cycles},
                    {"cpu_seconds", CpuSeconds(row)},
                    {"good", row.Problem().empty()}});
  }
  return json;
}

void ThrowUnlessGood(const std::vector<StudyRtlRow>& rows) {
  for (const StudyRtlRow& row : rows) {
    if (const std::string problem = row.Problem(); !problem.empty()) {
      throw RunError(fmt::format("{} {} on {}: {}", ToString(row.network), ToString(row.variant),
                                 ToString(row.machine), problem));
    }
  }
}

}  // namespace systole
