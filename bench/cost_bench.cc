// SPDX-License-Identifier: Apache-2.0
// Time to tile a whole network from its shapes and to evaluate its cycles.
#include <benchmark/benchmark.h>

#include "tests/cost/mobilenet.h"

namespace systole {
namespace {

void BM_NetworkCycles(benchmark::State& state, bool fused) {
  const std::vector<ArrayLayer> layers = MobileNetV1(fused);
  const int size = static_cast<int>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(NetworkCycles(layers, {.rows = size, .cols = size}));
  }
}
BENCHMARK_CAPTURE(BM_NetworkCycles, mobilenet_v1, false)->Arg(16)->Arg(32)->Arg(64);
BENCHMARK_CAPTURE(BM_NetworkCycles, mobilenet_v1_half, true)->Arg(16)->Arg(32)->Arg(64);

}  // namespace
}  // namespace systole
