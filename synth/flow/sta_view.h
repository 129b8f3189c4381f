// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// What OpenSTA is shown of a design.
struct StaView {
  Netlist netlist;
  std::string liberty;   ///< cells that stand for what is left out; may be empty
  std::string left_out;  ///< in words; empty: nothing is
  std::vector<std::string> unknown_macros;
};

/// The design, whole if it has at most `max_cells` cells. Otherwise all but the first, the second
/// and the last instance of a module in its parent are replaced by cells that only load their nets:
/// as many modules, the largest first, as bring it below `max_cells`. Modules with a path from an
/// input to an output that meets no register are not replaced, unless all such paths go on to a
/// register of another instance of the module, as the first one's goes to the second. So a path
/// which OpenSTA does not see begins, ends or passes in an instance that is left out; of such, the
/// instances that stay are examples.
/// Macros that no library describes become such cells, too.
StaView MakeStaView(const Netlist& netlist, const std::vector<Library>& libraries,
                    std::uint64_t max_cells);

}  // namespace systole
