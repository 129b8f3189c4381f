// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"
#include "sw/cache/access.h"
#include "sw/cache/memory_image.h"
#include "sw/cache/memory_timing.h"
#include "tb/cache_harness/abi.h"
#include "tb/frame_ports.h"
#include "tb/model_library.h"

namespace systole {

/// The data cache of a configuration: emitted, compiled with tb/cache_harness, and loaded
/// (ModelLibrary). Its simulations are CacheSim.
class CacheLibrary {
 public:
  /// `state` makes the RTL's registers and memories readable, which costs some speed. Throws
  /// RequestError for a configuration that is not good, and as ModelLibrary does.
  CacheLibrary(const CacheConfig& config, const ModelOptions& options, bool state);
  /// The same from other Verilog with the ports and the names of the cache of `config`.
  CacheLibrary(const CacheConfig& config, std::vector<rtl::File> verilog,
               const ModelOptions& options, bool state);

  const CacheConfig& config() const { return config_; }
  const ModelLibrary& library() const { return library_; }
  bool state() const { return state_; }
  const CacheHarnessApi& api() const { return *api_; }

 private:
  CacheConfig config_;
  bool state_;
  ModelLibrary library_;
  const CacheHarnessApi* api_;
};

struct CacheSimOptions {
  MemoryTiming timing = {};
  std::uint64_t seed = 1;            ///< of registers that start with noise
  std::filesystem::path trace = {};  ///< FST file; needs a library with trace; empty: none
  std::uint64_t trace_from = 0, trace_to = ~std::uint64_t{0};  ///< cycles [from, to)
  FrameSink record = {};  ///< of the ports, every cycle; must not throw
};

/// One simulation of the RTL of a data cache with a memory behind it and the in-order processor of
/// docs/null-cache.md before it. Always checked: the protocol of its ports, that it answers at all,
/// and that a null hit answers for a line that is zero in memory (together with the write buffer),
/// unless the detector approximates. What breaks one of these ends the simulation with RunError.
class CacheSim {
 public:
  /// `memory` is what lies behind the cache; the library and the memory outlive the simulation.
  CacheSim(const CacheLibrary& library, MemoryImage& memory, const CacheSimOptions& options = {});
  ~CacheSim();
  CacheSim(const CacheSim&) = delete;
  CacheSim& operator=(const CacheSim&) = delete;

  /// Runs accesses, the last one up to the start of its response's cycle. `responses` gets one
  /// each.
  void Run(std::span<const Access> accesses, std::vector<CacheReply>& responses);
  /// Returns the cycle in which the write was taken; the processor goes on in the next.
  std::uint64_t WriteRegister(std::uint32_t address, std::uint64_t value);
  std::uint64_t ReadRegister(std::uint32_t address) const;
  /// Lets time pass without a request up to the start of `cycle`.
  void Advance(std::uint64_t cycle);
  std::uint64_t cycle() const;
  /// Of them: those that the Verilated model computed. The others, between two that it did, would
  /// have changed nothing but the counter of stalls (tb/harness/still_state.h). All are computed
  /// when ports are recorded, and by a library with assertions or trace.
  std::uint64_t computed_cycles() const;
  /// A register or memory of the RTL; throws RunError when the library was built without state, or
  /// the RTL has none of that name.
  CacheVariable Variable(const std::string& scope, const std::string& name) const;

 private:
  void Check(int status) const;

  const CacheLibrary& library_;
  FrameSink record_;
  void* self_;
};

}  // namespace systole
