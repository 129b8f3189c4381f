// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gen/emit/design.h"

namespace systole {

/// A design and the harness that drives it.
struct ModelSource {
  std::string kind;  ///< "core" or "cache": noun of messages, and the Verilated class is V`kind`
  std::string name;  ///< of the configuration, for messages
  std::string top;   ///< module
  std::vector<rtl::File> verilog;    ///< and Verilator control files, *.vlt
  std::vector<rtl::File> harness;    ///< names are paths from the top folder
  std::string main;                  ///< the harness file that is compiled together with the model
  std::vector<std::string> defines;  ///< of the harness: "NAME=value"
  bool flatten = false;              ///< all modules become one class
};

/// Embedded sources as harness files: names without a folder get `folder`.
std::vector<rtl::File> HarnessFiles(
    const std::vector<std::pair<std::string_view, std::string_view>>& sources,
    const std::string& folder);

/// What a compiled model is made of and by; all of it that decides the library's bytes is in `key`.
struct ModelRecipe {
  ModelSource source;
  bool assertions = false;  ///< the RTL's own assertions (`SYSTOLE_ASSERT`) are compiled in
  bool trace = false;       ///< waveforms (FST) are compiled in
  std::filesystem::path verilator, compiler;
  std::string tools;        ///< identity of the tools and of the processor
  std::string key;          ///< content hash
  std::string runtime_key;  ///< content hash of what the compiled Verilator runtime depends on
};

/// Finds the tools and computes the keys. Throws RunError, naming the command that installs it,
/// when Verilator or a C++ compiler is missing.
ModelRecipe MakeRecipe(ModelSource source, bool assertions, bool trace);

/// Builds `folder`/model.so; everything is written below `folder`, what the tools say to `log`. The
/// compiled Verilator runtime is taken from `runtime` or put there, object by object, each whole.
/// Throws RunError when a tool fails.
void BuildModel(const ModelRecipe& recipe, const std::filesystem::path& folder,
                const std::filesystem::path& runtime, const std::filesystem::path& log);

/// Versions of the tools, for reports: "Verilator 5.006 ..., clang version ...".
std::string ToolVersions(const ModelRecipe& recipe, const std::filesystem::path& folder);

}  // namespace systole
