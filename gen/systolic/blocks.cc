// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

#include <algorithm>

#include "prim_sources.h"

namespace systole {

rtl::Module Prim(const std::string& name) {
  for (const auto& [file, text] : prim_sources()) {
    if (file == name + ".v") return rtl::ModuleFromVerilog(text, "rtl/prim/" + std::string(file));
  }
  throw rtl::EmitError("rtl/prim has no " + name + ".v");
}

Connections Connect(const rtl::Module& module, const Connections& special) {
  Connections connections;
  for (const rtl::Port& port : module.ports) {
    const auto found = std::find_if(special.begin(), special.end(),
                                    [&](const auto& pair) { return pair.first == port.name; });
    std::string actual = port.name;
    if (found != special.end()) {
      actual = found->second;
    } else if (port.name != "clk_i" && port.name != "rst_ni") {
      actual.erase(actual.rfind('_'));
    }
    connections.emplace_back(port.name, actual);
  }
  return connections;
}

}  // namespace systole
