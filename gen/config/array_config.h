// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace systole {

enum class Dataflow {
  kOs,      ///< output-stationary GEMM only: the baseline
  kOsStos,  ///< and spatially tiled output-stationary 1-D convolutions, chosen per pass
};

/// Configuration of one systolic core.
struct ArrayConfig {
  int rows = 16;                          ///< 1 to 256
  int cols = 16;                          ///< 1 to 256
  Dataflow dataflow = Dataflow::kOsStos;  ///< --dataflow os|os+stos
  int data_width = 8;                     ///< activation, weight and output bits: 4, 8 or 16
  int acc_width = 32;                     ///< accumulator bits: 2 * data_width to 48
  int count_width = 16;                   ///< bits of a pass's step counts, 4 to 32

  friend bool operator==(const ArrayConfig&, const ArrayConfig&) = default;
};

/// Every problem of the configuration at once, in the command line's option names; empty if it is
/// good.
std::vector<Problem> Check(const ArrayConfig& config);

/// Lanes of a weight beat, which are the channels of a parameter bank as well: one a column, and
/// with ST-OS at least one a row.
constexpr int WeightLanes(const ArrayConfig& config) {
  return config.dataflow == Dataflow::kOsStos && config.rows > config.cols ? config.rows
                                                                           : config.cols;
}

/// Bytes of one activation or weight in a packed beat (little endian, sign-extended): 1 up to a
/// data width of 8, 2 above.
constexpr int ElementBytes(const ArrayConfig& config) { return config.data_width <= 8 ? 1 : 2; }

/// "os" or "os+stos".
std::string ToString(Dataflow dataflow);

/// "16x16 os+stos int8/int32"
std::string ToString(const ArrayConfig& config);

/// JSON keys are the option names with underscores: rows, cols, dataflow, data_width, acc_width,
/// count_width. Reading throws RequestError for unknown keys and wrong types.
void to_json(nlohmann::json& json, const ArrayConfig& config);
void from_json(const nlohmann::json& json, ArrayConfig& config);

}  // namespace systole
