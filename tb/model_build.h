// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "gen/emit/design.h"

namespace systole {

/// What a compiled model is made of and by; all of it that decides the library's bytes is in `key`.
struct ModelRecipe {
  ArrayConfig config;
  std::vector<rtl::File> verilog;
  bool assertions = false;  ///< the RTL's own assertions (`SYSTOLE_ASSERT`) are compiled in
  bool trace = false;       ///< waveforms (FST) are compiled in
  std::filesystem::path verilator, compiler;
  std::string tools;        ///< identity of the tools and of the processor
  std::string key;          ///< content hash
  std::string runtime_key;  ///< content hash of what the compiled Verilator runtime depends on
};

/// Finds the tools and computes the keys. Throws RunError, naming the command that installs it,
/// when Verilator or a C++ compiler is missing.
ModelRecipe MakeRecipe(const ArrayConfig& config, std::vector<rtl::File> verilog, bool assertions,
                       bool trace);

/// Builds `folder`/core.so; everything is written below `folder`, what the tools say to `log`. The
/// compiled Verilator runtime is taken from `runtime` or put there, object by object, each whole.
/// Throws RunError when a
/// tool fails.
void BuildModel(const ModelRecipe& recipe, const std::filesystem::path& folder,
                const std::filesystem::path& runtime, const std::filesystem::path& log);

/// Versions of the tools, for reports: "Verilator 5.006 ..., clang version ...".
std::string ToolVersions(const ModelRecipe& recipe, const std::filesystem::path& folder);

}  // namespace systole
