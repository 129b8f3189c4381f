// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/array_options.h"

#include <fmt/format.h>

#include <limits>

namespace systole {
const ConfigKeys& ArrayKeys() {
  static const ConfigKeys keys{
      "an array", {"rows", "cols", "dataflow", "data-width", "acc-width", "count-width"}};
  return keys;
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
  ApplyConfigFile(options, ArrayKeys());
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
