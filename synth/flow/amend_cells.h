// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "synth/liberty/library.h"

namespace systole {

/// Attributes by the name of the cell that is to have them, e.g. "dont_use : true;".
using CellAttributes = std::map<std::string, std::string>;

/// What Yosys has to be told of a library beyond its text: not to use the cells for power
/// management (it would take an isolation cell for the gate whose function it has), and the areas
/// that come from a LEF file.
CellAttributes Amendments(const Library& library);

/// The text of a Liberty file with more attributes in front of a cell's own, which then do not
/// count; every line stays where it is.
std::string AmendCells(const std::string& liberty, const CellAttributes& attributes);

/// The text of a Liberty file of whose wire loads a tool takes none by itself: what would choose
/// one (default_wire_load, wire_load_selection, default_wire_load_selection) has another name.
std::string WithoutWireLoads(const std::string& liberty);

}  // namespace systole
