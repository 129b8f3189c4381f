// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "synth/macros/macro_figures.h"

namespace systole {

/// A `cache_ram` (rtl/prim) as a black box of a netlist.
struct MacroCell {
  std::string name;  ///< a Verilog name, e.g. MacroName(shape)
  MacroShape shape;  ///< at least 2 words
  MacroFigures figures;
};

/// "cache_ram_Depth512_Width64": what the netlist calls an instance of `cache_ram` with these
/// parameters (VariantName, synth/netlist).
std::string MacroName(const MacroShape& shape);

/// A Liberty file (NLDM) of such cells, with the ports of `cache_ram`: area, leakage, energy of
/// reads and writes at the clock (when en_i, by write_i), setup of the inputs, clock to rdata_o.
/// Typical figures; setup, pin capacitances and the output's drive are those of an IHP macro,
/// scaled. Hold times are left out. Throws RequestError for a name that is no Verilog name or is
/// there twice, and for fewer than 2 words.
std::string MacroLiberty(const std::string& library, const std::vector<MacroCell>& cells,
                         const MacroNode& node);

/// Verilog text that declares the cells as black boxes, for Yosys' `read_verilog -lib`.
std::string MacroStubs(const std::vector<MacroCell>& cells);

}  // namespace systole
