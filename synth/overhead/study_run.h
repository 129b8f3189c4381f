// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gen/emit/design.h"
#include "synth/flow/synthesize.h"
#include "synth/liberty/library.h"

namespace systole {

/// How a study of mapped designs runs: what all of them are told.
struct StudyRun {
  double wire_per_fanout = 0;       ///< farads of wire that each pin adds to its net
  int clock_gating = 0;             ///< as of SynthesisOptions
  std::filesystem::path cache_dir;  ///< of mapped modules and compiled models; empty: the default
  int jobs = 2;                     ///< Yosys processes at the same time
  std::function<bool()> cancelled;
  std::function<void(const std::string&)> on_progress;

  /// Tells on_progress what is done for `name`.
  void Say(const std::string& name, const std::string& text) const;
};

/// The request that maps a design as every study does. Its progress is told under `name`. `run` and
/// `libraries` have to outlive it.
SynthesisRequest MappingOf(const rtl::Design& design, const std::vector<Library>& libraries,
                           const std::string& name, const StudyRun& run);

/// A clock period for measurements on gates: `delay` with `room` (1.05: 5 % more), up to the next
/// 0.1 ns.
double PeriodWithRoom(double delay, double room);

/// Room over the longest register delay, which has no setup time in it: setup, and glitches that
/// settle.
inline constexpr double kRegisterDelayRoom = 1.15;

}  // namespace systole
