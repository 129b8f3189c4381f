// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/cache_report.h"

#include <fmt/format.h>

namespace systole {

std::string Label(const WorkloadRequest& request) {
  return fmt::format("{} {}{}{}", ToString(request.network), ToString(request.program),
                     request.int8 ? " int8" : "",
                     request.pruning == WorkloadPruning::kPublished
                         ? ""
                         : fmt::format(", pruning {}", ToString(request.pruning)));
}

double MissReduction(const CacheRun& base, const CacheRun& run) {
  const double misses = base.Total().Misses();
  return misses == 0 ? 0 : 1 - run.Total().Misses() / misses;
}

double TimeReduction(const CacheRun& base, const CacheRun& run) {
  const double cycles = base.Total().cycles;
  return cycles == 0 ? 0 : 1 - run.Total().cycles / cycles;
}

}  // namespace systole
