// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/compute_report.h"

#include <fmt/format.h>

#include "sw/cost/layer_cost.h"
#include "sw/cost/scale_sim.h"

namespace systole {
namespace {

/// A field of CSV: quoted where it has to be.
std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::uint64_t StepsOf(const Tiling& tiling) {
  std::uint64_t steps = 0;
  for (const TileBlock& block : tiling.blocks) {
    for (const TileRun& run : block.runs) steps += block.repeat * run.count * run.steps;
  }
  return steps;
}

}  // namespace

std::string ComputeReport(const std::vector<ComputeReportLayer>& layers,
                          const ArrayConfig& config) {
  std::string text =
      "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %, "
      "Layer Name, Mapping, Limit Cycles, SCALE-Sim Cycles, SCALE-Sim Cycles As Written,\n";
  const double elements = static_cast<double>(config.rows) * config.cols;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ComputeReportLayer& row = layers[i];
    const double work = 100 * static_cast<double>(row.layer.Macs()) / elements;
    const auto per = [&](std::uint64_t cycles) { return work / static_cast<double>(cycles); };
    const std::uint64_t stall = row.cycles > row.model_cycles ? row.cycles - row.model_cycles : 0;
    text += fmt::format("{}, {}, {}, {:.4f}, {:.4f}, {:.4f}, {}, {}, {}, {}, {},\n", i, row.cycles,
                        stall, per(row.cycles), per(StepsOf(row.tiling)), per(row.cycles - stall),
                        Quoted(row.name), Quoted(row.tiling.mapping),
                        LimitOf(row.layer, config).Cycles(), ScaleSimOs(row.layer, config).reported,
                        ScaleSimOs(row.written.value_or(row.layer), config).reported);
  }
  return text;
}

}  // namespace systole
