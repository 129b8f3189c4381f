// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace systole {

/// "systole: error: ...\n  fix: ...\n" for every problem.
std::string ToText(const std::vector<Problem>& problems);

}  // namespace systole
