// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/emit/module.h"

namespace systole::rtl {

/// Modules that belong together, a module after those that it instantiates.
struct Design {
  std::string top;  ///< name of the module that is instantiated from outside
  std::vector<Module> modules;
};

/// A file of a design: its name without folder, and its bytes.
struct File {
  std::string name;
  std::string text;

  friend bool operator==(const File&, const File&) = default;
};

/// One Verilog file a module, `NAME.v`, in the design's order.
std::vector<File> VerilogFiles(const Design& design);

}  // namespace systole::rtl
