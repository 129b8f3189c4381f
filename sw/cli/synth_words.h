// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace systole {

/// The words of a command line with `synth FILE` as `synth array --config FILE`, or `synth cache`,
/// by what the file describes; other command lines as they are. Throws RequestError for a file that
/// cannot be read or describes neither.
std::vector<std::string> NameWhatIsSynthesized(std::vector<std::string> words);

}  // namespace systole
