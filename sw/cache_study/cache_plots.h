// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sw/cache_study/cache_report.h"

namespace systole {

/// Misses of each cache, in percent of those of 16 KiB, a group of bars a program.
std::string PlotMisses(const CacheReport& report);
/// Execution times likewise.
std::string PlotTimes(const CacheReport& report);
/// Merges by the order that they reach, in percent of all of a program's.
std::string PlotMerges(const CacheReport& report);
/// Misses over the values of one sweep, in percent of those without null cache, a line a program.
/// `key` must be that of a sweep in the report.
std::string PlotSweep(const CacheReport& report, const std::string& key);

}  // namespace systole
