// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "synth/power/power.h"

namespace systole {

/// The report as an object: cycles, period_s, glitches, watts, energy_per_cycle_j, groups (by name:
/// switching_w, internal_w, leakage_w), modules, blocks with their own and whole power, warnings.
/// All powers are watts.
nlohmann::ordered_json PowerJson(const PowerReport& report);

/// A table of the groups and one of the modules that take most, in milliwatts.
std::string PowerText(const PowerReport& report);

}  // namespace systole
