// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/design.h"

namespace systole::rtl {

std::vector<File> VerilogFiles(const Design& design) {
  std::vector<File> files;
  for (const Module& module : design.modules) {
    files.push_back({module.name + ".v", module.ToVerilog()});
  }
  return files;
}

}  // namespace systole::rtl
