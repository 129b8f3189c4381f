// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/cache_study/cache_runs.h"
#include "synth/macros/cache_cost.h"

namespace systole {

/// What the arrays of a cache did in a layer or a program, at a clock in Hz. Throws RequestError
/// for a clock that is not positive.
CacheEvents EventsOf(const CacheCounts& counts, double clock);

}  // namespace systole
