// SPDX-License-Identifier: Apache-2.0
// Time to tile MobileNet-V2 as it is built, and to evaluate its exact cycles on one array.
#include <benchmark/benchmark.h>

#include "sw/cost/layer_cost.h"
#include "sw/study/study.h"

namespace systole {
namespace {

void BM_MobileNetV2(benchmark::State& state, NetworkVariant variant) {
  const auto networks = BuildStudyNetworks({ModelName::kMobileNetV2}, {variant}, 224);
  const int size = static_cast<int>(state.range(0));
  const ArrayConfig config = ConfigOf(Machine::kOsStos, size, size);
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    cycles = 0;
    for (const StudyLayer& layer : networks[0].layers) cycles += Cost(layer.layer, config).cycles;
    benchmark::DoNotOptimize(cycles);
  }
  state.counters["cycles"] = static_cast<double>(cycles);
}
BENCHMARK_CAPTURE(BM_MobileNetV2, baseline, NetworkVariant::kBaseline)->Arg(16)->Arg(32)->Arg(64);
BENCHMARK_CAPTURE(BM_MobileNetV2, half, NetworkVariant::kHalf)->Arg(16)->Arg(32)->Arg(64);

}  // namespace
}  // namespace systole
