// SPDX-License-Identifier: Apache-2.0
// Speed of the Verilated data cache: alone, and in lock-step with its model. Accesses and clock
// cycles a second on one processor core. Run in the folder that holds models/.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <vector>

#include "sw/cache_study/workload.h"
#include "sw/trace/run.h"
#include "tb/cache_lockstep.h"

namespace systole {
namespace {

/// Accesses and the memory before them.
struct Stream {
  std::unique_ptr<MemoryImage> image = std::make_unique<MemoryImage>(32);
  std::vector<Access> accesses;
};

struct Recorder {
  std::vector<systole::Access>& accesses;
  std::uint64_t Access(const systole::Access& access) {
    accesses.push_back(access);
    return access.value;
  }
};

/// A whole inference of the pruned LeNet on one digit.
Stream Lenet() {
  Stream stream;
  const Workload workload = BuildWorkload({}, *stream.image);
  Recorder recorder{stream.accesses};
  RunProgram(workload.program, *stream.image, recorder);
  return stream;
}

/// Loads with every eighth a store, one an instruction, around and around in 8 KiB: after the first
/// round all hit.
Stream Hits() {
  Stream stream;
  for (std::uint64_t i = 0; i < 500'000; ++i) {
    const std::uint64_t address = 0x10000 + 4 * i % 8192;
    stream.accesses.push_back({.address = address, .value = address, .write = i % 8 == 7});
    stream.image->Store(address, 4, address);
  }
  return stream;
}

/// Without a null cache (0 entries) or with the standard one, as the studies run them.
CacheConfig Config(const benchmark::State& state) {
  CacheConfig config;
  config.null_cache = state.range(0) != 0;
  return config;
}

/// `computed`: the share of the cycles that the Verilated model computed.
void Report(benchmark::State& state, std::size_t accesses, std::uint64_t cycles,
            const CacheSim& sim) {
  const auto rate = [](double count) {
    return benchmark::Counter(count, benchmark::Counter::kIsRate);
  };
  state.counters["accesses/s"] =
      rate(static_cast<double>(accesses) * static_cast<double>(state.iterations()));
  state.counters["cycles/s"] = rate(static_cast<double>(cycles));
  state.counters["computed"] =
      static_cast<double>(sim.computed_cycles()) / static_cast<double>(sim.cycle());
}

/// The RTL without what compares it.
void Rtl(benchmark::State& state, Stream (*make)()) {
  const Stream stream = make();
  const CacheLibrary library(Config(state), {}, false);
  CacheSim sim(library, *stream.image);
  std::vector<CacheReply> replies;
  const std::uint64_t before = sim.cycle();
  for (auto _ : state) {
    sim.Run(stream.accesses, replies);
    benchmark::DoNotOptimize(replies.data());
  }
  Report(state, stream.accesses.size(), sim.cycle() - before, sim);
}
BENCHMARK_CAPTURE(Rtl, hits, Hits)->Arg(0)->Arg(1)->ArgName("null")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Rtl, lenet, Lenet)
    ->Arg(0)
    ->Arg(1)
    ->ArgName("null")
    ->Unit(benchmark::kMillisecond);

/// RTL and model, every response and 1 state in 100,000 compared, as the study does.
void Lockstep(benchmark::State& state, Stream (*make)()) {
  const Stream stream = make();
  const CacheLibrary library(Config(state), {}, true);
  CacheLockstep lockstep(library, *stream.image, {.state_every = 100'000});
  for (auto _ : state) {
    for (const Access& access : stream.accesses) {
      lockstep.Access(access);
      if (access.write) stream.image->Store(access.address, access.bytes, access.value);
    }
    lockstep.CheckState();
  }
  Report(state, stream.accesses.size(), lockstep.sim().cycle(), lockstep.sim());
}
BENCHMARK_CAPTURE(Lockstep, lenet, Lenet)
    ->Arg(0)
    ->Arg(1)
    ->ArgName("null")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace systole
