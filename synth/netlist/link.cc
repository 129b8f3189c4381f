// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "synth/netlist/netlist.h"

namespace systole {
namespace {

/// Puts modules into the order in which they are needed, from the top down.
class Linker {
 public:
  explicit Linker(std::vector<NetlistModule> modules) : modules_(std::move(modules)) {
    for (std::size_t i = 0; i < modules_.size(); ++i) {
      modules_[i].name = VariantName(modules_[i].block, modules_[i].parameters);
      if (!index_.emplace(modules_[i].name, i).second) {
        throw RunError(fmt::format("module {} is there twice", modules_[i].name));
      }
    }
    state_.resize(modules_.size(), State::kNew);
  }

  Netlist Link(const std::string& top) {
    const std::size_t* start = nullptr;
    for (const auto& [name, index] : index_) {
      if (modules_[index].block == top) start = &index;
    }
    if (start == nullptr) throw RunError(fmt::format("the netlist has no module {}", top));
    Visit(*start);
    ShortenNames();
    return std::move(result_);
  }

 private:
  enum class State { kNew, kOpen, kDone };

  void Visit(std::size_t index) {
    if (state_[index] == State::kDone) return;
    if (state_[index] == State::kOpen) {
      throw RunError(fmt::format("module {} instantiates itself", modules_[index].name));
    }
    state_[index] = State::kOpen;
    for (NetlistInstance& instance : modules_[index].instances) {
      const auto child = instance.block.empty() ? index_.end() : index_.find(instance.type);
      if (child == index_.end()) continue;
      Visit(child->second);
      instance.is_module = true;
      instance.block.clear();
      instance.parameters.clear();
    }
    state_[index] = State::kDone;
    result_.modules.push_back(std::move(modules_[index]));
  }

  /// A block's variants are told apart by the parameters in which they differ, and by no others.
  void ShortenNames() {
    std::map<std::string, std::map<std::string, std::set<std::int64_t>>> values;
    for (const NetlistModule& module : result_.modules) {
      for (const auto& [name, value] : module.parameters) {
        values[module.block][name].insert(value);
      }
    }
    std::map<std::string, std::string> names;
    for (NetlistModule& module : result_.modules) {
      Parameters differing;
      for (const auto& [name, value] : module.parameters) {
        if (values[module.block][name].size() > 1) differing[name] = value;
      }
      const std::string name = VariantName(module.block, differing);
      names[module.name] = name;
      module.name = name;
    }
    for (NetlistModule& module : result_.modules) {
      for (NetlistInstance& instance : module.instances) {
        if (instance.is_module) instance.type = names.at(instance.type);
      }
    }
  }

  std::vector<NetlistModule> modules_;
  std::map<std::string, std::size_t> index_;
  std::vector<State> state_;
  Netlist result_;
};

}  // namespace

std::string VariantName(const std::string& block, const Parameters& parameters) {
  std::string name = block;
  for (const auto& [key, value] : parameters) {
    name += fmt::format("_{}{}{}", key, value < 0 ? "m" : "", value < 0 ? -value : value);
  }
  return name;
}

std::string PinName(const NetlistInstance::Connection& connection, std::size_t bit) {
  return connection.bits.size() == 1 ? connection.port
                                     : fmt::format("{}[{}]", connection.port, bit);
}

Netlist LinkModules(std::vector<NetlistModule> modules, const std::string& top) {
  return Linker(std::move(modules)).Link(top);
}

}  // namespace systole
