// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "synth/macros/band.h"
#include "synth/macros/macro_data.h"

namespace systole {

/// An extension of the data cache, and the data cache that it extends.
struct CacheExtension {
  Band area;                  ///< um2 that the extension adds, logic and memories
  std::optional<Band> power;  ///< W that it adds; nothing: not measured
  Band l1_area;               ///< of the data cache without it, logic and memories
  std::optional<Band> l1_power;
};

/// Overhead of an extension over one base.
struct OverheadReading {
  std::string name;  ///< "l1", or of a processor or core
  std::string what;
  Band area;                  ///< um2 of the base
  std::optional<Band> power;  ///< W; nothing: its energy is not known, or of the L1 not measured
  Band area_percent;
  std::optional<Band> power_percent;
};

/// 100 * extension / base; the ends are the least and the greatest that the two bands allow. Throws
/// RequestError unless the base is positive.
Band OverheadPercent(const Band& extension, const Band& base);

/// The overhead over (a) the L1 data cache, (b) whole processors: the published ones with their
/// caches, scaled to the node; and cores of published gate counts with an instruction cache as
/// large as the data cache beside it. `nand2_area`: of the library, um2. `clock`: Hz. The bands of
/// scaled processors are assumed: area 1.5 either way, power 2 either way
/// (docs/synthesis-memories.md). Throws RequestError for values that are not positive.
std::vector<OverheadReading> Overheads(const CacheExtension& extension, const MacroNode& node,
                                       double nand2_area, double clock);

}  // namespace systole
