// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/stimulus.h"
#include "gen/config/cache_config.h"
#include "sw/cache/memory_image.h"
#include "tb/cache_lockstep.h"

namespace systole {

/// Shares are of 256.
struct StreamMix {
  unsigned zero_lines = 160;   ///< lines of the memory that are zero at the start
  unsigned small_lines = 0;    ///< of the others: only small values, for approximation
  unsigned stores = 90;        ///< accesses that are stores
  unsigned zero_stores = 110;  ///< stores of zero
  unsigned gaps = 60;          ///< accesses after more than one instruction
  std::uint32_t longest_gap = 12;
  unsigned registers = 0;          ///< phases that begin with a register write
  std::uint64_t footprint = 4096;  ///< lines, a power of two; less if the address space is less
  /// The footprint's line numbers are spread over random bits of the line address, the highest
  /// among them; else the lines are the first ones.
  bool scattered = false;
};

/// A program that does what caches like least: phases of a few dozen accesses, each with its own
/// pattern: anywhere; the same lines again and again; lines of one set; strides of powers of two;
/// lines that differ in one address bit; lines cleared word by word; loads of whole ranges.
class HostileStream {
 public:
  HostileStream(const CacheConfig& config, const StreamMix& mix, std::uint64_t seed,
                MemoryImage& image);

  void Run(CacheLockstep& lockstep, std::uint64_t accesses);

 private:
  enum Pattern { kAnywhere, kFew, kAliases, kStride, kNeighbours, kClear, kRange, kPatterns };

  std::uint64_t AddressOf(std::uint64_t line) const;
  void FillMemory();
  void NextPhase(CacheLockstep& lockstep);
  std::uint64_t NextAddress();
  Access NextAccess();
  std::uint64_t NonZero(int bytes);
  void WriteRegister(CacheLockstep& lockstep);

  CacheConfig config_;
  StreamMix mix_;
  Stimulus random_;
  MemoryImage& image_;
  std::uint64_t lines_, bits_;  ///< of the footprint; of the line address that it uses
  Pattern pattern_ = kAnywhere;
  std::uint64_t left_ = 0, line_ = 0, step_ = 1, word_ = 0, few_[4] = {};
  unsigned lanes_ = 0;
};

}  // namespace systole
