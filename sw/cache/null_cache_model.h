// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gen/config/cache_config.h"

namespace systole {

/// What the null cache counts (docs/null-cache.md, "Registers").
struct NullCounters {
  std::uint64_t insertions = 0;
  std::uint64_t splits = 0;
  std::uint64_t drops = 0;
  std::uint64_t evictions = 0;
  std::uint64_t covered_stores = 0;
  std::array<std::uint64_t, 8> merges = {};  ///< to order 1, 2, ... 7, and 8 or more

  friend bool operator==(const NullCounters&, const NullCounters&) = default;
};

/// What the TCAM did beside the lookups of accesses.
struct TcamUse {
  std::uint64_t searches = 0;  ///< the serial merger's
  std::uint64_t compares = 0;  ///< the parallel merger's, of all entries with one
  /// Of entries: stores to covered lines, taken marks, partners. A serial search that matches
  /// an entry with another mask reads it as well: not counted.
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;  ///< of entries: insertions, splits, merges

  friend bool operator==(const TcamUse&, const TcamUse&) = default;
};

/// One TCAM entry with what replacement and merger keep for it.
struct NullEntry {
  bool valid = false;
  std::uint64_t value = 0;  ///< 0 where the mask is 1
  std::uint64_t mask = 0;
  bool mark = false;
  std::uint32_t recency = 0;  ///< rank (lru) or credit (coverage)

  friend bool operator==(const NullEntry&, const NullEntry&) = default;
};

/// The merger's work.
struct MergerState {
  bool busy = false;
  int current = 0;      ///< entry; the rest is its content; all 0 when not busy
  bool loaded = false;  ///< the entry has been read; otherwise the rest is 0
  std::uint64_t value = 0;
  std::uint64_t mask = 0;
  int position = 0;  ///< serial search: next bit position

  friend bool operator==(const MergerState&, const MergerState&) = default;
};

/// TCAM, address merger and replacement of docs/null-cache.md. Time is the caller's: it says how
/// many free cycles the merger had before it looks or writes.
class NullCacheModel {
 public:
  explicit NullCacheModel(const CacheConfig& config);

  /// The entry that covers the line, or -1.
  int Find(std::uint64_t line) const {
    // Entries never overlap: one that covers the line is the one, however it was come upon.
    const int guess = guesses_[line % kGuesses];
    return Covers(guess, line) ? guess : Search(line);
  }
  /// Touches an entry that was hit.
  void Hit(int entry);
  /// Whether an insertion would find an invalid entry or one without credit; otherwise every credit
  /// goes down by one.
  bool Admit();
  /// Inserts a line that no entry covers, in a cycle that is not free.
  void Insert(std::uint64_t line);
  /// A non-zero store to a line that `entry` covers; returns the cycles of SPLIT.
  int CoveredStore(int entry, std::uint64_t line);
  /// Flush or disable.
  void Empty();

  /// Whether the merger would do anything in free cycles.
  bool MergerHasWork() const { return merger_.busy || marks_ > 0; }
  /// Gives the merger so many free cycles.
  void RunMerger(std::uint64_t free_cycles);

  const NullCounters& counters() const { return counters_; }
  void ClearCounters() { counters_ = {}; }
  const TcamUse& use() const { return use_; }
  const MergerState& merger() const { return merger_; }
  std::vector<NullEntry> Entries() const;
  /// Valid entries and the lines they cover.
  struct Coverage {
    int entries = 0;
    double lines = 0;
  };
  Coverage Covered() const;

 private:
  struct Partner {
    int entry = -1;
    int bit = 0;
  };

  bool Covers(int entry, std::uint64_t line) const {
    const auto i = static_cast<std::size_t>(entry);
    return (valid_[i / 64] >> (i % 64) & 1) != 0 && ((line ^ value_[i]) & ~mask_[i]) == 0;
  }
  int Search(std::uint64_t line) const;
  void Write(int entry, std::uint64_t value, std::uint64_t mask);
  void Invalidate(int entry);
  void Mark(int entry, bool mark);
  void Touch(int entry, int credit);
  int LowestInvalid() const;
  int Victim();
  Partner NextPartner();
  void Merge(Partner partner);
  void Load();
  void TakeInserted(int entry, std::uint64_t line);

  NullCacheConfig config_;
  int line_bits_;
  int order_limit_;
  std::size_t words_;  ///< 64-bit words of a match vector
  static constexpr std::size_t kGuesses = 256;
  /// The entry that covered a line with the same low bits last.
  mutable std::array<std::int16_t, kGuesses> guesses_ = {};
  // Bit-sliced as in hardware: plane 2b holds the cells that match key bit 0 at b, 2b + 1 key
  // bit 1.
  std::vector<std::uint64_t> planes_;
  std::vector<std::uint64_t> valid_;
  std::vector<std::uint64_t> value_;
  std::vector<std::uint64_t> mask_;
  std::vector<bool> mark_;
  std::vector<std::uint8_t> credit_;
  std::vector<std::uint64_t> stamp_;  ///< of the last touch
  std::uint64_t clock_ = 0;
  int marks_ = 0;
  MergerState merger_;
  NullCounters counters_;
  TcamUse use_;
  // Serial search: partner by bit position of the current entry, as of the last change.
  std::vector<int> partner_;
  bool partners_known_ = false;
};

}  // namespace systole
