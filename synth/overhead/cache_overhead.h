// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "synth/flow/synthesize.h"
#include "synth/liberty/library.h"
#include "synth/macros/cache_cost.h"
#include "synth/macros/processor.h"
#include "synth/overhead/cache_energy.h"
#include "synth/overhead/cache_power.h"
#include "synth/overhead/cache_timing.h"
#include "synth/overhead/cache_variants.h"
#include "synth/overhead/study_run.h"
#include "synth/overhead/tcam_reading.h"

namespace systole {

/// What the null cache costs: the data cache with it over the cache without, the same text but for
/// its options, mapped in the same way.

/// One cache. Areas in um2, buffers included, the clock's too.
struct CacheFigures {
  std::string name;
  CacheConfig config;
  /// Of cells, by RTL module, over all instances; the TCAM's as flip-flops among them, tags and
  /// data not.
  std::map<std::string, double> modules;
  double logic = 0;              ///< of the modules that are not the TCAM
  double tcam_flip_flops = 0;    ///< of those that are; 0 without null cache
  double clock_buffer_area = 0;  ///< part of these
  std::uint64_t cells = 0, registers = 0;
  CacheMemories memories;  ///< tags and data; the TCAM as a macro
  std::optional<CacheTiming> timing;
  std::vector<GateWindow> windows;
  std::vector<CacheInference> inferences;

  Band TcamArea(TcamReading reading) const;
  Band Area(TcamReading reading) const;  ///< logic, tags and data, TCAM
};

struct CacheOverhead {
  std::string library, library_hash;
  double nand2_area = 0;  ///< um2
  MacroNode node;
  SramReading sram = SramReading::kModelled;
  double period = 0;                 ///< s, of the windows and inferences; 0: no power
  std::string memory;                ///< main memory, of MacroData::memories
  Provenance provenance;             ///< of the mapping
  std::vector<CacheFigures> caches;  ///< as the variants; the first is the baseline
};

struct CacheOverheadSettings : StudyRun {
  SramReading sram = SramReading::kModelled;
  bool timing = true;  ///< OpenSTA is asked
  bool power = true;
  double period = 0;  ///< s; 0: what the slowest cache reaches, and 5 %; needs timing
  std::vector<WorkloadRequest> workloads;  ///< whose inferences count; the gates run the first
  std::vector<std::string> layers = {""};  ///< of the first: one window each
  std::uint64_t window = 600;              ///< accesses at gate level
  Sampling sampling;                       ///< of the inferences' accesses
  std::string memory = "lpddr2";           ///< main memory, of MacroData::memories
  std::filesystem::path store;  ///< of results; a study that was interrupted goes on from it
};

/// Maps the caches, measures their clock and power; the first is the baseline. Throws as
/// Synthesize, NodeOf, MemoriesOf and TimeCache, MeasureWindow and BuildWorkload do.
CacheOverhead MeasureCacheOverhead(const std::vector<CacheVariant>& variants,
                                   const Library& library, const CacheOverheadSettings& settings);

/// What `cache` adds to the first, as Overheads wants it. Arrays that both have are equal and
/// cancel; what differs keeps its band.
/// Its power, of the whole data cache in inference `inference`, is that on chip; nothing without
/// it.
CacheExtension ExtensionOf(const CacheOverhead& overhead, const CacheFigures& cache,
                           TcamReading reading, std::size_t inference = 0);

}  // namespace systole
