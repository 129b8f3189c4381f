// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace systole {

/// Equal tiles that follow each other: what the cycles of the core depend on
/// (docs/systolic-core.md, "Cycles").
struct TileRun {
  std::uint64_t count = 1;   ///< tiles
  std::uint64_t steps = 1;   ///< activation beats of one tile, over all its passes
  std::uint64_t taps = 1;    ///< weight beats of one tile, over all its passes
  std::uint32_t passes = 1;  ///< commands of one tile
  std::uint32_t rows = 1;    ///< rows that drain
  std::uint32_t params = 0;  ///< channels of the bank that each tile switches to; 0: keeps its bank
  bool stos = false;
  bool raw = false;

  friend bool operator==(const TileRun&, const TileRun&) = default;
};

/// A sequence of runs, and how often the whole sequence is repeated.
struct TileBlock {
  std::vector<TileRun> runs;
  std::uint64_t repeat = 1;

  friend bool operator==(const TileBlock&, const TileBlock&) = default;
};

}  // namespace systole
