// SPDX-License-Identifier: Apache-2.0
#include "sw/map/vector_tiling.h"

#include <algorithm>

#include "base/math.h"
#include "sw/map/line_geometry.h"

namespace systole {
namespace {

std::int64_t FullBlock(const ArrayConfig& config) { return config.rows + config.cols - 2; }

/// The drains of one block: the bottom row with the product, then, after one more step without
/// work, the first column.
std::vector<TileRun> BlockRuns(const VectorBlock& block, const TileRun& product) {
  TileRun bottom = product;
  bottom.params = static_cast<std::uint32_t>(block.FirstColumn() + block.across);
  if (block.up == 0) return {bottom};
  TileRun column = product;
  column.steps = column.taps = column.passes = 1;
  column.rows = column.params = static_cast<std::uint32_t>(block.up + 1);
  return {bottom, column};
}

}  // namespace

VectorBlock VectorBlockAt(std::int64_t index, std::int64_t outputs, const ArrayConfig& config) {
  VectorBlock block;
  block.output = index * FullBlock(config);
  const std::int64_t left = outputs - block.output;
  block.across = std::min<std::int64_t>(left, left <= config.cols ? config.cols : config.cols - 1);
  block.up = std::min<std::int64_t>(left - block.across, config.rows - 1);
  return block;
}

std::int64_t VectorBlocks(std::int64_t outputs, const ArrayConfig& config) {
  return CeilDiv(outputs, FullBlock(config));
}

std::optional<Tiling> PlanVector(const ArrayLayer& layer, const ArrayConfig& config) {
  const GemmShape shape = GemmShapeOf(layer);
  if (shape.m != 1 || shape.n <= config.cols || config.dataflow != Dataflow::kOsStos ||
      config.rows < 2 || config.cols < 2) {
    return std::nullopt;
  }
  TileRun product;
  product.steps = product.taps = static_cast<std::uint64_t>(shape.k * layer.weight_parts);
  product.passes = static_cast<std::uint32_t>(
      CeilDiv(static_cast<std::int64_t>(product.steps), MaxCount(config)));
  product.raw = layer.raw;

  Tiling tiling;
  tiling.mapping = "vector";
  tiling.vector = true;
  const std::int64_t blocks = VectorBlocks(shape.n, config);
  const auto products = static_cast<std::uint64_t>(shape.products);
  if (blocks > 1) {
    tiling.blocks.push_back({BlockRuns(VectorBlockAt(0, shape.n, config), product),
                             products * static_cast<std::uint64_t>(blocks - 1)});
  }
  tiling.blocks.push_back(
      {BlockRuns(VectorBlockAt(blocks - 1, shape.n, config), product), products});
  return tiling;
}

}  // namespace systole
