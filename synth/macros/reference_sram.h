// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "synth/macros/macro_figures.h"

namespace systole {

/// IHP's 130 nm SRAM macros as formulas, at their own node. Area: exact for the seven macros of
/// sram.json. Energies and times: through the five of 64 bits, straight on log-log paper between
/// them and beyond; over the width a straight line.
struct ReferenceSram {
  MacroNode node;
  double fixed = 0, column = 0, row = 0, bit = 0;  ///< um2; a column is a bit of the word
  double leakage = 0;                              ///< W a bit

  double Area(const MacroShape& shape) const;
  double Read(const MacroShape& shape) const;
  double Write(const MacroShape& shape) const;
  double Access(const MacroShape& shape) const;
};
const ReferenceSram& Reference();

/// Throws RequestError unless all are positive.
void CheckMacro(const MacroShape& shape, const MacroNode& node);

}  // namespace systole
