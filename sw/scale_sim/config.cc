// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/config.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <tuple>

#include "base/error.h"
#include "base/text.h"

namespace systole {
namespace {

struct Setting {
  std::string value;
  int line = 0;
};
using Settings = std::map<std::string, Setting>;  // by key in lower case

/// `key : value` and `key = value` of all sections, as Python's configparser reads them.
Settings ReadSettings(const std::string& text, const std::string& origin) {
  Settings settings;
  std::istringstream in(text);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::string content = Trim(line);
    if (content.empty() || content[0] == '#' || content[0] == ';' || content[0] == '[') continue;
    const std::size_t mark = content.find_first_of(":=");
    if (mark == std::string::npos) {
      throw RequestError(fmt::format("{}, line {}: \"{}\" is no `key : value`", origin, number,
                                     content.substr(0, 60)),
                         "write ArrayHeight : 32");
    }
    const std::string key = Lower(Trim(content.substr(0, mark)));
    if (!settings.insert({key, {Trim(content.substr(mark + 1)), number}}).second) {
      throw RequestError(fmt::format("{}, line {}: {} is given twice", origin, number, key));
    }
  }
  return settings;
}

std::string At(const std::string& origin, const Setting& setting) {
  return fmt::format("{}, line {}", origin, setting.line);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ParseScaleSimConfig(const std::string& text,
                                                                     const std::string& origin) {
  const Settings settings = ReadSettings(text, origin);
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& [key, name, option] : {std::tuple{"arrayheight", "ArrayHeight", "rows"},
                                          std::tuple{"arraywidth", "ArrayWidth", "cols"}}) {
    const auto found = settings.find(key);
    if (found == settings.end()) {
      throw RequestError(fmt::format("{} has no {}", origin, name),
                         fmt::format("write {} : 32 below [architecture_presets]", name));
    }
    options.emplace_back(option, found->second.value);
  }
  const auto dataflow = settings.find("dataflow");
  if (dataflow != settings.end() && Lower(dataflow->second.value) != "os") {
    throw RequestError(
        fmt::format("{}: Dataflow {} is not supported: the core is output-stationary",
                    At(origin, dataflow->second), dataflow->second.value),
        "write Dataflow : os");
  }
  options.emplace_back("dataflow", "os");
  const auto sparsity = settings.find("sparsitysupport");
  if (sparsity != settings.end() && Lower(sparsity->second.value) != "false") {
    throw RequestError(fmt::format("{}: SparsitySupport {} is not modelled",
                                   At(origin, sparsity->second), sparsity->second.value),
                       "write SparsitySupport : false");
  }
  return options;
}

}  // namespace systole
