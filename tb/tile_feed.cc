// SPDX-License-Identifier: Apache-2.0
#include "tb/tile_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sw/ref/core_model.h"

namespace systole {
namespace {

/// The beats of one stream in one tile.
std::uint64_t Beats(const ArrayConfig& config, const TileStream& tile, int stream,
                    const void** data) {
  const auto lane_bytes = static_cast<std::uint64_t>(ElementBytes(config));
  switch (stream) {
    case kCommands:
      *data = tile.passes.data();
      return tile.passes.size();
    case kActivations:
      *data = tile.activations.data();
      return tile.activations.size() / (lane_bytes * config.rows);
    case kWeights:
      *data = tile.weights.data();
      return tile.weights.size() / (lane_bytes * WeightLanes(config));
    default:
      *data = tile.params.data();
      return tile.params.size();
  }
}

}  // namespace

TileFeed::TileFeed(const ArrayConfig& config, const TileSource& source, std::uint64_t first,
                   std::uint64_t count, std::function<void(const TileStream&)> formed)
    : config_(config),
      source_(source),
      first_(first),
      count_(count),
      formed_hook_(std::move(formed)) {}

void TileFeed::Form() {
  Entry entry;
  if (!spare_.empty()) {
    entry = std::move(spare_.back());
    spare_.pop_back();
  }
  entry.tile.Clear();
  const std::uint64_t index = first_ + formed_;
  source_.Form(index, entry.tile);
  try {
    CheckTile(config_, entry.tile);
    if (entry.tile.passes.back().last == 0) throw RequestError("its last pass does not drain");
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("tile {}: {}", index, error.what()));
  }
  entry.steps = 0;
  for (const Pass& pass : entry.tile.passes) entry.steps += Steps(pass);
  steps_formed_ += entry.steps;
  formed_hook_(entry.tile);
  tiles_.push_back(std::move(entry));
  ++formed_;
}

void TileFeed::DropPassed() {
  // A stream still reads the buffer of the tile before the one it pulls next.
  const std::uint64_t oldest = *std::min_element(next_.begin(), next_.end());
  while (dropped_ + 1 < oldest) {
    spare_.push_back(std::move(tiles_.front()));
    tiles_.pop_front();
    ++dropped_;
  }
}

// The parameter stream may run ahead of the others, by a bank; where many tiles share a bank, it
// would have all of them formed. A bank that arrives two bank lengths before its tile's first step
// is early enough to cost nothing.
bool TileFeed::FarAhead() const {
  return steps_formed_ - steps_commanded_ >
         4 * static_cast<std::uint64_t>(WeightLanes(config_)) + 64;
}

std::uint64_t TileFeed::Pull(int stream, const void** data) {
  std::uint64_t& next = next_[static_cast<std::size_t>(stream)];
  for (;;) {
    if (next == count_) return 0;
    if (next == formed_) {
      if (stream == kParams && FarAhead()) return kHostLater;
      Form();
    }
    const Entry& entry = tiles_[next - dropped_];
    const std::uint64_t beats = Beats(config_, entry.tile, stream, data);
    ++next;
    if (stream == kCommands) steps_commanded_ += entry.steps;
    DropPassed();
    if (beats > 0) return beats;
  }
}

}  // namespace systole
