// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/approximation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "sw/trace/run.h"

namespace systole {
namespace {

std::vector<double> Values(const Tensor& tensor) {
  std::vector<double> values;
  const auto take = [&](const auto& elements) { values.assign(elements.begin(), elements.end()); };
  switch (tensor.type()) {
    case ElementType::kInt8:
      take(tensor.As<std::int8_t>());
      break;
    case ElementType::kUint8:
      take(tensor.As<std::uint8_t>());
      break;
    default:
      take(tensor.As<float>());
  }
  return values;
}

std::size_t Greatest(const std::vector<double>& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace

ApproximatedRun RunApproximated(const WorkloadRequest& request, CachePoint point, float threshold,
                                std::int64_t sample) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(request, image, sample);
  const std::string& output = workload.program.outputs.at(0);
  const std::vector<double> exact = Values(ReadTensorFrom(workload.program, image, output));
  point.config.null_cache = true;
  point.config.null.approximation = true;
  CacheModel model(point.config, image, {.latency = point.latency}, point.extras);
  const ZeroLanes lanes = request.int8 ? ZeroLanes::kInt8 : ZeroLanes::kFloat32;
  model.WriteRegister(0, 1 | static_cast<std::uint64_t>(lanes) << 2);
  model.WriteRegister(1, request.int8 ? static_cast<std::uint32_t>(threshold)
                                      : std::bit_cast<std::uint32_t>(threshold));
  const ProgramRun run = TraceProgram(workload.program, image,
                                      [&](const Access& access) { return model.Access(access); });
  const std::vector<double> got = Values(ReadTensorFrom(workload.program, image, output));
  ApproximatedRun result;
  result.threshold = threshold;
  result.counts = Totals(model, run);
  double greatest = 0, error = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    greatest = std::max(greatest, std::abs(exact[i]));
    error = std::max(error, std::abs(exact[i] - got[i]));
  }
  result.output_error = greatest == 0 ? 0 : error / greatest;
  result.same_answer = Greatest(exact) == Greatest(got);
  return result;
}

ApproximationResult RunApproximations(const WorkloadRequest& request, const CachePoint& point,
                                      float threshold, std::int64_t samples) {
  ApproximationResult result{request, threshold, samples, 0, 0, {}};
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const ApproximatedRun run = RunApproximated(request, point, threshold, sample);
    result.same_answers += run.same_answer ? 1 : 0;
    result.output_error = std::max(result.output_error, run.output_error);
    result.counts += run.counts;
  }
  return result;
}

}  // namespace systole
