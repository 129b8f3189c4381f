// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "synth/macros/macro_figures.h"

namespace systole {

/// A memory put together from macros that exist: `across` beside each other for the width, `down`
/// for the depth.
struct Arrangement {
  RealMacro macro;
  int across = 0, down = 0;
  double unused_bits = 0;  ///< bits of the macros that the memory does not need
  /// Of all macros; energies of those that an access wakes, one row of them. Low, typical and high
  /// are equal: these macros exist. Decoder and multiplexers between rows are not counted.
  MacroFigures figures;
};

/// The arrangement of the macros of one kind in the data ("sram.ihp") that takes the least area;
/// among equals, the least energy a read. Throws RequestError for a shape that is not positive, and
/// for a kind that has no macro with known energies.
Arrangement ArrangeSram(const MacroShape& shape, const std::string& kind = "sram.ihp");

/// Whether macros that exist are those of this node: IHP's at 0.13 um and 1.2 V.
bool HasRealSram(const MacroNode& node);

}  // namespace systole
