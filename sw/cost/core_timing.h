// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "gen/config/array_config.h"
#include "sw/map/stream.h"

namespace systole {

/// What the cycles of a tile depend on.
struct TileTiming {
  std::uint64_t steps = 1;   ///< of all its passes
  std::uint32_t rows = 1;    ///< that drain
  std::uint32_t params = 0;  ///< channels of the bank it switches to; 0: it does not
  bool stos = false;
  bool raw = false;
};

/// The timing of a formed tile.
TileTiming TimingOf(const TileStream& tile);

/// The cycles of the core in closed form (docs/systolic-core.md, "Cycles"), when no stream pauses:
/// equal to the RTL's for every tile. Tiles are given in order; all cycles count from the one in
/// which the core is offered its first command.
///
/// The array has a time of its own, the *array cycles* in which it is enabled: it stands still only
/// while a tile waits for its channel parameters. With `end` the array cycle of a tile's last step,
///
///     start(n) = end(n-1) + 1                                  one step a cycle, no pause between
///             or end(n-1) + rows(n-1) + Cols - 1               ST-OS after GEMM, if later
///     end(n)   = max(start(n) + steps(n) - 1, end(n-1) + rows(n-1))
///     beat(n)  = end(n) + Rows + 1 [+ Cols - 1 in GEMM]        its first row is a whole beat
///     last(n)  = beat(n) + rows(n) - 1
///
/// and with `waited` the cycles in which the array stood still before, in cycles of the clock
///
///     switch(n) = beat(n) - 1 + waited                         a tile with parameters asks for its
///     bank full(n)   = used(previous bank) + 1 + params(n)          its bank is complete; the
///     first: params(n) used(n)   = max(switch(n), full(n)),   waited += used(n) - switch(n)
///     completion(n) = last(n) + waited + (raw ? 1 : 5)
class CoreTiming {
 public:
  explicit CoreTiming(const ArrayConfig& config) : config_(config) {}

  /// The cycle in which the last row of the next tile leaves the core.
  std::uint64_t Next(const TileTiming& tile);
  /// Adds `times` repetitions of the tiles since `before`, an earlier copy of this timing, at the
  /// cycles that they took. Exact when the sequence is at least at its second repetition: what a
  /// tile waits for then lies as far back as it did a repetition earlier.
  void Repeat(const CoreTiming& before, std::uint64_t times);
  /// Cycles of all tiles so far, up to and with the one in which the latest row left.
  std::uint64_t total() const { return total_; }

 private:
  ArrayConfig config_;
  bool any_ = false;  ///< there was a tile
  TileTiming previous_ = {};
  std::uint64_t end_ = 0;   ///< array cycle of the previous tile's last step
  std::uint64_t free_ = 0;  ///< cycle in which the next bank of parameters starts to fill
  std::uint64_t waited_ = 0;
  std::uint64_t total_ = 0;
};

/// The cycles of `count` equal tiles, without parameters after the first, as one expression.
std::uint64_t UniformCycles(const ArrayConfig& config, const TileTiming& tile, std::uint64_t count);

}  // namespace systole
