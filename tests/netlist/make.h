// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// tests/synth_data/three_cells.lib: INV 2, NAND2 3, BUF 4, BUF_LARGE 9, DFF 10 um2.
inline const std::vector<Library>& ThreeCells() {
  static const std::vector<Library> libraries = {
      ReadLiberty(std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/synth_data/three_cells.lib")};
  return libraries;
}

/// Makes a module from names of nets; "0" and "1" are constants.
class ModuleBuilderForTests {
 public:
  explicit ModuleBuilderForTests(const std::string& name) { module_.name = module_.block = name; }

  ModuleBuilderForTests& Port(const std::string& name, PortDirection direction,
                              const std::vector<std::string>& nets) {
    module_.ports.push_back({name, direction, Nets(nets)});
    return *this;
  }
  ModuleBuilderForTests& In(const std::string& name) {
    return Port(name, PortDirection::kInput, {name});
  }
  ModuleBuilderForTests& Out(const std::string& name, const std::string& net) {
    return Port(name, PortDirection::kOutput, {net});
  }
  ModuleBuilderForTests& Cell(const std::string& name, const std::string& type,
                              const std::map<std::string, std::string>& pins,
                              bool is_module = false) {
    NetlistInstance instance;
    instance.name = name;
    instance.type = type;
    instance.is_module = is_module;
    for (const auto& [pin, net] : pins) instance.connections.push_back({pin, Nets({net}), {}});
    module_.instances.push_back(std::move(instance));
    return *this;
  }
  NetlistModule Done() const { return module_; }

 private:
  std::vector<Net> Nets(const std::vector<std::string>& names) {
    std::vector<Net> nets;
    for (const std::string& name : names) {
      if (name == "0" || name == "1") {
        nets.push_back(name == "0" ? kConstant0 : kConstant1);
        continue;
      }
      const auto [at, fresh] = index_.emplace(name, static_cast<Net>(module_.nets.size()));
      if (fresh) module_.nets.push_back(name);
      nets.push_back(at->second);
    }
    return nets;
  }

  NetlistModule module_;
  std::map<std::string, Net> index_;
};

}  // namespace systole
