// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sw/cli/progress.h"
#include "tb/network_runner.h"

namespace systole {

/// Hooks of a run that show its progress in `line`, with `prefix` before it, and end it after a
/// signal (InterruptGuard).
RunHooks ProgressHooks(ProgressLine& line, const std::string& prefix = "");

}  // namespace systole
