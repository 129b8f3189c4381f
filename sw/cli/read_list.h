// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "sw/cli/options.h"

namespace systole {

/// The names in an option's comma-separated lists, each read by `parse` and kept once; `fallback`
/// without any. What `parse` refuses is noted.
template <typename T, typename Parse>
std::vector<T> ReadList(Options& options, const std::string& option, std::vector<T> fallback,
                        Parse parse) {
  std::vector<T> values;
  for (const std::string& name : SplitNames(options.All(option))) {
    try {
      const T value = parse(name);
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    } catch (const RequestError& error) {
      options.Note(error.problems());
    }
  }
  return values.empty() ? fallback : values;
}

}  // namespace systole
