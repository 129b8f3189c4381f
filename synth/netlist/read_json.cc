// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/error.h"
#include "synth/netlist/netlist.h"

namespace systole {
namespace {

using Json = nlohmann::json;

[[noreturn]] void Refuse(const std::string& what) {
  throw RunError("the netlist that Yosys wrote cannot be used: " + what);
}

/// Yosys writes an integer parameter as its bits, 32 of them signed.
std::int64_t ParameterValue(const std::string& name, const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const std::string bits = value.is_string() ? value.get<std::string>() : "";
  if (bits.empty() || bits.size() > 63 || bits.find_first_not_of("01") != std::string::npos) {
    Refuse(fmt::format("parameter {} is {}, no integer", name, value.dump()));
  }
  std::int64_t number = 0;
  for (const char bit : bits) number = 2 * number + (bit - '0');
  return bits.size() == 32 && bits[0] == '1' ? number - (std::int64_t{1} << 32) : number;
}

Parameters ReadParameters(const Json& json, const char* key) {
  Parameters parameters;
  if (!json.contains(key)) return parameters;
  for (const auto& [name, value] : json.at(key).items()) {
    parameters[name] = ParameterValue(name, value);
  }
  return parameters;
}

PortDirection ReadDirection(const std::string& port, const Json& direction) {
  if (direction == "input") return PortDirection::kInput;
  if (direction == "output") return PortDirection::kOutput;
  Refuse(fmt::format("port {} is an {}", port, direction.dump()));
}

bool IsSet(const Json& attributes, const char* name) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return false;
  if (found->is_number()) return *found != 0;
  return found->is_string() && found->get<std::string>().find('1') != std::string::npos;
}

/// What is known of a net's names; the best one wins.
struct NetName {
  std::string text;
  int rank = 0;  // 2: a name inside the module, 1: a port's, 0: made by Yosys
};

/// One module while it is read: cells are converted as soon as they are whole, because a module of
/// a hundred thousand cells as a tree of JSON would take gigabytes.
class ModuleReader {
 public:
  void AddCell(const std::string& name, const Json& cell);
  void AddNetName(const std::string& name, const Json& net);
  void AddPort(const std::string& name, const Json& port);
  NetlistModule Finish();

 private:
  Net ReadBit(const Json& bit);
  std::vector<Net> ReadBits(const Json& bits);
  void NameNets();
  void NameInstances();

  NetlistModule module_;
  std::unordered_map<std::int64_t, Net> numbers_;  // of Yosys' bit numbers
  std::vector<NetName> names_;                     // of nets
  std::set<std::string> port_names_;
};

Net ModuleReader::ReadBit(const Json& bit) {
  if (bit.is_string()) {
    return bit == "1" ? kConstant1 : kConstant0;  // "0"; "x" and "z" as setundef -zero has them
  }
  const auto [at, fresh] = numbers_.emplace(bit.get<std::int64_t>(), names_.size());
  if (fresh) names_.emplace_back();
  return at->second;
}

std::vector<Net> ModuleReader::ReadBits(const Json& bits) {
  std::vector<Net> nets;
  nets.reserve(bits.size());
  for (const Json& bit : bits) nets.push_back(ReadBit(bit));
  return nets;
}

void ModuleReader::AddCell(const std::string& name, const Json& cell) {
  NetlistInstance instance;
  instance.name = name;
  instance.type = cell.at("type").get<std::string>();
  instance.parameters = ReadParameters(cell, "parameters");
  const Json directions = cell.value("port_directions", Json::object());
  for (const auto& [port, bits] : cell.at("connections").items()) {
    std::optional<PortDirection> direction;
    if (directions.contains(port)) direction = ReadDirection(port, directions[port]);
    instance.connections.push_back({port, ReadBits(bits), direction});
  }
  module_.instances.push_back(std::move(instance));
}

void ModuleReader::AddNetName(const std::string& name, const Json& net) {
  const bool hidden = net.value("hide_name", 0) != 0 || name.starts_with('$');
  if (hidden) return;
  const Json& bits = net.at("bits");
  const std::int64_t offset = net.value("offset", 0);
  const bool upto = net.value("upto", 0) != 0;
  const int rank = port_names_.contains(name) ? 1 : 2;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i].is_string()) continue;
    NetName& known = names_[static_cast<std::size_t>(ReadBit(bits[i]))];
    const std::int64_t index = offset + static_cast<std::int64_t>(upto ? bits.size() - 1 - i : i);
    // Yosys' splitnets makes wires of one bit that are named x[3] and begin at 3.
    const bool whole = bits.size() == 1 && (offset == 0 || name.ends_with(']'));
    std::string text = whole ? name : fmt::format("{}[{}]", name, index);
    const auto order = [](const NetName& n) {
      return std::tuple(-n.rank, std::count(n.text.begin(), n.text.end(), '.'), n.text.size(),
                        std::string_view(n.text));
    };
    NetName candidate{std::move(text), rank};
    if (known.rank == 0 || order(candidate) < order(known)) known = std::move(candidate);
  }
}

void ModuleReader::AddPort(const std::string& name, const Json& port) {
  port_names_.insert(name);
  module_.ports.push_back(
      {name, ReadDirection(name, port.at("direction")), ReadBits(port.at("bits"))});
}

void ModuleReader::NameNets() {
  std::set<std::string> taken;
  for (const NetName& name : names_) {
    if (name.rank > 0) taken.insert(name.text);
  }
  int number = 0;
  for (NetName& name : names_) {
    while (name.rank == 0) {
      name.text = fmt::format("n{}", ++number);
      if (taken.insert(name.text).second) break;
    }
    module_.nets.push_back(std::move(name.text));
  }
}

