// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/config_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "sw/scale_sim/config.h"

namespace systole {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

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

}  // namespace

Settings ReadConfigFile(const std::filesystem::path& path) {
  const std::string extension = path.extension().string(), name = path.string();
  if (extension == ".json") return FromJson(name, ReadFile(path));
  if (extension == ".toml") return FromToml(name, ReadFile(path));
  if (extension == ".cfg") return ParseScaleSimConfig(ReadFile(path), name);
  throw RequestError(fmt::format("--config {} is neither .toml nor .json nor .cfg", name),
                     "name the file by its format, for example core.toml");
}

bool Describes(const std::filesystem::path& path, const ConfigKeys& known) {
  const Settings settings = ReadConfigFile(path);
  return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
    const std::string key = OptionKey(setting.first);
    return std::find(known.keys.begin(), known.keys.end(), key) != known.keys.end();
  });
}

void ApplyConfigFile(Options& options, const ConfigKeys& known) {
  if (!options.Has("--config")) return;
  const std::string path = options.Text("--config");
  Settings settings;
  try {
    settings = ReadConfigFile(path);
  } catch (const RequestError& error) {
    options.Note(error.problems());
    return;
  }
  std::vector<std::string> seen;
  for (const auto& [written, text] : settings) {
    const std::string key = OptionKey(written);
    if (std::find(known.keys.begin(), known.keys.end(), key) == known.keys.end()) {
      std::string words = fmt::format("{}", fmt::join(known.keys, ", "));
      std::replace(words.begin(), words.end(), '-', '_');
      options.Note(
          {fmt::format("{}: \"{}\" is no option of {}", path, written, known.of), "use " + words});
    } else if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      options.Note({fmt::format("{}: {} is given twice", path, written), "write it once"});
    } else {
      options.SetDefault("--" + key, text, path + ": ");
    }
    seen.push_back(key);
  }
}

}  // namespace systole
