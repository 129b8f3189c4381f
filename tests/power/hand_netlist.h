// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/file.h"
#include "synth/gates/flat_netlist.h"
#include "synth/liberty/library.h"
#include "tests/support/tool.h"

namespace systole {

/// A library from its text. The result must not be moved once a netlist points into it.
inline std::vector<Library> HandLibrary(const std::string& text) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "hand.lib", text);
  return {ReadLiberty(folder.path() / "hand.lib")};
}

/// Puts a FlatNetlist together cell by cell.
class HandNetlist {
 public:
  explicit HandNetlist(const std::vector<Library>& libraries) : libraries_(libraries) {
    netlist_.blocks.push_back({.name = "top", .module = "top"});
  }

  std::uint32_t Block(const std::string& name, const std::string& module, std::uint32_t parent) {
    netlist_.blocks.push_back({.name = name, .module = module, .parent = parent});
    return static_cast<std::uint32_t>(netlist_.blocks.size() - 1);
  }
  std::int32_t Net() {
    netlist_.drivers.push_back(-1);
    netlist_.net_block.push_back(0);
    return static_cast<std::int32_t>(netlist_.nets++);
  }
  std::int32_t Input(const std::string& name) {
    const std::int32_t net = Net();
    netlist_.ports.push_back({name, PortDirection::kInput, {net}});
    return net;
  }
  /// Nets in the order of the cell's pins.
  void Cell(const std::string& type, std::uint32_t block, const std::vector<std::int32_t>& nets) {
    const systole::Cell* cell = libraries_.front().Find(type);
    std::uint32_t index = 0;
    while (index < netlist_.types.size() && netlist_.types[index] != cell) ++index;
    if (index == netlist_.types.size()) netlist_.types.push_back(cell);
    const auto first = static_cast<std::uint32_t>(netlist_.pin_nets.size());
    netlist_.cells.push_back({index, block, first});
    for (std::size_t p = 0; p < nets.size(); ++p) {
      netlist_.pin_nets.push_back(nets[p]);
      if (cell->pins[p].direction == CellPin::Direction::kOutput && nets[p] >= 0)
        netlist_.drivers[static_cast<std::size_t>(nets[p])] = static_cast<std::int32_t>(first + p);
    }
  }
  FlatNetlist& netlist() { return netlist_; }

 private:
  const std::vector<Library>& libraries_;
  FlatNetlist netlist_;
};

}  // namespace systole
