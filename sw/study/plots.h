// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sw/study/study.h"

namespace systole {

/// The pictures of the study as SVG, each the same bytes for the same report.

/// Speedups of every network and variant: as printed by FuSeConv's authors, and of the core with
/// ST-OS over the baseline on the core without, in its published mapping.
std::string PlotSpeedups(const StudyReport& report);
/// Speedup of Half on the core with ST-OS over the baseline on each machine.
std::string PlotBaselines(const StudyReport& report);
/// Speedup of every block of one network in its fused variants over the same block of the baseline:
/// expansion, depthwise or 1-D depthwise, and projection together. Needs the baseline.
std::string PlotBlockSpeedups(const StudyReport& report, const NetworkStudy& network);
/// Share of the cycles of every network and variant by the kind of layer: the baseline with the
/// published mapping, the others on the core with ST-OS.
std::string PlotKinds(const StudyReport& report);
/// Speedup of Half against the size of a square array: `reports` are of the same networks,
/// ascending in size; over the baseline with the published mapping.
std::string PlotSizes(const std::vector<StudyReport>& reports);

}  // namespace systole
