// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/stream.h"
#include "tb/harness/abi.h"

namespace systole {

/// Forms tiles in order, each once, and gives each of the core's source streams its part of them,
/// tile by tile. The streams advance independently: a tile is kept until all have passed it.
class TileFeed {
 public:
  /// `formed` is called with every tile that was formed.
  TileFeed(const ArrayConfig& config, const TileSource& source, std::uint64_t first,
           std::uint64_t count, std::function<void(const TileStream&)> formed);

  /// The next buffer of stream `stream` (see HarnessHost::pull): its beats of the next tile that
  /// has any. Throws RequestError when a tile breaks the contract of the core.
  std::uint64_t Pull(int stream, const void** data);

 private:
  struct Entry {
    TileStream tile;
    std::uint64_t steps = 0;
  };
  void Form();
  void DropPassed();
  bool FarAhead() const;

  ArrayConfig config_;
  const TileSource& source_;
  std::uint64_t first_, count_;
  std::function<void(const TileStream&)> formed_hook_;
  std::deque<Entry> tiles_;   ///< tiles dropped_ to formed_ - 1 of the run
  std::vector<Entry> spare_;  ///< passed tiles, whose memory is used again
  std::uint64_t dropped_ = 0, formed_ = 0;
  std::uint64_t steps_formed_ = 0, steps_commanded_ = 0;
  std::array<std::uint64_t, kSourceCount> next_ = {};  ///< tile that each stream pulls next
};

}  // namespace systole
