// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "synth/flow/timing.h"

namespace systole {

inline constexpr double kNanosecond = 1e-9;  ///< OpenSTA's unit, seconds

/// Reads what OpenSTA printed for the script of AnalyzeTiming into `result`. Throws RunError when
/// something is missing, when no path ends at a register or port, and when the slacks beside the
/// period do not prove it. `queries`: how many were asked.
void ReadStaReport(const std::string& log, bool with_slack, std::size_t queries,
                   TimingResult& result);

}  // namespace systole
