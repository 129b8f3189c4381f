// SPDX-License-Identifier: Apache-2.0
#include "sw/map/tiling.h"

#include <algorithm>

#include "sw/map/line_geometry.h"
#include "sw/map/line_tiling.h"

namespace systole {
namespace {

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Interval of a tile in a long row of equal ones: what the choice of a mapping goes by.
std::uint64_t Interval(const TileRun& run) {
  return std::max<std::uint64_t>({run.steps, run.rows, run.params > 0 ? run.params + 1 : 0});
}

std::uint64_t Estimate(const Tiling& tiling) {
  std::uint64_t cycles = 0;
  for (const TileBlock& block : tiling.blocks) {
    std::uint64_t once = 0;
    for (const TileRun& run : block.runs) once += run.count * Interval(run);
    cycles += once * block.repeat;
  }
  return cycles;
}

/// The tiles of one block of `cols` channels: only the first switches parameters.
std::vector<TileRun> GemmRuns(const TileRun& tile, std::int64_t pixels, std::int64_t rows,
                              std::int64_t cols) {
  const std::int64_t full = pixels / rows, tail = pixels % rows;
  std::vector<TileRun> runs;
  TileRun run = tile;
  run.params = static_cast<std::uint32_t>(cols);
  run.rows = static_cast<std::uint32_t>(std::min(pixels, rows));
  runs.push_back(run);
  run.params = 0;
  if (full > 1) {
    run.count = static_cast<std::uint64_t>(full - 1);
    runs.push_back(run);
  }
  if (full > 0 && tail > 0) {
    run.count = 1;
    run.rows = static_cast<std::uint32_t>(tail);
    runs.push_back(run);
  }
  return runs;
}

Tiling PlanGemm(const ArrayLayer& layer, const ArrayConfig& config) {
  const GemmShape shape = GemmShapeOf(layer);
  TileRun tile;
  tile.steps = tile.taps = static_cast<std::uint64_t>(shape.k * layer.weight_parts);
  tile.passes =
      static_cast<std::uint32_t>(CeilDiv(static_cast<std::int64_t>(tile.steps), MaxCount(config)));
  tile.raw = layer.raw;

  Tiling tiling;
  tiling.mapping = layer.Depthwise()    ? "depthwise-os"
                   : layer.group > 1    ? "gemm per group"
                   : shape.products > 1 ? "gemm batched"
                                        : "gemm";
  const std::int64_t full = shape.n / config.cols, tail = shape.n % config.cols;
  if (full > 0) {
    tiling.blocks.push_back({GemmRuns(tile, shape.m, config.rows, config.cols),
                             static_cast<std::uint64_t>(shape.products * full)});
  }
  if (tail > 0) {
    tiling.blocks.push_back(
        {GemmRuns(tile, shape.m, config.rows, tail), static_cast<std::uint64_t>(shape.products)});
  }
  return tiling;
}

}  // namespace

GemmShape GemmShapeOf(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return {layer.products, layer.m, layer.n, layer.k};
  return {layer.group, layer.batch * layer.height.output * layer.width.output,
          layer.out_channels / layer.group, layer.Depth()};
}

std::uint64_t Tiling::TileCount() const {
  std::uint64_t tiles = 0;
  for (const TileBlock& block : blocks) {
    for (const TileRun& run : block.runs) tiles += run.count * block.repeat;
  }
  return tiles;
}

Tiling PlanLayer(const ArrayLayer& layer, const ArrayConfig& config, MappingSet mappings) {
  Tiling best = PlanGemm(layer, config);
  const std::uint64_t cycles = Estimate(best);
  if (auto lines = PlanLines(layer, config, mappings); lines && Estimate(*lines) < cycles) {
    best = std::move(*lines);
  }
  return best;
}

}  // namespace systole
