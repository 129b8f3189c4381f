// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tiling.h"

namespace systole {

/// The outputs of one block of a matrix-vector product: `across` on the bottom row, from column
/// `first_column` on, `up` on the first column above the bottom row.
struct VectorBlock {
  std::int64_t output = 0;  ///< the first of the block
  std::int64_t across = 1, up = 0;

  /// The first column is the vector's where the block goes up.
  std::int64_t FirstColumn() const { return up > 0 ? 1 : 0; }
  std::int64_t Outputs() const { return across + up; }
  /// Drains of the block: the bottom row, then the first column.
  std::int64_t Tiles() const { return up > 0 ? 2 : 1; }
};

/// Block `index` of a product with `outputs` outputs on an array; blocks are as large as the array
/// allows but for the last.
VectorBlock VectorBlockAt(std::int64_t index, std::int64_t outputs, const ArrayConfig& config);
std::int64_t VectorBlocks(std::int64_t outputs, const ArrayConfig& config);

/// Weights on both edges (docs/mapping.md, "Matrix-vector products"), or nothing where that is no
/// mapping of the layer: more than one row of A, no more outputs than columns, an array of one row
/// or column, or without channels by row (a core without ST-OS).
std::optional<Tiling> PlanVector(const ArrayLayer& layer, const ArrayConfig& config);

}  // namespace systole
