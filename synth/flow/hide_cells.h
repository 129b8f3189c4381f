// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "synth/liberty/library.h"

namespace systole {

/// Names of the cells for power management: Yosys would take an isolation cell for the gate whose
/// function it has.
std::vector<std::string> PowerCells(const Library& library);

/// The text of a Liberty file with `dont_use` in the cells of these names; every line stays where
/// it is.
std::string HideCells(const std::string& liberty, const std::vector<std::string>& cells);

}  // namespace systole
