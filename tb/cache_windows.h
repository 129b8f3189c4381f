// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sw/trace/program.h"
#include "tb/cache_lockstep.h"

namespace systole {

/// What the RTL ran of one layer, or of the whole program.
struct CacheWindow {
  std::string layer, op;
  std::uint64_t accesses = 0;
  std::uint64_t cycles = 0;  ///< up to the last response
  CacheCounters counters;    ///< RTL's and model's
  std::uint64_t checks = 0;  ///< comparisons of the whole state
  double rtl_seconds = 0;
};

struct WindowOptions {
  /// First accesses of each layer that run on the RTL, each window from an empty cache; 0: the
  /// whole program in one window.
  std::uint64_t accesses_per_layer = 0;
  MemoryTiming timing = {};
  std::uint64_t state_every = 100'000;
  /// Called after each window.
  std::function<void(const CacheWindow&)> done = {};
};

/// Runs a program on the Verilated cache in lock-step with the model. The image is the program's
/// memory before the run; it is as after the run when the function returns. Throws RunError that
/// names the first access that differs, and as CacheLockstep does.
std::vector<CacheWindow> RunWindows(const CacheLibrary& library, const Program& program,
                                    MemoryImage& image, const WindowOptions& options);

}  // namespace systole
