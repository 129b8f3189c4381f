// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sw/cli/options.h"

namespace systole {

/// Keys and values, as text, of a configuration file: `.json` (one object), `.toml` (keys at the
/// top level), or `.cfg` (of SCALE-Sim). Throws RequestError naming file and reason for anything
/// else.
std::vector<std::pair<std::string, std::string>> ReadConfigFile(const std::filesystem::path& path);

/// What a configuration file may set.
struct ConfigKeys {
  std::string of;                 ///< "an array"
  std::vector<std::string> keys;  ///< option names without their dashes: "acc-width"
};

/// Whether the file has options of `known`. Throws as ReadConfigFile.
bool Describes(const std::filesystem::path& path, const ConfigKeys& known);

/// Takes the values of the file that --config names, where there is one, for options that the
/// command line does not give. Problems are noted in `options`. Files may write `acc_width` or
/// `acc-width`.
void ApplyConfigFile(Options& options, const ConfigKeys& known);

}  // namespace systole
