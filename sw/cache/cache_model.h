// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "gen/config/cache_config.h"
#include "sw/cache/access.h"
#include "sw/cache/memory_image.h"
#include "sw/cache/memory_timing.h"
#include "sw/cache/null_cache_model.h"
#include "sw/cache/victim_buffer.h"
#include "sw/cache/way_order.h"
#include "sw/cache/zero_detector.h"

namespace systole {

/// `resp_source_o`.
enum class ResponseSource : std::uint8_t { kL1Hit = 0, kNullHit = 1, kMiss = 2, kZeroFill = 3 };

struct CacheResponse {
  std::uint64_t accepted = 0;  ///< cycle in which the request was taken
  std::uint64_t cycle = 0;     ///< cycle of the response
  std::uint64_t value = 0;     ///< of a load: its bytes, in the low ones
  ResponseSource source = ResponseSource::kL1Hit;
};

/// The performance counters, in full width; the hardware's wrap.
struct CacheCounters {
  std::uint64_t accesses = 0;
  std::uint64_t l1_hits = 0;
  std::uint64_t null_hits = 0;
  std::uint64_t victim_hits = 0;
  std::uint64_t write_backs = 0;
  std::uint64_t stalls = 0;
  std::uint64_t approximated = 0;
  std::uint64_t fills = 0;
  std::uint64_t prefetches = 0;  ///< fills that no access asked for
  NullCounters null;

  std::uint64_t Misses() const { return accesses - l1_hits - null_hits - victim_hits; }
  friend bool operator==(const CacheCounters&, const CacheCounters&) = default;
};

/// What the arrays did beside the reads of all tags and words of a set, and the search of the TCAM,
/// that every access makes; for estimates of energy (synth/macros). Not cleared with the counters.
struct CacheArrayUse {
  std::uint64_t store_hits = 0;     ///< a word of one way is written
  std::uint64_t installs = 0;       ///< a tag and the words of a line are written
  std::uint64_t victim_copies = 0;  ///< the words of a line are read, for the write buffer
  std::uint64_t zero_moves = 0;     ///< a tag is cleared, its line goes to the null cache
  TcamUse tcam;

  friend bool operator==(const CacheArrayUse&, const CacheArrayUse&) = default;
};

/// What no RTL has, to compare with.
struct CacheExtras {
  /// Instead of the TCAM, a null cache that knows every zero line and never forgets one. Its L1 and
  /// its timing are the null cache's. Needs config.null_cache; not with zero_at_store.
  bool ideal_null = false;
  /// Lines of a victim cache (Jouppi, ISCA 1990): fully associative, LRU, gets every line that
  /// leaves the L1. A hit in it is answered one cycle later than one in the L1 and swaps the lines,
  /// which takes 2 * LineWords cycles more. 0: none. Not with a null cache.
  int victim_lines = 0;
  /// Ours: a zero line that would replace an entry with credit goes to the L1 instead, and every
  /// credit goes down by one. Coverage replacement only.
  bool filter_insertions = false;
  /// Ours: when a fetched line is zero, up to so many lines behind it are read as well, one after
  /// the other, as long as they are zero, not in the L1 and not covered; they go to the null cache.
  /// The memory answers each after its latency, beside the processor's own reads. Fills count them.
  int zero_prefetch = 0;

  friend bool operator==(const CacheExtras&, const CacheExtras&) = default;
};

/// One way of one set.
struct CacheLineState {
  bool valid = false;
  bool dirty = false;
  std::uint64_t line = 0;  ///< line address; 0 when not valid

  friend bool operator==(const CacheLineState&, const CacheLineState&) = default;
};

struct CacheState {
  std::vector<CacheLineState> lines;      ///< set by set, way by way
  std::vector<std::uint32_t> way_orders;  ///< replacement bits by set
  std::vector<NullEntry> entries;
  MergerState merger;

  friend bool operator==(const CacheState&, const CacheState&) = default;
};

/// Model of `data_cache`, equal to the RTL in every response, state and cycle: docs/null-cache.md.
/// Cycle 0 is the first cycle after reset. The processor presents an access of n instructions n - 1
/// cycles after the response to the one before (in the same cycle for n = 1).
///
/// The model holds no data: it looks at the image, which must be as old as the access
/// (memory_image.h). Only with approximation it changes the image: a store to a line that was
/// approximated makes its other bytes zero.
class CacheModel {
 public:
  /// Throws RequestError when configuration and extras are not good or the image is smaller than
  /// the address space.
  CacheModel(const CacheConfig& config, MemoryImage& image, const MemoryTiming& timing = {},
             const CacheExtras& extras = {});

  /// One access, naturally aligned; returns the value that the program sees (of a store: the
  /// value).
  std::uint64_t Access(const Access& access) {
    return HitsLastLine(access) ? access.value : Look(access).value;
  }
  CacheResponse Respond(const systole::Access& access) {
    if (!HitsLastLine(access)) return Look(access);
    return {response_cycle_ - 1, response_cycle_, access.value, ResponseSource::kL1Hit};
  }

  /// Writes control (address 0) or threshold (1) through the register port, presented in the cycle
  /// of the last response; returns the cycle in which it takes effect. Accesses count their
  /// instructions from the cycle after that. Throws RequestError for other addresses.
  std::uint64_t WriteRegister(int address, std::uint64_t value);

