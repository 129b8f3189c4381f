// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tb/model_build.h"

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

/// A design, Verilated, compiled together with its harness into a shared library, and loaded. The
/// library is kept in the cache folder under the content hash of everything that made it (Verilog,
/// harness, flags, tools, processor), so that the next start takes milliseconds. A library appears
/// there whole or not at all; several processes may ask for the same one at the same time; a
/// damaged one is built again.
class ModelLibrary {
 public:
  /// Throws RunError when a tool is missing (with the command that installs it), when a build fails
  /// (with the path of its log) or when the cache folder cannot be written.
  ModelLibrary(ModelSource source, const ModelOptions& options);
  ~ModelLibrary();
  ModelLibrary(const ModelLibrary&) = delete;
  ModelLibrary& operator=(const ModelLibrary&) = delete;

  /// The address of a function of the library. Throws RunError if it has none of that name.
  void* Symbol(const char* name) const;

  const std::filesystem::path& path() const { return path_; }
  const std::string& tools() const { return tools_; }      ///< versions, for reports
  double build_seconds() const { return build_seconds_; }  ///< 0: it came from the cache

 private:
  std::filesystem::path path_;
  std::string tools_;
  double build_seconds_ = 0;
  void* handle_ = nullptr;
};

}  // namespace systole
