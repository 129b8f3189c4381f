// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "tb/harness/abi.h"
#include "tb/model_library.h"

namespace systole {

/// The core of a configuration: emitted, compiled with tb/harness, and loaded (ModelLibrary).
class CompiledModel {
 public:
  /// Throws RequestError for a configuration that is not good, and as ModelLibrary does.
  CompiledModel(const ArrayConfig& config, const ModelOptions& options);
  /// The same from other Verilog with the ports of the core of `config`.
  CompiledModel(const ArrayConfig& config, std::vector<rtl::File> verilog,
                const ModelOptions& options);

  /// One run of the library from reset; may be called from several threads.
  void Run(const HarnessHost& host, const HarnessOptions& options, HarnessResult& result) const {
    entry_(&host, &options, &result);
  }

  const std::filesystem::path& library() const { return library_.path(); }
  const std::string& tools() const { return library_.tools(); }
  double build_seconds() const { return library_.build_seconds(); }

 private:
  ModelLibrary library_;
  HarnessEntry entry_;
};

}  // namespace systole
