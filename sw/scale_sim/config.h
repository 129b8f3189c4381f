// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace systole {

/// The array of a SCALE-Sim configuration (`.cfg`) as options of the core: rows (ArrayHeight), cols
/// (ArrayWidth), dataflow "os". SCALE-Sim's other keys describe memories, which the core leaves to
/// its surroundings; they are ignored. `origin` stands in messages.
/// Throws RequestError, naming origin and line, for text that is no such file, a missing or bad
/// size, another dataflow than `os`, and sparsity.
std::vector<std::pair<std::string, std::string>> ParseScaleSimConfig(const std::string& text,
                                                                     const std::string& origin);

}  // namespace systole
