// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <vector>

#include "base/error.h"

namespace systole {

/// Adds a problem that names the option and suggests a value, unless low <= value <= high.
inline void CheckRange(std::vector<Problem>& problems, const char* option, int value, int low,
                       int high, int suggestion) {
  if (value >= low && value <= high) return;
  problems.push_back({fmt::format("{} {} is out of range: {} to {}", option, value, low, high),
                      fmt::format("pass {} {}", option, suggestion)});
}

}  // namespace systole
