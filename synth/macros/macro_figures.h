// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "synth/macros/band.h"
#include "synth/macros/macro_data.h"

namespace systole {

/// Words and bits of a word, both at least 1.
struct MacroShape {
  int depth = 0, width = 0;

  friend bool operator==(const MacroShape&, const MacroShape&) = default;
};

/// What a memory macro costs.
struct MacroFigures {
  Band area = {};     ///< um2
  Band read = {};     ///< J a read of a word
  Band write = {};    ///< J a write of a word
  Band search = {};   ///< J a search; 0 for an SRAM
  Band leakage = {};  ///< W
  Band access = {};   ///< s, clock to output; of a TCAM: key to match lines
};

/// How figures go from one node to another (docs/synthesis-memories.md): areas with the square of
/// the feature, energies with feature times voltage squared (C ~ length), times with the feature,
/// leakage with the voltage.
double AreaScale(const MacroNode& from, const MacroNode& to);
double EnergyScale(const MacroNode& from, const MacroNode& to);
double TimeScale(const MacroNode& from, const MacroNode& to);
double LeakageScale(const MacroNode& from, const MacroNode& to);

/// An SRAM, one port that reads or writes, as a memory compiler of the node would make it: IHP's
/// 130 nm macros, interpolated and scaled. Throws RequestError for a shape or node that is not
/// positive.
MacroFigures ModelSram(const MacroShape& shape, const MacroNode& node);

/// A TCAM of `shape.depth` entries of `shape.width` ternary bits as a full-custom macro: 16
/// transistors a cell. Search lines, match lines and their drivers; not the valid bits, not what
/// works on the match lines. The other reading of the TCAM, flip-flops and gates, is what synthesis
/// makes of the Verilog.
MacroFigures ModelTcam(const MacroShape& shape, const MacroNode& node);

}  // namespace systole
