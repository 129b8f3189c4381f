// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sw/map/pass.h"

namespace systole {

/// What the core consumes and produces for one tile: a run of passes of which only the last drains.
/// Beats are packed back to back, lane 0 first, ElementBytes(config) bytes a lane: one,
/// sign-extended, up to data width 8, two in little-endian order above.
struct TileStream {
  std::vector<Pass> passes{};
  std::vector<std::int8_t> activations{};  ///< sum of Steps(pass) beats of Rows lanes
  std::vector<std::int8_t> weights{};      ///< sum of taps beats of WeightLanes(config) lanes
  std::vector<ChannelParam> params{};      ///< a bank if the draining pass has `params`, else empty

  void Clear() {
    passes.clear();
    activations.clear();
    weights.clear();
    params.clear();
  }
};

/// Produces the tiles of one layer in order and takes their results; the boundary behind which
/// hardware address generators could stand.
class TileSource {
 public:
  virtual ~TileSource() = default;
  virtual std::uint64_t tile_count() const = 0;
  /// Fills `tile` with tile number `index`; any order, any number of times.
  virtual void Form(std::uint64_t index, TileStream& tile) const = 0;
  /// Takes the drained results of tile `index`: `rows` beats of Cols values, bottom row first.
  /// Values are sign-extended to 32 bits; of wider raw sums the low 32 bits are given.
  virtual void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) = 0;
};

}  // namespace systole
