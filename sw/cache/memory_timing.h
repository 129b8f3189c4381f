// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/stimulus.h"

namespace systole {

/// When the memory behind a cache takes and answers its transactions: pure functions of the
/// transaction's number, counted from 0 over reads and writes, so that a testbench and the model
/// stall alike.
struct MemoryTiming {
  std::uint32_t latency = 100;      ///< cycles from taking a read to its answer, at least 1
  std::uint32_t extra_accept = 0;   ///< a transaction waits up to so many cycles until it is taken
  std::uint32_t extra_latency = 0;  ///< a read is answered up to so many cycles later
  std::uint64_t seed = 1;           ///< of the two extras

  std::uint32_t AcceptDelay(std::uint64_t transaction) const {
    return extra_accept == 0 ? 0 : Random(2 * transaction) % (extra_accept + 1);
  }
  std::uint32_t Latency(std::uint64_t transaction) const {
    return latency + (extra_latency == 0 ? 0 : Random(2 * transaction + 1) % (extra_latency + 1));
  }

 private:
  std::uint32_t Random(std::uint64_t number) const {
    return static_cast<std::uint32_t>(Mix64(Mix64(seed) + number) >> 32);
  }
};

}  // namespace systole
