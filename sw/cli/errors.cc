// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/errors.h"

namespace systole {

std::string ToText(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += "systole: error: " + problem.what + "\n";
    if (!problem.fix.empty()) text += "  fix: " + problem.fix + "\n";
  }
  return text;
}

}  // namespace systole
