// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sw/cli/options.h"

namespace systole {

/// Declares `--json FILE|-`.
void DeclareJson(Options& options);

/// Prints `text` for people and writes `json` where --json asks for it. `--json -` prints the JSON
/// in place of the text. Throws RunError when the file cannot be written.
void WriteOutput(const Options& options, const std::string& text, const nlohmann::json& json);

/// Throws RunError when a file of this name cannot be made, before long work is done for it. A file
/// that exists is left as it is.
void CheckWritable(const std::filesystem::path& path);

/// True when both names are the same existing file.
bool SameFile(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace systole
