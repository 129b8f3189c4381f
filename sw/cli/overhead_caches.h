// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sw/cli/options.h"
#include "sw/cli/progress.h"
#include "synth/overhead/cache_overhead.h"

namespace systole {

/// The caches' part of `systole study overhead`.
struct CacheStudyRequest {
  std::vector<CacheVariant> variants;
  CacheOverheadSettings settings;
};

/// Declares the options that only the caches have.
void DeclareCacheStudy(Options& options);
/// Refuses the options that only the caches have.
void RefuseCacheStudy(Options& options);
/// Reads them, and what both parts have. Problems are noted in `options`.
CacheStudyRequest ReadCacheStudy(Options& options);

std::vector<CacheOverhead> RunCacheStudy(CacheStudyRequest request,
                                         const std::vector<Library>& libraries, ProgressLine& line);

}  // namespace systole
