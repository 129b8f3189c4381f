// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

namespace systole {
namespace {

std::string Join(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "\n";
    text += problem.what;
    if (!problem.fix.empty()) text += "\n  fix: " + problem.fix;
  }
  return text;
}

}  // namespace

RequestError::RequestError(std::vector<Problem> problems)
    : std::runtime_error(Join(problems)), problems_(std::move(problems)) {}

}  // namespace systole
