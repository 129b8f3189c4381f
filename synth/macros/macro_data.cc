// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/macro_data.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "macro_files.h"

namespace systole {
namespace {

using nlohmann::json;

json Parse(const std::string& name) {
  for (const auto& [file, text] : macro_files()) {
    if (file == name) return json::parse(text);
  }
  throw RunError("the program was built without " + name);
}

std::optional<double> Number(const json& item, const char* key) {
  if (!item.contains(key)) return std::nullopt;
  return item.at(key).get<double>();
}

MacroNode Node(const json& item) { return {item.at("feature"), item.at("voltage")}; }

void ReadSources(const json& file, const std::string& name, MacroData& data) {
  for (const auto& [key, source] : file.at("sources").items()) {
    data.sources[name + "." + key] = {source.at("title"), source.at("where"), source.at("checked")};
  }
}

std::string SourceOf(const json& item, const std::string& file) {
  return file + "." + item.at("source").get<std::string>();
}

void ReadSram(MacroData& data) {
  const json file = Parse("sram.json");
  ReadSources(file, "sram", data);
  for (const json& item : file.at("macros")) {
    data.macros.push_back({.name = item.at("name"),
                           .depth = item.at("depth"),
                           .width = item.at("width"),
                           .area = item.at("area"),
                           .read = Number(item, "read"),
                           .write = Number(item, "write"),
                           .leakage = item.at("leakage"),
                           .access = item.at("access"),
                           .node = Node(item),
                           .ports = item.at("ports"),
                           .source = SourceOf(item, "sram")});
  }
  const json& pins = file.at("interface");
  data.interface = {.setup = pins.at("setup"),
                    .pin = pins.at("pin"),
                    .clock_pin = pins.at("clock_pin"),
                    .load = pins.at("load"),
                    .load_delay = pins.at("load_delay"),
                    .rise = pins.at("rise"),
                    .load_rise = pins.at("load_rise"),
                    .feature = pins.at("feature"),
                    .source = SourceOf(pins, "sram")};
  for (const json& item : file.at("cells_6t")) {
    data.cells_6t.push_back(
        {item.at("node"), item.at("feature"), item.at("area"), SourceOf(item, "sram")});
  }
  for (const json& item : file.at("caches")) {
    data.caches.push_back(
        {item.at("bytes"), item.at("width"), item.at("read"), Node(item), SourceOf(item, "sram")});
  }
}

void ReadTcam(MacroData& data) {
  const json file = Parse("tcam.json");
  ReadSources(file, "tcam", data);
  for (const json& item : file.at("binary_cams")) {
    data.binary_cams.push_back({item.at("entries"), item.at("width"), item.at("area"),
                                item.at("search"), Number(item, "access"), Node(item),
                                SourceOf(item, "tcam")});
  }
  for (const json& item : file.at("silicon")) {
    data.tcams.push_back({.entries = item.at("entries"),
                          .width = item.at("width"),
                          .feature = item.at("feature"),
                          .voltage = Number(item, "voltage"),
                          .search_per_bit = Number(item, "search_per_bit"),
                          .cycle = Number(item, "cycle"),
                          .match = Number(item, "match"),
                          .saving = Number(item, "saving"),
                          .source = SourceOf(item, "tcam")});
  }
  for (const json& item : file.at("cells")) {
    data.tcam_cells.push_back(
        {item.at("what"), item.at("feature"), item.at("area"), SourceOf(item, "tcam")});
  }
}

void ReadOthers(MacroData& data) {
  json file = Parse("dram.json");
  ReadSources(file, "dram", data);
  for (const json& item : file.at("memories")) {
    data.memories.push_back({item.at("name"), item.at("what"), item.at("low"), item.at("high"),
                             SourceOf(item, "dram")});
  }
  file = Parse("processors.json");
  ReadSources(file, "processors", data);
  for (const json& item : file.at("processors")) {
    data.processors.push_back({.name = item.at("name"),
                               .what = item.at("what"),
                               .area = item.at("area"),
                               .area_without_caches = item.at("area_without_caches"),
                               .cache_bytes = item.at("cache_bytes"),
                               .energy_per_cycle = item.at("energy_per_cycle"),
                               .node = Node(item),
                               .source = SourceOf(item, "processors")});
  }
  for (const json& item : file.at("cores")) {
    data.cores.push_back(
        {item.at("name"), item.at("what"), item.at("gates"), SourceOf(item, "processors")});
  }
  const json& published = file.at("published").at(0);
  data.published = {published.at("area_percent"), published.at("power_percent")};
  file = Parse("nodes.json");
  ReadSources(file, "nodes", data);
  for (const json& item : file.at("nodes")) {
    data.nodes.push_back({item.at("library"), Node(item)});
  }
}

}  // namespace

const MacroData& Macros() {
  static const MacroData data = [] {
    MacroData read;
    ReadSram(read);
    ReadTcam(read);
    ReadOthers(read);
    return read;
  }();
  return data;
}

MacroNode NodeOf(const Library& library) {
  for (const auto& [prefix, node] : Macros().nodes) {
    if (library.name.compare(0, prefix.size(), prefix) != 0) continue;
    return {node.feature, library.voltage > 0 ? library.voltage : node.voltage};
  }
  throw RequestError(
      fmt::format("the feature size of library {} is not known, and the memory models need it",
                  library.name),
      "give it, e.g. --feature 0.13");
}

}  // namespace systole
