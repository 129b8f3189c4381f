// SPDX-License-Identifier: Apache-2.0
// Speed of the cache model, accesses a second on one processor core.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/stimulus.h"
#include "sw/cache/cache_model.h"

namespace systole {
namespace {

constexpr int kRows = 256, kCols = 256, kDepth = 256;
constexpr std::uint64_t kLeft = 0x100000, kRight = 0x200000, kSum = 0x300000;

/// Loads and stores of a float32 matrix product in 4x4 register tiles: two thirds of the left
/// matrix's lines are zero, as pruned weights are.
std::vector<Access> MatrixProduct(MemoryImage& image) {
  Stimulus random(1);
  for (std::uint64_t line = 0; line < kRows * kDepth * 4 / 32; ++line) {
    if (random.Below(3) != 0) continue;
    for (std::uint64_t at = 0; at < 32; at += 4) image.Store(kLeft + 32 * line + at, 4, 1 + at);
  }
  for (std::uint64_t at = 0; at < kDepth * kCols * 4; at += 4) image.Store(kRight + at, 4, 1 + at);
  std::vector<Access> accesses;
  const auto load = [&](std::uint64_t address) {
    accesses.push_back({.address = address, .value = image.Load(address, 4), .instructions = 3});
  };
  for (std::uint64_t row = 0; row < 64; row += 4) {
    for (std::uint64_t col = 0; col < kCols; col += 4) {
      for (std::uint64_t k = 0; k < kDepth; ++k) {
        for (std::uint64_t i = 0; i < 4; ++i) load(kLeft + 4 * ((row + i) * kDepth + k));
        for (std::uint64_t i = 0; i < 4; ++i) load(kRight + 4 * (k * kCols + col + i));
      }
      for (std::uint64_t i = 0; i < 16; ++i) {
        accesses.push_back({.address = kSum + 4 * ((row + i / 4) * kCols + col + i % 4),
                            .value = 1 + i,
                            .instructions = 2,
                            .write = true});
      }
    }
  }
  return accesses;
}

/// Loads all over 16 MB of which three quarters are zero: every access misses the L1.
std::vector<Access> Scattered(MemoryImage& image) {
  Stimulus random(2);
  for (std::uint64_t block = 0; block < 4096; ++block) {
    if (random.Below(4) == 0) {
      for (std::uint64_t at = 0; at < 4096; at += 32) image.Store(4096 * block + at, 4, 1);
    }
  }
  std::vector<Access> accesses;
  for (int i = 0; i < 2000000; ++i) {
    const std::uint64_t address = 4 * random.Below(1 << 22);
    accesses.push_back({.address = address, .value = image.Load(address, 4), .instructions = 3});
  }
  return accesses;
}

void Run(benchmark::State& state, std::vector<Access> (*stream)(MemoryImage&)) {
  MemoryImage image(32);
  const std::vector<Access> accesses = stream(image);
  CacheConfig config;
  config.null_cache = state.range(0) != 0;
  config.null.entries = state.range(0) != 0 ? static_cast<int>(state.range(0)) : 1;
  double misses = 0;
  for (auto _ : state) {
    CacheModel model(config, image);
    for (const Access& access : accesses) benchmark::DoNotOptimize(model.Access(access));
    const CacheCounters counters = model.Counters();
    misses = static_cast<double>(counters.Misses()) / static_cast<double>(counters.accesses);
  }
  state.counters["accesses/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(accesses.size()),
      benchmark::Counter::kIsRate);
  state.counters["miss_rate"] = misses;
}

/// The accesses of MatrixProduct made by the processor itself, with hardly an instruction beside
/// them. Alone it tells little; under another simulator it is that simulator's speed on the stream:
/// valgrind --tool=cachegrind --cache-sim=yes --D1=16384,4,32 bench_cache --benchmark_filter=Native
void BM_NativeMatrixProduct(benchmark::State& state) {
  std::vector<std::uint32_t> memory((kSum + 4 * kRows * kCols) / 4);
  volatile std::uint32_t* const words = memory.data();
  constexpr std::uint64_t kTile = 4;
  std::uint64_t accesses = 0;
  std::uint32_t seen = 0;  // valgrind leaves out loads that nothing uses
  for (auto _ : state) {
    for (std::uint64_t row = 0; row < 64; row += kTile) {
      for (std::uint64_t col = 0; col < kCols; col += kTile) {
        const auto* left = words + kLeft / 4 + row * kDepth;
        const auto* right = words + kRight / 4 + col;
        for (std::uint64_t k = 0; k < kDepth; ++k, ++left, right += kCols) {
          for (std::uint64_t i = 0; i < kTile; ++i) seen += left[i * kDepth];
          for (std::uint64_t i = 0; i < kTile; ++i) seen += right[i];
        }
        auto* const sum = words + kSum / 4 + row * kCols + col;
        for (std::uint64_t i = 0; i < kTile * kTile; ++i) sum[i / kTile * kCols + i % kTile] = 1;
      }
    }
    benchmark::DoNotOptimize(seen);
    accesses += 64 / kTile * (kCols / kTile) * (8 * kDepth + kTile * kTile);
  }
  state.counters["accesses/s"] =
      benchmark::Counter(static_cast<double>(accesses), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_NativeMatrixProduct)->Unit(benchmark::kMillisecond);

/// Argument: null entries, 0 for none.
void BM_MatrixProduct(benchmark::State& state) { Run(state, MatrixProduct); }
BENCHMARK(BM_MatrixProduct)->Arg(0)->Arg(148)->Arg(256)->Unit(benchmark::kMillisecond);

void BM_Scattered(benchmark::State& state) { Run(state, Scattered); }
BENCHMARK(BM_Scattered)->Arg(0)->Arg(148)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace systole