/// Cells that Yosys made: a register is named after its output where that has a name in the RTL.
/// Registers are recognized later, by the library; here a cell counts as one when it drives a net
/// of the RTL through a pin named Q or its inverse.
void ModuleReader::NameInstances() {
  std::set<std::string> taken;
  for (const NetlistInstance& instance : module_.instances) {
    if (!instance.name.starts_with('$')) taken.insert(instance.name);
  }
  int number = 0;
  for (NetlistInstance& instance : module_.instances) {
    if (!instance.name.starts_with('$')) continue;
    instance.name.clear();
    for (const auto& connection : instance.connections) {
      const bool output =
          connection.port == "Q" || connection.port == "Q_N" || connection.port == "QN";
      if (!output || connection.bits.size() != 1 || connection.bits[0] < 0) continue;
      const std::string name = module_.nets[static_cast<std::size_t>(connection.bits[0])] + "_reg";
      if (taken.insert(name).second) {
        instance.name = name;
        break;
      }
    }
    while (instance.name.empty()) {
      const std::string name = fmt::format("c{}", ++number);
      if (taken.insert(name).second) instance.name = name;
    }
  }
}

NetlistModule ModuleReader::Finish() {
  NameNets();
  NameInstances();
  return std::move(module_);
}

struct Header {
  std::string block;
  Parameters parameters;
  bool outside = false, top = false;
};

Header ReadHeader(const std::string& key, const Json& json) {
  const Json attributes = json.value("attributes", Json::object());
  Header header;
  header.block = attributes.value("hdlname", key);
  if (header.block.starts_with('\\')) header.block.erase(0, 1);
  header.parameters = ReadParameters(json, "parameter_default_values");
  header.outside = IsSet(attributes, "blackbox") || IsSet(attributes, "whitebox");
  header.top = IsSet(attributes, "top");
  return header;
}

/// The parser's callback: keeps the path of keys, and takes cells, ports and net names out of the
/// tree as they are completed.
class NetlistReader {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& value);
  Netlist Finish(const Json& rest);

 private:
  static void CheckFinished(const std::string& key, const Json& json);

  std::vector<std::string> path_;
  std::map<std::string, ModuleReader> readers_;
  // Net names have to wait for the ports, whatever order the file has.
  std::map<std::string, std::vector<std::pair<std::string, Json>>> net_names_;
};

bool NetlistReader::operator()(int depth, Json::parse_event_t event, Json& value) {
  const std::size_t level = static_cast<std::size_t>(depth);
  if (event == Json::parse_event_t::key) {
    path_.resize(level);
    path_.back() = value.get<std::string>();
    return true;
  }
  if (event != Json::parse_event_t::object_end || level != 4 || path_.size() < 4) return true;
  if (path_[0] != "modules") return true;
  ModuleReader& reader = readers_[path_[1]];
  if (path_[2] == "cells") {
    reader.AddCell(path_[3], value);
  } else if (path_[2] == "ports") {
    reader.AddPort(path_[3], value);
  } else if (path_[2] == "netnames") {
    value.erase("attributes");
    net_names_[path_[1]].emplace_back(path_[3], std::move(value));
  } else {
    return true;
  }
  return false;
}

void NetlistReader::CheckFinished(const std::string& key, const Json& json) {
  if (json.contains("memories") && !json["memories"].empty()) {
    Refuse(fmt::format("module {} still has memories", key));
  }
}

Netlist NetlistReader::Finish(const Json& rest) {
  if (!rest.is_object() || !rest.contains("modules") || !rest["modules"].is_object()) {
    Refuse("it has no modules");
  }
  std::map<std::string, Header> headers;
  std::string top;
  for (const auto& [key, json] : rest["modules"].items()) {
    headers[key] = ReadHeader(key, json);
    CheckFinished(key, json);
    if (headers[key].top) top = key;
  }
  if (top.empty()) Refuse("it has no top module");
  std::vector<NetlistModule> modules;
  for (const auto& [key, header] : headers) {
    if (header.outside && key != top) continue;
    ModuleReader& reader = readers_[key];
    for (const auto& [name, json] : net_names_[key]) reader.AddNetName(name, json);
    NetlistModule module = reader.Finish();
    module.block = header.block;
    module.parameters = header.parameters;
    for (NetlistInstance& instance : module.instances) {
      const auto child = headers.find(instance.type);
      if (child == headers.end()) {
        instance.parameters.clear();  // a library cell
        continue;
      }
      Parameters parameters = child->second.parameters;
      for (const auto& [name, value] : instance.parameters) parameters[name] = value;
      instance.block = child->second.block;
      instance.parameters = std::move(parameters);
      instance.type = VariantName(instance.block, instance.parameters);
    }
    modules.push_back(std::move(module));
  }
  return LinkModules(std::move(modules), headers[top].block);
}

}  // namespace

std::vector<ModuleVariant> ReadYosysVariants(std::string_view text) {
  try {
    std::vector<ModuleVariant> variants;
    const Json json = Json::parse(text);
    for (const auto& [key, module] : json.at("modules").items()) {
      Header header = ReadHeader(key, module);
      variants.push_back({std::move(header.block), std::move(header.parameters)});
    }
    return variants;
  } catch (const Json::exception& error) {
    Refuse(fmt::format("{} (it may have been cut short by a full disk)", error.what()));
  }
}

Netlist ReadYosysJson(std::string_view text) {
  NetlistReader reader;
  try {
    const Json rest = Json::parse(text.begin(), text.end(),
                                  [&](int depth, Json::parse_event_t event, Json& value) {
                                    return reader(depth, event, value);
                                  });
    return reader.Finish(rest);
  } catch (const Json::exception& error) {
    Refuse(fmt::format("{} (it may have been cut short by a full disk)", error.what()));
  }
}

}  // namespace systole
