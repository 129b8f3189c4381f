// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sw/cli/options.h"
#include "synth/liberty/library.h"

namespace systole {

/// The cell libraries of `--liberty`, or the default one. Throws RequestError that says what to
/// install when that is not there, and as ReadLiberty.
std::vector<Library> ChosenLibraries(const Options& options);

}  // namespace systole
