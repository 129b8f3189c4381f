// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>

#include "synth/overhead/tcam_reading.h"

// Words that the tables of the null cache's area and of its energy share.

namespace systole {

inline const char* Name(TcamReading reading) {
  return reading == TcamReading::kMacro ? "macro" : "flip-flops";
}

/// By how much `value` is more than the baseline: "+1.5 %".
inline std::string Over(double baseline, double value) {
  return fmt::format("{:+.1f} %", 100 * (value / baseline - 1));
}

}  // namespace systole
