// SPDX-License-Identifier: Apache-2.0
// Speed of the simulated core, of building its model, and of the cycle formulas.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/stimulus.h"
#include "sw/cost/core_timing.h"
#include "tb/core_sim.h"

namespace systole {
namespace {

/// The same tile many times; results are dropped.
class Repeated : public TileSource {
 public:
  Repeated(TileStream first, TileStream next) : first_(std::move(first)), next_(std::move(next)) {}
  std::uint64_t tile_count() const override { return ~std::uint64_t{0}; }
  void Form(std::uint64_t index, TileStream& tile) const override {
    tile = index == 0 ? first_ : next_;
  }
  void Collect(std::uint64_t, const std::vector<std::int32_t>&) override {}

 private:
  TileStream first_, next_;
};

TileStream MakeTile(const ArrayConfig& config, const Pass& pass) {
  Stimulus random(1);
  TileStream tile;
  tile.passes = {pass};
  const auto fill = [&](std::vector<std::int8_t>& stream, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      stream.push_back(static_cast<std::int8_t>(random.Signed(8)));
    }
  };
  fill(tile.activations, Steps(pass) * static_cast<std::uint64_t>(config.rows));
  fill(tile.weights, std::uint64_t{pass.taps} * static_cast<std::uint64_t>(WeightLanes(config)));
  if (pass.params != 0) {
    tile.params.assign(static_cast<std::size_t>(WeightLanes(config)), {.scale = 0.001F});
    tile.params.back().end = 1;
  }
  return tile;
}

/// GEMM: a pointwise layer of 128 channels. ST-OS: a 1x5 depthwise layer, windows one behind the
/// other.
Repeated Work(const ArrayConfig& config, bool stos) {
  const auto rows = static_cast<std::uint32_t>(config.rows);
  const auto cols = static_cast<std::uint32_t>(config.cols);
  Pass pass{.taps = 128, .rows = rows, .params = 1};
  Pass first = pass;
  if (stos) {
    pass = {.fill = cols - 5, .taps = 5, .rows = rows, .stos = 1, .params = 1};
    first = pass;
    first.fill = cols - 1;
  }
  pass.params = 0;
  return {MakeTile(config, first), MakeTile(config, pass)};
}

void SimulateCore(benchmark::State& state, bool stos) {
  const auto size = static_cast<int>(state.range(0));
  const ArrayConfig config{.rows = size, .cols = size};
  const CoreSim sim(config);
  Repeated work = Work(config, stos);
  TileStream tile;
  work.Form(1, tile);
  const std::uint64_t tiles = (state.range(0) > 16 ? 50'000 : 200'000) / Steps(tile.passes[0]);
  const double macs_a_tile = static_cast<double>(size) * size * tile.passes[0].taps;
  double cycles = 0, macs = 0;
  for (auto _ : state) {
    const RunResult result = sim.Run(work, 0, tiles);
    if (!result.timing_difference.empty()) state.SkipWithError(result.timing_difference.c_str());
    cycles += static_cast<double>(result.cycles);
    macs += macs_a_tile * static_cast<double>(tiles);
  }
  state.counters["cycles/s"] = benchmark::Counter(cycles, benchmark::Counter::kIsRate);
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(SimulateCore, gemm, false)
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(SimulateCore, stos, true)
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->Unit(benchmark::kMillisecond);

/// Emit, Verilate, compile and load; the Verilator runtime is compiled before.
void BuildModelOfCore(benchmark::State& state) {
  const auto size = static_cast<int>(state.range(0));
  const auto cache =
      std::filesystem::temp_directory_path() / fmt::format("systole-bench-{}", getpid());
  const CompiledModel runtime({.rows = 1, .cols = 1, .dataflow = Dataflow::kOs},
                              {.cache_dir = cache});
  for (auto _ : state) {
    const CompiledModel model({.rows = size, .cols = size}, {.cache_dir = cache});
    benchmark::DoNotOptimize(model.library());
  }
  std::filesystem::remove_all(cache);
}
BENCHMARK(BuildModelOfCore)
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

void StartFromCache(benchmark::State& state) {
  const ArrayConfig config{.rows = 16, .cols = 16};
  for (auto _ : state) {
    const CompiledModel model(config, {});
    benchmark::DoNotOptimize(model.library());
  }
}
BENCHMARK(StartFromCache)->Unit(benchmark::kMillisecond);

void FormulaOfATile(benchmark::State& state) {
  CoreTiming timing({.rows = 16, .cols = 16});
  Stimulus random(1);
  std::vector<TileTiming> tiles(1024);
  for (TileTiming& tile : tiles) {
    tile.steps = random.Below(300) + 1;
    tile.rows = static_cast<std::uint32_t>(random.Between(1, 16));
    tile.params = random.Chance(64) ? 16 : 0;
    tile.stos = random.Chance(128);
  }
  for (auto _ : state) {
    for (const TileTiming& tile : tiles) benchmark::DoNotOptimize(timing.Next(tile));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * tiles.size()));
}
BENCHMARK(FormulaOfATile);

void FormulaOfEqualTiles(benchmark::State& state) {
  const ArrayConfig config{.rows = 16, .cols = 16};
  TileTiming tile{.steps = 100, .rows = 16, .params = 16};
  std::uint64_t count = 1;
  for (auto _ : state) benchmark::DoNotOptimize(UniformCycles(config, tile, ++count));
}
BENCHMARK(FormulaOfEqualTiles);

}  // namespace
}  // namespace systole
