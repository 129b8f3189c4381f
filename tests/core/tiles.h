// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/stimulus.h"
#include "gen/config/array_config.h"
#include "sw/map/stream.h"

namespace systole {

/// What a random list of tiles is made of; chances are of 256.
struct TileMix {
  unsigned stos = 128;         ///< tile in ST-OS (on a core with it)
  unsigned several = 48;       ///< tile of 2 to 4 passes
  unsigned restart = 16;       ///< a later pass of a tile starts the sums anew
  unsigned raw = 64;           ///< raw results
  unsigned by_row = 48;        ///< GEMM tile with channels by row (on a core with ST-OS)
  unsigned go_on = 24;         ///< the sums of the tile before go on
  unsigned params = 96;        ///< tile switches banks
  unsigned short_bank = 48;    ///< a bank has fewer channels than fit
  unsigned all_rows = 96;      ///< tile drains every row
  unsigned extreme = 16;       ///< tile whose operands are all the least value
  unsigned rest = 96;          ///< ST-OS tile with more fill than it needs
  std::uint32_t longest = 12;  ///< taps of a pass
  std::uint32_t widest = 3;    ///< spacing of taps
};

/// Random tiles with what the functional model makes of them.
class TileList : public TileSource {
 public:
  TileList(const ArrayConfig& config, const TileMix& mix, std::uint64_t seed, std::size_t count);
  /// Given tiles.
  TileList(const ArrayConfig& config, std::vector<TileStream> tiles);

  std::uint64_t tile_count() const override { return tiles_.size(); }
  void Form(std::uint64_t index, TileStream& tile) const override { tile = tiles_[index]; }
  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override;

  /// The first difference between what was collected and the model, every tile collected once;
  /// empty when there is none.
  std::string Difference() const;
  /// "GEMM 3 taps, rows 2, raw" of a tile.
  std::string Describe(std::uint64_t index) const;
  const std::vector<TileStream>& tiles() const { return tiles_; }

 private:
  void Expect(const ArrayConfig& config);

  std::vector<TileStream> tiles_;
  std::vector<std::vector<std::int32_t>> expected_;
  std::vector<std::vector<bool>> defined_;  ///< false: of a channel that no bank gave
  std::vector<std::vector<std::int32_t>> collected_;
  std::vector<int> times_;
};

}  // namespace systole
