// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "gen/emit/module.h"

namespace systole::rtl {

/// Modules that belong together, a module after those that it instantiates.
struct Design {
  std::string top;  ///< name of the module that is instantiated from outside
  std::vector<Module> modules;

  /// Throws EmitError if there is none.
  const Module& Top() const;
};

/// A file of a design: its name without folder, and its bytes.
struct File {
  std::string name;
  std::string text;

  friend bool operator==(const File&, const File&) = default;
};

/// One Verilog file a module, `NAME.v`, in the design's order. Throws EmitError if a module is
/// missing, there twice, not used or later than a module that instantiates it.
std::vector<File> VerilogFiles(const Design& design);

/// The Verilog files and what other tools read, with TOP the top module's name:
///   filelist.f     Verilog files in order, one a line (`verilator -F`, `iverilog -c`)
///   TOP.core       FuseSoC core description, CAPI2, with a lint target
///   TOP.json       modules, parameters, rules, ports with widths and latencies, and
///                  `configuration` as the caller gives it
///   TOP_params.h   the top module's parameters as C macros
/// The same design and configuration give the same bytes always. Throws as VerilogFiles does.
std::vector<File> DesignFiles(const Design& design, const nlohmann::json& configuration);

/// Writes DesignFiles into `folder`, which is created if it is not there; other files in it stay.
/// All files are written before the first is moved to its place. Throws RunError that names the
/// path and the system's reason.
void WriteDesign(const Design& design, const nlohmann::json& configuration,
                 const std::filesystem::path& folder);

}  // namespace systole::rtl
