// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/array_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "sw/scale_sim/config.h"

namespace systole {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr std::array kKeys = {"rows", "cols", "dataflow", "data-width", "acc-width", "count-width"};

Settings FromJson(const std::string& name, const std::string& text) {
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    throw RequestError(fmt::format("{} is no JSON: byte {}", name, error.byte),
                       "write {\"rows\": 16, \"cols\": 16, \"dataflow\": \"os+stos\"}");
  }
  if (!json.is_object()) {
    throw RequestError(fmt::format("{} is no JSON object of options", name),
                       "write {\"rows\": 16, \"cols\": 16, \"dataflow\": \"os+stos\"}");
  }
  Settings settings;
  for (const auto& [key, value] : json.items()) {
    settings.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return settings;
}

Settings FromToml(const std::string& name, const std::string& text) {
  // CLI11's reader skips a line without `=` that is no section; such a line is a mistake here.
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string::npos || line[start] == '#' || line[start] == '[') continue;
    if (line.find('=') == std::string::npos) {
      throw RequestError(fmt::format("{}, line {}: \"{}\" is no `key = value`", name, number, line),
                         "write rows = 16");
    }
  }
  std::istringstream input(text);
  Settings settings;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(input)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of sections
    std::string value;
    for (const std::string& part : item.inputs) value += (value.empty() ? "" : ",") + part;
    settings.emplace_back(item.fullname(), value);
  }
  return settings;
}

/// Files may write data_width or data-width.
std::string OptionKey(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return key;
}

void ApplyConfigFile(Options& options, const std::string& path) {
  std::vector<std::string> seen;
  for (const auto& [written, text] : ReadConfigFile(path)) {
    const std::string key = OptionKey(written);
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      options.Note({fmt::format("{}: \"{}\" is no option of an array", path, written),
                    "use rows, cols, dataflow, data_width, acc_width, count_width"});
    } else if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      options.Note({fmt::format("{}: {} is given twice", path, written), "write it once"});
    } else {
      options.SetDefault("--" + key, text, path + ": ");
    }
    seen.push_back(key);
  }
}

}  // namespace

Settings ReadConfigFile(const std::filesystem::path& path) {
  const std::string extension = path.extension().string(), name = path.string();
  if (extension == ".json") return FromJson(name, ReadFile(path));
  if (extension == ".toml") return FromToml(name, ReadFile(path));
  if (extension == ".cfg") return ParseScaleSimConfig(ReadFile(path), name);
  throw RequestError(fmt::format("--config {} is neither .toml nor .json nor .cfg", name),
                     "name the file by its format, for example core.toml");
}

void DeclareArrayOptions(Options& options) {
  const ArrayConfig config;
  const std::string group = "Core";
  const auto number = [&](const std::string& name, const std::string& help, int value) {
    options.Declare(name, "N", fmt::format("{} [{}]", help, value), group);
  };
  number("--rows", "rows of processing elements, 1 to 256", config.rows);
  number("--cols", "columns of processing elements, 1 to 256", config.cols);
  options.Declare("--dataflow", "os|os+stos",
                  fmt::format("output-stationary, with or without 1-D convolutions on the rows "
                              "(ST-OS) [{}]",
                              ToString(config.dataflow)),
                  group);
  number("--data-width", "bits of an activation or weight: 4, 8, 16", config.data_width);
  number("--acc-width", "bits of a sum, up to 48", config.acc_width);
  number("--count-width", "bits of the step counters, 4 to 32", config.count_width);
  options.Declare("--config", "FILE",
                  "options above from a .toml or .json file, or a SCALE-Sim .cfg; the command line "
                  "wins",
                  group);
}

void DeclareMapping(Options& options) {
  options.Declare("--mapping", "basic|best",
                  "mappings to choose from: the published ones, or all that Systole knows [best]",
                  "Core");
}

MappingSet ReadMapping(Options& options) {
  return options.Choice("--mapping", {"basic", "best"}, "best") == "basic" ? MappingSet::kBasic
                                                                           : MappingSet::kBest;
}

ArrayConfig ReadArrayOptions(Options& options) {
  if (options.Has("--config")) {
    try {
      ApplyConfigFile(options, options.Text("--config"));
    } catch (const RequestError& error) {
      options.Note(error.problems());
    }
  }
  ArrayConfig config;
  const auto read = [&](const char* name, int& value) {
    constexpr std::int64_t kAny = std::numeric_limits<int>::max();  // Check knows the ranges
    value = static_cast<int>(options.Integer(name, value, -kAny, kAny));
  };
  read("--rows", config.rows);
  read("--cols", config.cols);
  const std::string dataflow =
      options.Choice("--dataflow", {"os", "os+stos"}, ToString(config.dataflow));
  config.dataflow = dataflow == "os" ? Dataflow::kOs : Dataflow::kOsStos;
  read("--data-width", config.data_width);
  read("--acc-width", config.acc_width);
  read("--count-width", config.count_width);
  options.Note(Check(config));
  return config;
}

}  // namespace systole
