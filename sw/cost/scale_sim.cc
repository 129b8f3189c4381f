// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/scale_sim.h"

#include "base/math.h"
#include "sw/map/tiling.h"

namespace systole {
ScaleSimCost ScaleSimOs(const ArrayLayer& layer, const ArrayConfig& config) {
  const GemmShape shape = GemmShapeOf(layer);
  const std::int64_t folds = CeilDiv(shape.m, config.rows) * CeilDiv(shape.n, config.cols);
  const std::int64_t fold_cycles = shape.k + config.rows + config.cols - 2;
  const double elements = static_cast<double>(config.rows) * config.cols;
  ScaleSimCost cost;
  cost.cycles = static_cast<std::uint64_t>(shape.products * folds * fold_cycles);
  cost.reported = cost.cycles - static_cast<std::uint64_t>(shape.products);
  const double results = static_cast<double>(shape.m) * static_cast<double>(shape.n);
  cost.mapping_efficiency = results / (static_cast<double>(folds) * elements);
  cost.compute_utilization =
      cost.mapping_efficiency * static_cast<double>(shape.k) / static_cast<double>(fold_cycles);
  if (cost.reported > 0) {
    cost.overall_utilization =
        static_cast<double>(layer.Macs()) / (elements * static_cast<double>(cost.reported));
  }
  return cost;
}

}  // namespace systole
