// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/connect.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::rtl {
namespace {

const std::string* Find(const Connections& connections, const std::string& name) {
  const auto found = std::find_if(connections.begin(), connections.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == connections.end() ? nullptr : &found->second;
}

}  // namespace

Connections Connect(const Module& module, const Connections& special) {
  Connections connections;
  for (const Port& port : module.ports) {
    std::string actual = port.name;
    if (const std::string* given = Find(special, port.name)) {
      actual = *given;
    } else if (port.name != "clk_i" && port.name != "rst_ni") {
      actual.erase(actual.rfind('_'));
    }
    connections.emplace_back(port.name, actual);
  }
  return connections;
}

Instance Use(const Module& module, std::string name, const Connections& special,
             const Connections& params) {
  Instance instance{.module = module, .name = std::move(name), .params = {}, .ports = {}};
  for (const Param& param : module.params) {
    const std::string* given = Find(params, param.name);
    instance.params.emplace_back(param.name, given != nullptr ? *given : param.name);
  }
  instance.ports = Connect(module, special);
  return instance;
}

Module HandWritten(const std::vector<std::pair<std::string_view, std::string_view>>& files,
                   const std::string& folder, const std::string& name) {
  for (const auto& [file, text] : files) {
    if (file == name + ".v") return ModuleFromVerilog(text, folder + "/" + std::string(file));
  }
  throw EmitError(fmt::format("{} has no {}.v", folder, name));
}

}  // namespace systole::rtl
