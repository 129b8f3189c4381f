// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "synth/overhead/cache_overhead.h"

namespace systole {

/// The tables of windows and inferences, with `blocks` also of the windows' power by block; empty
/// without power.
std::string EnergyText(const std::vector<CacheOverhead>& overheads, bool blocks);
nlohmann::json WindowsJson(const CacheFigures& cache);
nlohmann::json InferencesJson(const CacheFigures& cache);
/// A cache's name in a picture, where room is little: "+ 148, drop".
std::string ChartName(const CacheFigures& cache);
/// Energy of an inference by part, the TCAM as a custom macro; of the first network alone where all
/// would be too many bars.
std::string PlotCacheEnergy(const std::vector<CacheOverhead>& overheads);

}  // namespace systole
