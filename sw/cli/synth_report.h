// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "synth/flow/synthesize.h"
#include "synth/flow/timing.h"

namespace systole {

/// All that `systole synth` found out.
struct SynthReport {
  std::string kind;    ///< "array" or "cache"
  std::string design;  ///< the configuration in words
  nlohmann::json config;
  SynthesisResult synthesis;
  std::optional<TimingResult> timing;
  double nand2_area = 0;  ///< um2: one gate equivalent
};

/// A table of the blocks, totals, where the figures come from.
std::string ToText(const SynthReport& report);

/// docs/schema/synth.schema.json describes it.
nlohmann::json ToJson(const SynthReport& report);

}  // namespace systole
