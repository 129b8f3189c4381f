// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"
#include "sw/cache/cache_model.h"
#include "synth/macros/macro_figures.h"
#include "synth/macros/macro_liberty.h"

namespace systole {

enum class SramReading {
  kModelled,  ///< ModelSram: what a memory compiler would make
  kReal,      ///< ArrangeSram: put together from macros that exist
};

/// Equal memories of a data cache.
struct CacheMemory {
  MacroShape shape;
  int count = 1;
  MacroFigures figures;  ///< of one
  std::string macro;     ///< "modelled", or the macros it is made of: "1 x 2 NAME", down by across

  Band Area() const { return count * figures.area; }
  Band Leakage() const { return count * figures.leakage; }
};

/// The memories of `data_cache` (docs/null-cache.md): for every way a tag array {valid, tag} and a
/// data array; the TCAM of the null cache. Dirty and replacement bits are flip-flops: logic.
struct CacheMemories {
  CacheMemory tags, data;
  /// ModelTcam: the custom macro. Who reads the TCAM as flip-flops puts figures of the synthesized
  /// columns here.
  std::optional<CacheMemory> tcam;

  Band L1Area() const { return tags.Area() + data.Area(); }
  Band TcamArea() const { return tcam ? tcam->Area() : Band{}; }
  Band L1Leakage() const { return tags.Leakage() + data.Leakage(); }
  Band TcamLeakage() const { return tcam ? tcam->Leakage() : Band{}; }
};

/// Throws RequestError for a bad configuration, and for kReal at a node without macros.
CacheMemories MemoriesOf(const CacheConfig& config, const MacroNode& node, SramReading reading);

/// Tags and data as cells for MacroLiberty: the black boxes of a synthesized `data_cache`.
std::vector<MacroCell> RamCells(const CacheMemories& memories);

/// What a cache did in a run or a part of it. Real numbers: sampled layers are scaled.
struct CacheEvents {
  double accesses = 0;    ///< each reads all ways' tags and words, and searches the TCAM
  double store_hits = 0;  ///< as in CacheArrayUse
  double installs = 0;
  double victim_copies = 0;
  double zero_moves = 0;
  double merger_searches = 0;  ///< compares of the parallel merger count as searches
  double entry_reads = 0;
  double entry_writes = 0;
  double line_transfers = 0;  ///< to and from memory: fills and write-backs
  double seconds = 0;
};

CacheEvents EventsOf(const CacheCounters& counters, const CacheArrayUse& use, double seconds);

/// Energies in J.
struct CacheEnergy {
  Band tags, data;  ///< the L1's arrays, dynamic
  Band tcam;        ///< dynamic
  Band leakage;     ///< of all of these
  Band memory;      ///< main memory

  Band L1() const { return tags + data; }
  Band OnChip() const { return L1() + tcam + leakage; }
  Band Total() const { return OnChip() + memory; }
};

/// Energy of the memories in a run. As the RTL enables them: an access, null hits and covered
/// stores included, reads the tags and the words of all ways in the cycle in which it is taken, and
/// searches the TCAM a cycle later; so a null hit saves no read, only what a miss costs. Logic
/// (controller, merger, replacement, line register) is not in here: that is gate-level power.
CacheEnergy EnergyOf(const CacheConfig& config, const CacheMemories& memories,
                     const CacheEvents& events, const MainMemory& memory);

/// Of Macros().memories; its typical energy is the geometric mean of the ends. Throws RequestError.
const MainMemory& FindMemory(const std::string& name);

/// A row of the table that sets an L1 with null cache beside a larger L1.
struct CacheCost {
  Band l1_area, tcam_area;  ///< um2, memories only
  Band load;                ///< J a load that hits, in the L1 or in the null cache
  Band store;               ///< J a store that hits the L1
  Band leakage;             ///< W
  Band access;              ///< s, the slowest memory
};
CacheCost CostOf(const CacheConfig& config, const MacroNode& node, SramReading reading);

}  // namespace systole
