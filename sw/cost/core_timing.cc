// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/core_timing.h"

#include <algorithm>

namespace systole {
namespace {

/// The first command is taken in cycle 0; the sequencer has it in hand, and steps, from cycle 1.
constexpr std::uint64_t kCommand = 1;
/// From a step to the array cycle in which the bottom row hands out its result, beside the one
/// cycle for each row: the edge register of the array and the result register.
constexpr std::uint64_t kHandOut = 1;
/// From a beat of sums to the `acc` stream: the register behind the bias adder.
constexpr std::uint64_t kRawLatency = 1;
/// From a beat of sums to the `out` stream: that register and the requantizer's four stages.
constexpr std::uint64_t kRequantizedLatency = kRawLatency + 4;

/// From the array cycle of a tile's last step to that of its first whole beat.
std::uint64_t BeatLatency(const ArrayConfig& config, bool stos) {
  const auto rows = static_cast<std::uint64_t>(config.rows);
  const auto cols = static_cast<std::uint64_t>(config.cols);
  // In GEMM column c is c cycles late: the deskew waits for the last one.
  return rows + kHandOut + (stos ? 0 : cols - 1);
}

std::uint64_t StreamLatency(bool raw) { return raw ? kRawLatency : kRequantizedLatency; }

}  // namespace

TileTiming TimingOf(const TileStream& tile) {
  TileTiming timing{.steps = 0};
  for (const Pass& pass : tile.passes) timing.steps += Steps(pass);
  const Pass& last = tile.passes.back();
  timing.rows = last.rows;
  timing.params = last.params != 0 ? static_cast<std::uint32_t>(tile.params.size()) : 0;
  timing.stos = last.stos != 0;
  timing.raw = last.raw != 0;
  return timing;
}

std::uint64_t CoreTiming::Next(const TileTiming& tile) {
  if (!any_) {
    end_ = kCommand + tile.steps - 1;
  } else {
    std::uint64_t start = end_ + 1;
    if (tile.stos && !previous_.stos) {
      start = std::max(start, end_ + previous_.rows + static_cast<std::uint64_t>(config_.cols) - 1);
    }
    end_ = std::max(start + tile.steps - 1, end_ + previous_.rows);
  }
  any_ = true;
  previous_ = tile;

  const std::uint64_t beat = end_ + BeatLatency(config_, tile.stos);
  if (tile.params != 0) {
    const std::uint64_t wanted = beat - 1 + waited_, full = free_ + tile.params;
    const std::uint64_t used = std::max(wanted, full);
    waited_ += used - wanted;
    free_ = used + 1;
  }
  const std::uint64_t completion = beat + tile.rows - 1 + waited_ + StreamLatency(tile.raw);
  total_ = std::max(total_, completion + 1);
  return completion;
}

void CoreTiming::Repeat(const CoreTiming& before, std::uint64_t times) {
  end_ += times * (end_ - before.end_);
  free_ += times * (free_ - before.free_);
  waited_ += times * (waited_ - before.waited_);
  total_ += times * (total_ - before.total_);
}

std::uint64_t UniformCycles(const ArrayConfig& config, const TileTiming& tile,
                            std::uint64_t count) {
  if (count == 0) return 0;
  const std::uint64_t interval = std::max<std::uint64_t>(tile.steps, tile.rows);
  const std::uint64_t beat = kCommand + tile.steps - 1 + BeatLatency(config, tile.stos);
  // The first tile's beat cannot leave before its parameters are there and switched.
  const std::uint64_t waited = tile.params > beat - 1 ? tile.params - (beat - 1) : 0;
  return beat + waited + (count - 1) * interval + tile.rows - 1 + StreamLatency(tile.raw) + 1;
}

}  // namespace systole
