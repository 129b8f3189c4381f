// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/stimulus.h"
#include "tests/gates/hand_made.h"

namespace systole {

inline bool IsClock(const Cell& cell, const CellPin& pin) {
  return cell.sequential && cell.sequential->clocked_on.find(pin.name) != std::string::npos;
}

/// A random netlist of a library's cells: `inputs` input bits, `gates` cells, each of which reads
/// the inputs or the outputs of cells before it; registers among them, whose asynchronous
/// controls are inputs of their own. `constants`: some inputs are 1, and what they decide stands.
inline Netlist RandomNetlist(const Library& library, int inputs, int gates, std::uint64_t seed,
                             bool constants = true) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : library.cells) {
    bool simulated = !cell.pins.empty() && !cell.memory && !cell.dont_use &&
                     !(cell.sequential && cell.sequential->latch);
    for (const CellPin& pin : cell.pins) simulated = simulated && pin.three_state.empty();
    if (simulated) cells.push_back(&cell);
  }
  Stimulus random(seed);
  ModuleMaker top("top");
  std::vector<std::string> nets;
  const std::string one = "1";
  for (int i = 0; i < inputs; ++i) nets.push_back("in" + std::to_string(i));
  const std::vector<std::string> controls = {"ctl0", "ctl1", "ctl2", "ctl3"};
  top.In("clk_i", {"clk"}).In("ctl_i", controls).In("in_i", nets);
  for (int i = 0; i < gates; ++i) {
    const Cell& cell = *cells[random.Below(cells.size())];
    ModuleMaker::Connections connections;
    std::vector<std::string> made;
    for (const CellPin& pin : cell.pins) {
      if (pin.direction == CellPin::Direction::kOutput) {
        made.push_back(fmt::format("w{}_{}", i, pin.name));
        connections.push_back({pin.name, {made.back()}});
      } else if (pin.direction == CellPin::Direction::kInput) {
        // Nets of late make deep paths.
        const std::size_t reach =
            random.Chance(128) ? nets.size() : std::min<std::size_t>(nets.size(), 12);
        const std::string& from = nets[nets.size() - 1 - random.Below(reach)];
        const bool control = cell.sequential && pin.name != "D";
        const std::string& own = control                         ? controls[random.Below(4)]
                                 : random.Chance(5) && constants ? one
                                                                 : from;
        connections.push_back({pin.name, {IsClock(cell, pin) ? "clk" : own}});
      }
    }
    top.Add(fmt::format("u{}", i), cell.name, connections);
    nets.insert(nets.end(), made.begin(), made.end());
  }
  top.Out("out_o", {nets.end() - 16, nets.end()});
  return {{top}};
}

}  // namespace systole
