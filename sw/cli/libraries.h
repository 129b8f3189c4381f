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

/// `--clock-gating`, as of SynthesisOptions; kClockGatingBits when it is not given.
void DeclareClockGating(Options& options, const std::string& group);
int ReadClockGating(Options& options);

/// `--wire-load`, `--clock-gating`, `--jobs` and `--cache-dir` of a study.
void ReadStudyRun(Options& options, StudyRun& run);

}  // namespace systole
