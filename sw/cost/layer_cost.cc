// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/layer_cost.h"

#include <algorithm>
#include <array>

#include "base/math.h"
#include "sw/cost/core_timing.h"
#include "sw/map/line_geometry.h"

namespace systole {
namespace {

/// Applies `once` to the timing `count` times. Equal tiles after equal tiles take equal time from
/// the second repetition on, so that all but the first two and the last need not be walked.
template <typename Once>
void RepeatTiles(CoreTiming& timing, std::uint64_t count, Once once) {
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 2); ++i) {
    const CoreTiming before = timing;
    once(timing);
    if (i == 1 && count > 3) timing.Repeat(before, count - 3);
  }
  if (count > 2) once(timing);
}

/// Beats of so many lanes that carry the elements.
std::uint64_t Beats(std::int64_t elements, std::int64_t lanes) {
  return static_cast<std::uint64_t>(CeilDiv(elements, lanes));
}

}  // namespace

std::uint64_t LayerLimit::Cycles() const {
  return std::max({compute, activations, weights, outputs, std::uint64_t{1}});
}

std::string LayerLimit::Bound() const {
  const std::uint64_t cycles = Cycles();
  if (compute == cycles) return "compute";
  if (activations == cycles) return "activations";
  return weights == cycles ? "weights" : "outputs";
}

LayerLimit LimitOf(const ArrayLayer& layer, const ArrayConfig& config) {
  const bool product = layer.kind == ArrayLayer::Kind::kMatMul;
  const std::int64_t activations = product ? layer.products * layer.m * layer.k
                                           : layer.batch * layer.in_channels *
                                                 UsedInputs(layer.height) * UsedInputs(layer.width);
  const std::int64_t weights =
      product ? layer.products * layer.k * layer.n : layer.out_channels * layer.Depth();
  LayerLimit limit;
  limit.compute = Beats(layer.Macs(), std::int64_t{config.rows} * config.cols);
  limit.activations = Beats(activations, config.rows);
  // The other edge may bring weights as well where it has next to nothing else to bring.
  const bool both_edges = GemmShapeOf(layer).m == 1 && config.dataflow == Dataflow::kOsStos;
  limit.weights = Beats(weights, WeightLanes(config) + (both_edges ? config.rows : 0));
  limit.outputs = Beats(layer.Outputs(), config.cols);
  return limit;
}

std::uint64_t CyclesOf(const Tiling& tiling, const ArrayConfig& config) {
  CoreTiming timing(config);
  for (const TileBlock& block : tiling.blocks) {
    RepeatTiles(timing, block.repeat, [&block](CoreTiming& of_block) {
      for (const TileRun& run : block.runs) {
        RepeatTiles(of_block, run.count, [&run](CoreTiming& of_run) {
          of_run.Next({.steps = run.steps,
                       .rows = run.rows,
                       .params = run.params,
                       .stos = run.stos,
                       .raw = run.raw});
        });
      }
    });
  }
  return timing.total();
}

LayerCost Cost(const ArrayLayer& layer, const Tiling& tiling, const ArrayConfig& config) {
  LayerCost cost;
  cost.tiles = tiling.TileCount();
  cost.cycles = CyclesOf(tiling, config);
  cost.macs = layer.Macs();
  cost.utilization =
      static_cast<double>(cost.macs) /
      (static_cast<double>(config.rows) * config.cols * static_cast<double>(cost.cycles));
  cost.limit = LimitOf(layer, config);
  cost.distance = static_cast<double>(cost.cycles) / static_cast<double>(cost.limit.Cycles());
  return cost;
}

LayerCost Cost(const ArrayLayer& layer, const ArrayConfig& config, MappingSet mappings) {
  return Cost(layer, PlanLayer(layer, config, mappings), config);
}

}  // namespace systole
