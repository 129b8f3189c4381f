// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tests/cache_rtl/hostile_stream.h"

namespace systole {

struct StreamRun {
  StreamMix mix;
  std::uint64_t seed = 1;  ///< of stream, stalls and noise
  std::uint64_t accesses = 1000;
  MemoryTiming timing = {};
  std::uint64_t state_every = 97;
};

/// Runs a stream on RTL and model in lock-step: what differs first; empty when nothing does.
std::string FirstDifference(const CacheLibrary& library, const StreamRun& run);

}  // namespace systole
