// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sw/cache/cache_model.h"
#include "tb/cache_sim.h"

namespace systole {

/// The state of the simulated RTL in the model's terms, at the start of the current cycle, in which
/// the cache has to be idle. Throws RunError when the library was built without state, when the
/// RTL breaks what its registers promise: a TCAM cell that matches nothing, a masked bit of the
/// merger's value that is 1, ranks that are no permutation.
CacheState ReadState(const CacheSim& sim, const CacheConfig& config);

/// The line that waits in the write buffer.
struct WaitingLine {
  std::uint64_t line;
  std::vector<std::uint8_t> bytes;
};
std::optional<WaitingLine> ReadWriteBuffer(const CacheSim& sim, const CacheConfig& config);

/// The bytes that the data array of a way holds for a set.
std::vector<std::uint8_t> ReadDataLine(const CacheSim& sim, const CacheConfig& config, int set,
                                       int way);

/// The first difference of two states in words; empty when they are equal. Credits of invalid
/// entries mean nothing and may differ.
std::string Difference(const CacheState& rtl, const CacheState& model, const CacheConfig& config);

}  // namespace systole
