// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "gen/emit/design.h"
#include "tb/harness/abi.h"

namespace systole {

/// `$XDG_CACHE_HOME/systole`, or `~/.cache/systole`, or, without a home, `systole-cache` in the
/// system's folder for temporary files.
std::filesystem::path DefaultCacheDir();

struct ModelOptions {
  std::filesystem::path cache_dir = {};  ///< --cache-dir; empty: DefaultCacheDir()
  /// Compile the RTL's assertions in: a failed one ends the run. Registers without reset then start
  /// with noise.
  bool assertions = false;
  bool trace = false;  ///< compile waveforms in
  /// Called once before a build, which takes seconds, with what is built.
  std::function<void(const std::string&)> on_build = {};
};

/// The core of a configuration: emitted, Verilated, compiled together with tb/harness into a shared
/// library, and loaded. The library is kept in the cache folder under the content hash of
/// everything that made it (Verilog, harness, flags, tools, processor), so that the next start
/// takes milliseconds. A library appears there whole or not at all; several processes may ask for
/// the same one at the same time; a damaged one is built again.
class CompiledModel {
 public:
  /// Throws RequestError for a configuration that is not good, RunError when a tool is missing
  /// (with the command that installs it), when a build fails (with the path of its log) or when the
  /// cache folder cannot be written.
  CompiledModel(const ArrayConfig& config, const ModelOptions& options);
  /// The same from other Verilog with the ports of the core of `config`.
  CompiledModel(const ArrayConfig& config, std::vector<rtl::File> verilog,
                const ModelOptions& options);
  ~CompiledModel();
  CompiledModel(const CompiledModel&) = delete;
  CompiledModel& operator=(const CompiledModel&) = delete;

  /// One run of the library from reset; may be called from several threads.
  void Run(const HarnessHost& host, const HarnessOptions& options, HarnessResult& result) const {
    entry_(&host, &options, &result);
  }

  const std::filesystem::path& library() const { return library_; }
  const std::string& tools() const { return tools_; }      ///< versions, for reports
  double build_seconds() const { return build_seconds_; }  ///< 0: it came from the cache

 private:
  void Load();

  std::filesystem::path library_;
  std::string tools_;
  double build_seconds_ = 0;
  void* handle_ = nullptr;
  HarnessEntry entry_ = nullptr;
};

}  // namespace systole
