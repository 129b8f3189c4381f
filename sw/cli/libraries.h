// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sw/cli/options.h"
#include "synth/liberty/library.h"
#include "synth/overhead/study_run.h"

namespace systole {

/// The cell libraries of `--liberty`, or the default one. Throws RequestError that says what to
/// install when that is not there, and as ReadLiberty.
std::vector<Library> ChosenLibraries(const Options& options);

/// `--wire-load`, `--jobs` and `--cache-dir` of a study.
void ReadStudyRun(Options& options, StudyRun& run);

}  // namespace systole
