// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// Kernels hand their work to a runner in units: pieces that may run on any machine in order, the
/// same accesses each time. The phase tells pieces of different work apart.
enum class Phase : std::uint8_t { kMain, kColumns, kPackA, kPackB, kResults };
inline constexpr int kPhaseCount = 5;

/// Work of several units: runs unit(machine, begin, end) for consecutive pieces of [0, count).
template <typename Runner, typename Work>
void InUnits(Runner& run, Phase phase, std::int64_t count, std::int64_t piece, Work work) {
  for (std::int64_t begin = 0; begin < count; begin += piece) {
    const std::int64_t end = begin + piece < count ? begin + piece : count;
    run.Unit(phase, [&](auto& machine) { work(machine, begin, end); });
  }
}

}  // namespace systole
