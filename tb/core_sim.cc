// SPDX-License-Identifier: Apache-2.0
#include "tb/core_sim.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/error.h"
#include "sw/cost/core_timing.h"
#include "tb/tile_feed.h"

namespace systole {
namespace {

/// The program's side of one run. Exceptions do not cross the border to the compiled model: they
/// wait here until it has returned.
class Host {
 public:
  Host(const ArrayConfig& config, TileSource& source, std::uint64_t first, std::uint64_t count,
       const RunOptions& options)
      : source_(source),
        first_(first),
        options_(options),
        timing_(config),
        feed_(config, source, first, count, [this](const TileStream& tile) {
          predicted.push_back(timing_.Next(TimingOf(tile)));
        }) {
    predicted.reserve(count);
    completion.resize(count);
  }

  HarnessHost Callbacks() {
    return {.context = this,
            .pull =
                [](void* self, int stream, const void** data) {
                  return Guarded(self, [&](Host& host) { return host.feed_.Pull(stream, data); });
                },
            .collect =
                [](void* self, std::uint64_t index, const std::int32_t* values, std::uint64_t count,
                   std::uint64_t cycle) {
                  return Guarded(self, [&](Host& host) {
                    host.Collect(index, values, count, cycle);
                    return std::uint64_t{0};
                  });
                },
            .progress =
                [](void* self, std::uint64_t cycle) {
                  return Guarded(self, [&](Host& host) {
                    if (host.options_.progress) host.options_.progress(host.done_, cycle);
                    return std::uint64_t{0};
                  });
                }};
  }

  std::vector<std::uint64_t> completion, predicted;
  std::exception_ptr failure;

 private:
  template <typename Action>
  static std::uint64_t Guarded(void* self, Action action) {
    Host& host = *static_cast<Host*>(self);
    try {
      return action(host);
    } catch (...) {
      host.failure = std::current_exception();
      return kHostFailed;
    }
  }

  void Collect(std::uint64_t index, const std::int32_t* values, std::uint64_t count,
               std::uint64_t cycle) {
    completion[index] = cycle;
    ++done_;
    beats_.assign(values, values + count);
    source_.Collect(first_ + index, beats_);
  }

  TileSource& source_;
  std::uint64_t first_, done_ = 0;
  const RunOptions& options_;
  CoreTiming timing_;
  TileFeed feed_;
  std::vector<std::int32_t> beats_;
};

std::string Compare(const std::vector<std::uint64_t>& measured,
                    const std::vector<std::uint64_t>& predicted, std::uint64_t first) {
  const auto [at, other] = std::mismatch(measured.begin(), measured.end(), predicted.begin());
  if (at == measured.end()) return "";
  return fmt::format("tile {} completes in cycle {}, by the formula in {}",
                     first + static_cast<std::uint64_t>(at - measured.begin()), *at, *other);
}

}  // namespace

CoreSim::CoreSim(const ArrayConfig& config, const ModelOptions& options)
    : config_(config), model_(config, options) {}

CoreSim::CoreSim(const ArrayConfig& config, std::vector<rtl::File> verilog,
                 const ModelOptions& options)
    : config_(config), model_(config, std::move(verilog), options) {}

RunResult CoreSim::Run(TileSource& source, std::uint64_t first, std::uint64_t count,
                       const RunOptions& options) const {
  RunResult result;
  if (count == 0) return result;
  Host host(config_, source, first, count, options);
  const HarnessHost callbacks = host.Callbacks();
  const std::string trace = options.trace.string();
  HarnessOptions harness = {.seed = options.seed,
                            .stall = {},
                            .longest_stall = options.longest_stall,
                            .trace_path = trace.empty() ? nullptr : trace.c_str(),
                            .trace_from = options.trace_from,
                            .trace_to = options.trace_to,
                            .record = options.record ? CallFrameSink : nullptr,
                            .record_context = const_cast<FrameSink*>(&options.record)};
  std::copy(options.stall.begin(), options.stall.end(), harness.stall);
  HarnessResult outcome;
  const auto start = std::chrono::steady_clock::now();
  model_.Run(callbacks, harness, outcome);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (host.failure) std::rethrow_exception(host.failure);
  if (outcome.failed != 0) {
    throw RunError(fmt::format("simulation of the {} core: {}", ToString(config_), outcome.error));
  }
  result.cycles = outcome.cycles;
  if (std::all_of(options.stall.begin(), options.stall.end(), [](auto c) { return c == 0; })) {
    result.timing_difference = Compare(host.completion, host.predicted, first);
  }
  result.completion = std::move(host.completion);
  return result;
}

}  // namespace systole
