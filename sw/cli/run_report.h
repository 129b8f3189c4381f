// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sw/cli/answers.h"
#include "sw/cli/onnxruntime_compare.h"
#include "tb/network_runner.h"

namespace systole {

/// All that `systole run` found out.
struct RunReport {
  std::string model_file, model_hash;
  RunSettings settings;
  NetworkRun result;
  std::optional<Comparison> comparison;  ///< with --compare
  std::optional<Answers> answers;        ///< when the output is a score for each class
  double reference_seconds = 0;
  double total_seconds = 0;
};

/// True when nothing differs from anything: exit status 0.
bool Good(const RunReport& report);

/// Throws RunError that says in one line what differs first, unless the report is good.
void ThrowUnlessGood(const RunReport& report);

/// The table of the layers, the totals, the answers and what differs.
std::string ToText(const RunReport& report);

/// docs/schema/run.schema.json describes it.
nlohmann::json ToJson(const RunReport& report);

}  // namespace systole
