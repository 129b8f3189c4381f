// SPDX-License-Identifier: Apache-2.0
#include "gen/config/array_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gen/config/check_range.h"

namespace systole {
namespace {

Dataflow ParseDataflow(const std::string& text) {
  if (text == "os") return Dataflow::kOs;
  if (text == "os+stos") return Dataflow::kOsStos;
  throw RequestError(fmt::format("dataflow \"{}\" is unknown: os or os+stos", text),
                     "pass --dataflow os+stos");
}

}  // namespace

std::vector<Problem> Check(const ArrayConfig& config) {
  std::vector<Problem> problems;
  CheckRange(problems, "--rows", config.rows, 1, 256, 16);
  CheckRange(problems, "--cols", config.cols, 1, 256, 16);
  if (config.data_width != 4 && config.data_width != 8 && config.data_width != 16) {
    problems.push_back(
        {fmt::format("--data-width {} is not supported: 4, 8 or 16", config.data_width),
         "pass --data-width 8"});
  } else {
    CheckRange(problems, "--acc-width", config.acc_width, 2 * config.data_width, 48, 32);
  }
  CheckRange(problems, "--count-width", config.count_width, 4, 32, 16);
  return problems;
}

std::string ToString(Dataflow dataflow) { return dataflow == Dataflow::kOs ? "os" : "os+stos"; }

std::string ToString(const ArrayConfig& config) {
  return fmt::format("{}x{} {} int{}/int{}", config.rows, config.cols, ToString(config.dataflow),
                     config.data_width, config.acc_width);
}

void to_json(nlohmann::json& json, const ArrayConfig& config) {
  json = {{"rows", config.rows},
          {"cols", config.cols},
          {"dataflow", ToString(config.dataflow)},
          {"data_width", config.data_width},
          {"acc_width", config.acc_width},
          {"count_width", config.count_width}};
}

void from_json(const nlohmann::json& json, ArrayConfig& config) {
  if (!json.is_object()) throw RequestError("an array configuration is a table of options");
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const nlohmann::json& value = item.value();
    const auto integer = [&]() {
      if (!value.is_number_integer()) {
        throw RequestError(fmt::format("{} is {}: an integer is expected", key, value.dump()));
      }
      return value.get<int>();
    };
    if (key == "rows") {
      config.rows = integer();
    } else if (key == "cols") {
      config.cols = integer();
    } else if (key == "dataflow") {
      if (!value.is_string()) {
        throw RequestError("dataflow is no string: \"os\" or \"os+stos\" is expected");
      }
      config.dataflow = ParseDataflow(value.get<std::string>());
    } else if (key == "data_width") {
      config.data_width = integer();
    } else if (key == "acc_width") {
      config.acc_width = integer();
    } else if (key == "count_width") {
      config.count_width = integer();
    } else {
      throw RequestError(fmt::format("\"{}\" is no option of an array", key),
                         "use rows, cols, dataflow, data_width, acc_width, count_width");
    }
  }
}

}  // namespace systole
