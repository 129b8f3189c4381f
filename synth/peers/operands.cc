// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sw/map/plan.h"
#include "sw/ref/execute.h"
#include "synth/peers/study.h"

namespace systole {
namespace {

ArrayConfig Plain(int rows, int cols) {
  ArrayConfig config;
  config.rows = rows;
  config.cols = cols;
  config.dataflow = Dataflow::kOs;
  return config;
}

/// The layer's plan on a plain array: a pixel a row, a channel a column.
std::unique_ptr<LayerPlan> PlanOf(const ArrayWorkload& workload, const std::string& layer, int rows,
                                  int cols) {
  const auto node = std::find_if(workload.network.nodes.begin(), workload.network.nodes.end(),
                                 [&](const Node& candidate) { return candidate.name == layer; });
  if (node == workload.network.nodes.end()) {
    throw RequestError(fmt::format("{} has no layer {}", workload.name, layer));
  }
  return MakePlan(*node, InputsOf(workload.network, *node, workload.values), Plain(rows, cols),
                  MappingSet::kBasic);
}

}  // namespace

std::string LongestLayer(const ArrayWorkload& workload, int rows, int cols) {
  const auto groups = GroupLayers(workload, Plain(rows, cols), MappingSet::kBasic);
  const auto longest = std::max_element(
      groups.begin(), groups.end(),
      [](const LayerGroup& a, const LayerGroup& b) { return a.sample_cycles < b.sample_cycles; });
  if (longest == groups.end()) throw RequestError(workload.name + " has no work for an array");
  return longest->sample;
}

GemmOperands LayerOperands(const ArrayWorkload& workload, const std::string& layer, int rows,
                           int cols, std::size_t m) {
  const std::unique_ptr<LayerPlan> plan = PlanOf(workload, layer, rows, cols);
  const auto height = static_cast<std::size_t>(rows), width = static_cast<std::size_t>(cols);
  GemmOperands operands;
  operands.n = width;
  TileStream tile;
  std::vector<std::int8_t> weights;
  for (std::uint64_t index = 0; index < plan->tile_count() && operands.m < m; ++index) {
    tile.Clear();
    plan->Form(index, tile);
    if (index == 0) {
      weights = tile.weights;
      operands.k = weights.size() / width;
      operands.b.assign(weights.begin(), weights.end());
    }
    if (tile.weights != weights || tile.activations.size() != operands.k * height) break;
    operands.a.resize((operands.m + height) * operands.k);
    for (std::size_t step = 0; step < operands.k; ++step) {
      for (std::size_t row = 0; row < height; ++row) {
        operands.a[(operands.m + row) * operands.k + step] = tile.activations[step * height + row];
      }
    }
    operands.m += height;
  }
  if (operands.k < height || operands.m == 0) {
    throw RequestError(fmt::format("{} {} has sums of {} products: too short for {} rows",
                                   workload.name, layer, operands.k, rows),
                       "choose a layer with longer sums");
  }
  return operands;
}

}  // namespace systole
