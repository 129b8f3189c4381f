// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "synth/macros/band.h"

namespace systole {

inline nlohmann::json Json(const Band& band) {
  return {{"low", band.low}, {"typical", band.typical}, {"high", band.high}};
}

}  // namespace systole
