// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tile_run.h"

namespace systole {

/// How the lines of a depthwise layer are streamed with ST-OS (docs/mapping.md, "ST-OS").
struct LineChoice {
  bool along_width = true;  ///< the lines lie along the width, else the height
  bool short_first = true;  ///< a bank's first window takes the rest of its outputs, not the last
  bool dense = false;       ///< a strided layer as one of stride 1 whose other outputs are dropped
  std::int64_t strips = 1;  ///< each line is cut into so many

  friend bool operator==(const LineChoice&, const LineChoice&) = default;
};

/// How a layer with ST-OS is laid on rows. Channels here are output channels; a line is one line of
/// outputs of one channel, image and strip.
struct LineTiling {
  LineChoice choice{};

  /// Channels that stand on the rows together, each on `spread` rows.
  struct Bank {
    std::int64_t channels = 1, spread = 1;
    std::int64_t share = 1;   ///< lines of one row: ceil(lines of a channel / spread)
    std::int64_t stream = 1;  ///< lines of its stream, with those between planes, at most
    std::int64_t shared = 0;  ///< elements of padding that the bank before has streamed for it
    std::uint64_t count = 1;
    friend bool operator==(const Bank&, const Bank&) = default;
  };
  std::vector<Bank> banks;  ///< in the order of the channels

  friend bool operator==(const LineTiling&, const LineTiling&) = default;
};

/// A range of products and of their channels, laid on the array in one way (docs/mapping.md,
/// "Blocks"). A row is a block of output positions of one product, a column an output channel of
/// one product at one position of the block.
struct GemmPart {
  std::int64_t first_group = 0, groups = 1;      ///< products
  std::int64_t first_channel = 0, channels = 1;  ///< output channels of each of them
  std::int64_t block_height = 1, block_width = 1;
  std::int64_t blocks = 1;         ///< of one product
  std::int64_t window = 1;         ///< inputs that a block reads
  std::int64_t tile_groups = 1;    ///< products of one tile; divides `groups`
  std::int64_t row_groups = 1;     ///< products abreast, on rows of their own; divides tile_groups
  std::int64_t tile_channels = 1;  ///< channels of a product in one tile; divides `channels`
  std::int64_t tile_rows = 1;      ///< rows of a tile; the last of a block of columns has the rest

  std::int64_t Positions() const { return block_height * block_width; }
  std::int64_t Columns() const { return tile_groups * Positions() * tile_channels; }
  /// Rows that one block of columns needs: several tiles.
  std::int64_t Rows() const { return row_groups * blocks; }
  /// Products that follow each other on the same rows of a tile.
  std::int64_t Slots() const { return tile_groups / row_groups; }
  /// Steps of a tile with one weight part.
  std::int64_t Steps() const { return Slots() * window; }
  /// Tiles of one block of columns, and such blocks.
  std::int64_t RowTiles() const { return (Rows() + tile_rows - 1) / tile_rows; }
  std::int64_t ColumnBlocks() const { return groups / tile_groups * (channels / tile_channels); }

  friend bool operator==(const GemmPart&, const GemmPart&) = default;
};

/// The tiles of one layer on one array.
struct Tiling {
  std::string
      mapping;  ///< "gemm", "gemm per group", "depthwise-os", "st-os 1x3", "gemm blocked 1x2"
  std::vector<TileBlock> blocks;  ///< in the order of the tiles
  std::vector<GemmPart> parts;    ///< without `stos`: in the order of the tiles
  bool stos = false;
  bool vector = false;  ///< weights on both edges; without `parts`
  LineTiling lines{};   ///< with `stos` only

  std::uint64_t TileCount() const;
};

/// A layer as matrix products: `products` of m x k by k x n. A group of a convolution is one
/// product.
struct GemmShape {
  std::int64_t products = 1, m = 1, n = 1, k = 1;
};
GemmShape GemmShapeOf(const ArrayLayer& layer);

/// The mappings to choose from (docs/mapping.md).
enum class MappingSet {
  kBasic,  ///< one output pixel a row, one group a tile, 1-D depthwise on ST-OS: the published ones
  kBest,   ///< every mapping that Systole knows
};

/// Tiles `layer` for an array: from shapes alone, in microseconds. Of the mappings of the set that
/// the array offers the one with the fewest cycles is taken. `config` is a good one (Check).
Tiling PlanLayer(const ArrayLayer& layer, const ArrayConfig& config,
                 MappingSet mappings = MappingSet::kBest);

}  // namespace systole
