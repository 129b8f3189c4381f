// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace systole {

/// Bits of the CPU's data port: loads and stores of 1, 2, 4 or 8 bytes inside one such word.
inline constexpr int kCacheWordBytes = 8;

enum class CacheReplacement {
  kLru,        ///< true LRU, a matrix of ways * (ways - 1) / 2 bits a set
  kPseudoLru,  ///< a tree of ways - 1 bits a set
};

/// How the address merger looks for the partner of an entry.
enum class MergeSearch {
  kSerial,    ///< one bit position a cycle, through the TCAM's own search port
  kParallel,  ///< all entries compared with the entry in one cycle
};

/// When the address merger takes an entry.
enum class MergeTrigger {
  kInsert,  ///< the inserted one, if the merger is free; others are never looked at again
  kSweep,   ///< entries are marked when inserted or split; marked ones are taken one by one
  kBoth,    ///< the inserted one at once if the merger is free; otherwise it is marked
};

/// What a non-zero store does to the null entry that covers its line.
enum class NullStorePolicy {
  kDrop,   ///< the entry goes: all its lines are forgotten
  kSplit,  ///< the entry's other lines stay, as smaller entries
};

enum class NullReplacement {
  kLru,       ///< true LRU, ranks
  kCoverage,  ///< GreedyDual: a written entry's credit is 1 + order, a hit one's 7, the most
};

/// The null cache beside the L1 data cache (docs/null-cache.md).
struct NullCacheConfig {
  /// TCAM entries, 1 to 1024. 148 is 1 KB at 55 bits an entry: 27 of value, 27 of mask and a valid
  /// bit, for 32-bit addresses and 32-byte lines.
  int entries = 148;
  /// Highest order, the number of don't-care bits, that merging may reach: 0 leaves the address
  /// merger out, -1 is no limit.
  int merge_order = -1;
  MergeSearch merge_search = MergeSearch::kSerial;
  MergeTrigger merge_trigger = MergeTrigger::kBoth;
  NullStorePolicy store_policy = NullStorePolicy::kSplit;
  NullReplacement replacement = NullReplacement::kCoverage;
  bool zero_at_eviction = false;  ///< dirty lines are checked when they are evicted
  bool zero_at_store = false;     ///< a store of zeros that makes its line zero moves the line
  bool approximation = false;     ///< the zero detector has thresholds (run time, off at reset)

  friend bool operator==(const NullCacheConfig&, const NullCacheConfig&) = default;
};

/// Configuration of one L1 data cache, with or without the null cache.
struct CacheConfig {
  int size_bytes = 16384;  ///< power of two, 64 to 1 MiB, at least one set
  int ways = 4;            ///< 1, 2, 4 or 8
  int line_bytes = 32;     ///< 16, 32 or 64
  int address_width = 32;  ///< byte address bits: more than set and line offset bits, up to 48
  CacheReplacement replacement = CacheReplacement::kLru;
  int counter_width = 48;     ///< bits of the performance counters, 16 to 64; 0: none
  bool null_cache = false;    ///< --null-cache
  NullCacheConfig null = {};  ///< counts if null_cache

  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

/// Every problem of the configuration at once, in the command line's option names; empty if it is
/// good.
std::vector<Problem> Check(const CacheConfig& config);

constexpr int Sets(const CacheConfig& config) {
  return config.size_bytes / (config.ways * config.line_bytes);
}
/// Words of a line.
constexpr int LineWords(const CacheConfig& config) { return config.line_bytes / kCacheWordBytes; }
int OffsetBits(const CacheConfig& config);  ///< log2 of line_bytes
int IndexBits(const CacheConfig& config);   ///< log2 of the sets
/// Bits of a line address: the width of a TCAM entry's value and of its mask.
int LineAddressBits(const CacheConfig& config);
/// The order limit as it is in hardware: 0 to LineAddressBits.
int MergeOrderLimit(const CacheConfig& config);

std::string ToString(CacheReplacement replacement);  ///< "lru", "plru"
std::string ToString(MergeSearch search);            ///< "serial", "parallel"
std::string ToString(MergeTrigger trigger);          ///< "insert", "sweep", "both"
std::string ToString(NullStorePolicy policy);        ///< "drop", "split"
std::string ToString(NullReplacement replacement);   ///< "lru", "coverage"
/// "16 KiB 4-way 32 B lru" or "16 KiB 4-way 32 B lru + 148 null entries"
std::string ToString(const CacheConfig& config);

/// JSON keys are the option names with underscores: size, ways, line, address_width, replacement,
/// counter_width, null_cache, and for the null cache null_entries, merge_order, merge_search,
/// merge_trigger, null_store, null_replacement, zero_at_eviction, zero_at_store, approximation.
/// Reading throws RequestError for unknown keys and wrong types or words.
void to_json(nlohmann::json& json, const CacheConfig& config);
void from_json(const nlohmann::json& json, CacheConfig& config);

}  // namespace systole
