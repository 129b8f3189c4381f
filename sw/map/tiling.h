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

/// The tiles of one layer on one array.
struct Tiling {
  std::string mapping;            ///< "gemm", "gemm per group", "depthwise-os", "st-os 1x3"
  std::vector<TileBlock> blocks;  ///< in the order of the tiles
  bool stos = false;
  LineTiling lines{};  ///< with `stos` only

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
