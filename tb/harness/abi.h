// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sw/map/pass.h"

namespace systole {

/// The border between the program and a compiled model of the core (harness.cc, built with the
/// Verilated model into a shared library): plain C layout on both sides. The two are always of one
/// source: the library's cache key covers these files.

/// The core's streams. Sources give beats to the core, sinks take them.
enum StreamId : int {
  kCommands,     ///< beats: Pass
  kActivations,  ///< beats: Rows packed elements
  kWeights,      ///< beats: WeightLanes packed elements
  kParams,       ///< beats: ChannelParam
  kSourceCount,
  kResults = kSourceCount,  ///< requantized rows
  kSums,                    ///< raw rows
  kStreamCount,
};

/// What the harness asks of the program while it runs. A callback that fails returns kHostFailed.
struct HarnessHost {
  void* context;
  /// The next buffer of source `stream`: returns its number of beats and points `data` to them; 0
  /// when the stream has ended, kHostLater when it has to be asked again in the next cycle. The
  /// buffer lives until the next pull of the same stream.
  std::uint64_t (*pull)(void* context, int stream, const void** data);
  /// The results of tile `index` (counted from 0): `count` values, which end in cycle `cycle`.
  std::uint64_t (*collect)(void* context, std::uint64_t index, const std::int32_t* values,
                           std::uint64_t count, std::uint64_t cycle);
  /// Called every kProgressInterval cycles.
  std::uint64_t (*progress)(void* context, std::uint64_t cycle);
};
constexpr std::uint64_t kProgressInterval = 8192;
constexpr std::uint64_t kHostFailed = ~std::uint64_t{0}, kHostLater = kHostFailed - 1;

struct HarnessOptions {
  std::uint64_t seed;  ///< of the pauses, and of registers that start with noise
  /// Chance of a pause of each stream before a beat, of 256; 0: the stream never pauses.
  std::uint8_t stall[kStreamCount];
  std::uint32_t longest_stall;         ///< a pause lasts 1 to longest_stall cycles, >= 1
  const char* trace_path;              ///< FST file, or null; ignored by a library without trace
  std::uint64_t trace_from, trace_to;  ///< cycles [from, to) are traced
  /// Called every cycle with the frame of the ports (tb/frame_ports.h); null: not recorded.
  void (*record)(void* context, const std::uint8_t* frame);
  void* record_context;
};

struct HarnessResult {
  std::uint64_t cycles;  ///< up to and with the one in which the last result leaves
  std::uint64_t failed;  ///< 0, or 1 with `error`, or kHostFailed: a callback failed
  char error[512];
};

/// Name and type of the library's only function: resets the core and runs until every stream has
/// ended and every result has left. Cycle 0 is the first in which the core sees a command.
constexpr const char* kHarnessEntry = "SystoleHarnessRun";
using HarnessEntry = void (*)(const HarnessHost*, const HarnessOptions*, HarnessResult*);

}  // namespace systole