  /// Cycle of the last response, or from which the next access counts its instructions.
  std::uint64_t cycle() const { return response_cycle_; }
  /// First cycle in which the controller is idle after all accesses so far.
  std::uint64_t idle_cycle() const { return idle_cycle_; }
  /// First cycle from idle_cycle() on in which the last null hit has been touched as well.
  std::uint64_t settled_cycle() const { return std::max(idle_cycle_, touch_cycle_ + 1); }
  /// Counters at the beginning of `cycle`, at least idle_cycle(), and state, at least
  /// settled_cycle(); not after the next access is taken.
  CacheCounters Counters(std::uint64_t cycle);
  CacheState State(std::uint64_t cycle);
  /// What the arrays did up to `idle_cycle()`.
  CacheArrayUse ArrayUse();
  CacheCounters Counters() { return Counters(idle_cycle_); }

  const CacheConfig& config() const { return config_; }
  bool enabled() const { return enabled_; }
  /// Entries of the null cache as of the last look at it; needs config().null_cache.
  const NullCacheModel& null_cache() const { return *null_; }

 private:
  /// Counts an access and what it waits; returns the cycle in which it is taken.
  std::uint64_t Accept(const systole::Access& access) {
    const std::uint64_t presented = response_cycle_ + access.instructions - 1;
    const std::uint64_t accepted = std::max(presented, free_cycle_);
    counters_.stalls += accepted - presented;
    ++counters_.accesses;
    if (touch_cycle_ == accepted + 1) touch_cycle_ = 0;  // it is the LOOKUP
    return accepted;
  }
  /// A load from the line that its set had last: a hit after which nothing is different but the
  /// time. Most accesses are one; the rest is Look's.
  bool HitsLastLine(const systole::Access& access) {
    const std::uint64_t line = access.address >> offset_bits_;
    if (access.write || last_lines_[line & set_mask_] != line) return false;
    const std::uint64_t accepted = Accept(access);
    ++counters_.l1_hits;
    ++merger_busy_;  // LOOKUP
    response_cycle_ = free_cycle_ = accepted + 1;
    idle_cycle_ = accepted + 2;
    return true;
  }
  CacheResponse Look(const systole::Access& access);
  CacheResponse HitL1(const systole::Access& access, std::uint64_t accepted, std::size_t set,
                      int way);
  CacheResponse Miss(const systole::Access& access, CacheResponse response, std::uint64_t line);
  CacheResponse NullHit(const systole::Access& access, CacheResponse response, int entry);
  CacheResponse CoveredStore(CacheResponse response, std::uint64_t line, int entry);
  CacheResponse VictimHit(const systole::Access& access, CacheResponse response,
                          std::uint64_t line);
  int FindNull(std::uint64_t line) const;
  std::uint64_t CopyVictim(std::size_t set, int way);
  int VictimWay(std::size_t set) const;
  void Allocate(std::size_t set, int way, std::uint64_t line, bool dirty, std::uint64_t decide);
  void MoveZeroLine(std::size_t set, int way, std::uint64_t line, std::uint64_t looked_up);
  void InsertNull(std::uint64_t line, std::uint64_t cycle);
  /// Of a line that the detector took for zero.
  void CountApproximated(std::uint64_t line);
  void FillWriteBuffer(std::uint64_t offered);
  void SyncMerger(std::uint64_t cycle);
  void FinishPrefetches(std::uint64_t cycle);
  bool IsInL1(std::uint64_t line) const;
  bool IsDetectedZero(std::uint64_t line) const;

  CacheConfig config_;
  MemoryImage& image_;
  MemoryTiming timing_;
  WayOrder order_;
  int offset_bits_;
  std::uint64_t set_mask_;
  int ways_;
  std::vector<std::uint64_t> tags_;        ///< line addresses; kInvalid
  std::vector<std::uint64_t> last_lines_;  ///< by set: touched last and still there, or kInvalid
  std::vector<std::uint8_t> dirty_;
  std::vector<std::uint32_t> orders_;
  std::optional<NullCacheModel> null_;
  CacheExtras extras_;
  std::optional<VictimBuffer> victims_;
  ZeroDetector detector_;
  bool enabled_;

  CacheCounters counters_;
  CacheArrayUse use_;
  std::uint64_t response_cycle_ = 0;
  std::uint64_t free_cycle_;        ///< first cycle in which a request can be taken
  std::uint64_t idle_cycle_;        ///< first cycle in IDLE
  std::uint64_t buffer_empty_ = 0;  ///< first cycle in which the write buffer is empty
  std::uint64_t transactions_ = 0;
  std::uint64_t prefetch_line_ = 0;
  std::uint64_t prefetch_answer_ = 0;  ///< cycle
  int prefetches_left_ = 0;
  std::uint64_t merger_cycle_ = 0;  ///< the merger has run up to here
  std::uint64_t merger_busy_ = 0;   ///< cycles since then that are not free
  std::uint64_t touch_cycle_ = 0;   ///< a null hit is touched: not free either, not in merger_busy_
};

}  // namespace systole
