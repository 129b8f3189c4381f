// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sw/cache/access.h"
#include "sw/cache/memory_timing.h"

namespace systole {

/// The border between the program and a compiled model of the data cache (cache_harness.cc, built
/// with the Verilated model into a shared library): plain C layout on both sides.

struct CacheHarnessOptions {
  std::uint8_t* memory;                ///< what lies behind the cache: 2^address width bytes
  MemoryTiming timing;                 ///< when it takes and answers transactions
  std::uint64_t seed;                  ///< of registers that start with noise
  const char* trace_path;              ///< FST file, or null; ignored by a library without trace
  std::uint64_t trace_from, trace_to;  ///< cycles [from, to) are traced
  /// Called every cycle with the frame of the ports (tb/frame_ports.h); null: not recorded.
  void (*record)(void* context, const std::uint8_t* frame);
  void* record_context;
};

/// How one access ended.
struct CacheReply {
  std::uint64_t cycle;   ///< of the response; cycle 0 is the first out of reset
  std::uint64_t data;    ///< of a load: the bytes that were asked for
  std::uint64_t source;  ///< resp_source_o
};

/// A variable of the RTL that the control file of the build made readable.
struct CacheVariable {
  const void* data;
  std::uint32_t bits;           ///< of one element
  std::uint32_t elements;       ///< 1, or the words of a memory
  std::uint32_t element_bytes;  ///< from one element to the next
};

/// What the library can do, on a simulation that `create` made. Functions that return an int return
/// 0, or 1 with `error`; a simulation that failed once stays as it is.
///
/// Time stands still between the calls, at the start of the cycle in which the last response came.
/// A request is presented `instructions - 1` cycles after the previous response (or, for the first
/// one, after cycle 0), and held until it is taken.
struct CacheHarnessApi {
  void* (*create)(const CacheHarnessOptions*);  ///< comes up out of reset; null: see `error(null)`
  void (*destroy)(void*);
  /// Runs `count` accesses, the last one up to its response.
  int (*run)(void*, const Access*, std::uint64_t count, CacheReply*);
  /// A register write, presented in the cycle of the last response; the cycle in which it is taken
  /// goes to `cycle`. Accesses count their instructions from the next one.
  int (*write_register)(void*, std::uint32_t address, std::uint64_t value, std::uint64_t* cycle);
  /// Takes no time.
  std::uint64_t (*read_register)(void*, std::uint32_t address);
  /// Lets cycles pass without a request until the current one is `cycle`.
  int (*advance)(void*, std::uint64_t cycle);
  std::uint64_t (*cycle)(void*);
  /// Cycles that were not found to change nothing (tb/harness/still_state.h).
  std::uint64_t (*computed_cycles)(void*);
  /// Finds a variable by scope ("data_cache.u_null_cache") and name; 1 if there is none.
  int (*variable)(void*, const char* scope, const char* name, CacheVariable*);
  const char* (*error)(void*);
};

/// Name and type of the library's only function.
constexpr const char* kCacheHarnessEntry = "SystoleCacheHarness";
using CacheHarnessEntry = const CacheHarnessApi* (*)();

}  // namespace systole
