// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "synth/gates/flat_netlist.h"

namespace systole {

/// Net by net, the toggles of `activity` against those of Icarus. Of the nets that differ, those
/// are named whose driver has equal inputs: the others follow from them.
inline void ExpectEqualToggles(const FlatNetlist& flat, const Activity& activity,
                               const std::map<std::string, std::uint64_t>& icarus) {
  std::uint64_t total = 0, named = 0;
  const auto differs = [&](std::int32_t net) {
    return net >= 0 &&
           icarus.at(fmt::format("n{}", net)) != activity.toggles[static_cast<std::size_t>(net)];
  };
  std::uint64_t different = 0;
  for (std::uint32_t net = 0; net < flat.nets; ++net) {
    total += activity.toggles[net];
    different += differs(static_cast<std::int32_t>(net));
  }
  EXPECT_GT(total, flat.nets);
  EXPECT_EQ(different, 0u) << "of " << flat.nets << " nets, " << total << " toggles";
  for (std::uint32_t i = 0; i < flat.cells.size() && different > 0 && named < 5; ++i) {
    const Cell& type = *flat.types[flat.cells[i].cell];
    bool follows = false;
    std::string outputs;
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const std::int32_t net = flat.pin_nets[flat.cells[i].first_pin + pin];
      if (!differs(net)) continue;
      follows = follows || type.pins[pin].direction == CellPin::Direction::kInput;
      outputs += fmt::format(" {} {} here, {} in Icarus", type.pins[pin].name,
                             activity.toggles[static_cast<std::size_t>(net)],
                             icarus.at(fmt::format("n{}", net)));
    }
    if (follows || outputs.empty()) continue;
    ++named;
    ADD_FAILURE() << flat.CellName(i) << " (" << type.name << "):" << outputs;
  }
}

}  // namespace systole
