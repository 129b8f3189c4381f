// SPDX-License-Identifier: Apache-2.0
#include "sw/study/study_csv.h"

#include <fmt/format.h>

namespace systole {
namespace {

std::string Optional(const std::optional<double>& value) {
  return value ? fmt::format("{:.6f}", *value) : "";
}

std::string Line(const StudyReport& report, const NetworkStudy& network,
                 const VariantStudy& variant, Machine machine) {
  const MachineRun& run = variant.On(machine);
  std::string line =
      fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{:.6f},{:.6f}", ToString(network.name),
                  ToString(variant.variant), report.rows, report.cols, report.size, variant.macs,
                  variant.parameters, variant.printed ? std::to_string(*variant.printed) : "",
                  variant.published, variant.scale_sim, Key(machine), run.cycles, run.limit,
                  run.utilization, run.distance);
  for (const Machine base : kAllMachines) {
    line += fmt::format(",{}", Optional(network.Speedup(variant, machine, base)));
  }
  for (const std::uint64_t cycles : run.by_kind) line += fmt::format(",{}", cycles);
  line += "\n";
  return line;
}

}  // namespace

std::string ToCsv(const StudyReport& report) {
  std::string text =
      "network,variant,rows,cols,size,macs,parameters,printed_cycles,published_model_cycles,"
      "scale_sim_cycles,machine,cycles,limit_cycles,utilization,distance";
  for (const Machine base : kAllMachines) text += fmt::format(",speedup_over_{}", Key(base));
  for (const LayerKind kind : kAllLayerKinds) {
    text += fmt::format(",{}_cycles", ToString(kind));
  }
  text += "\n";
  for (const NetworkStudy& network : report.networks) {
    for (const VariantStudy& variant : network.variants) {
      for (const Machine machine : kAllMachines) text += Line(report, network, variant, machine);
    }
  }
  return text;
}

}  // namespace systole
