// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/cache_study/cache_runs.h"
#include "sw/cache_study/workload.h"

namespace systole {

/// What a threshold of the zero detector does to one inference.
struct ApproximatedRun {
  float threshold = 0;  ///< values up to it count as zero; int8: steps of the quantized value
  CacheCounts counts;
  double output_error = 0;  ///< greatest difference of an output, as a share of the greatest output
  bool same_answer = true;  ///< the greatest output is the same one
};

/// Runs the program with the null cache of `point`, whose config gets approximation, from a memory
/// of its own, on sample `sample` of the network's inputs (LeNet has 100, others 1). The float
/// lanes are float32; int8 programs have int8 lanes and round the threshold down.
ApproximatedRun RunApproximated(const WorkloadRequest& request, CachePoint point, float threshold,
                                std::int64_t sample = 0);

/// The same over samples 0 to `samples` - 1: counts are sums, errors the greatest.
struct ApproximationResult {
  WorkloadRequest request;
  float threshold = 0;
  std::int64_t samples = 0;
  std::int64_t same_answers = 0;
  double output_error = 0;
  CacheCounts counts;
};
ApproximationResult RunApproximations(const WorkloadRequest& request, const CachePoint& point,
                                      float threshold, std::int64_t samples);

}  // namespace systole
