// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tile_run.h"

namespace systole {

/// How a layer with ST-OS is laid on rows and windows (docs/mapping.md, "ST-OS"). Channels here are
/// output channels; a line is one line of one channel and image.
struct LineTiling {
  bool along_width = true;    ///< the kernel lies along the width (1xK), else the height (Kx1)
  std::int64_t lines = 1;     ///< lines of one channel: batch x outputs across the kernel
  std::int64_t period = 1;    ///< outputs from one line's first to the next line's
  std::int64_t window = 1;    ///< outputs of one window at most
  std::int64_t sections = 1;  ///< phases with taps x weight parts: streams of one window
  bool continued = false;     ///< a window goes on with the stream of the one before in its bank

  /// Channels that stand on the rows together, each on `spread` rows.
  struct Bank {
    std::int64_t channels = 1, spread = 1;
    std::int64_t lines = 1;  ///< lines of the stream of one row: ceil(lines of a channel / spread)
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
