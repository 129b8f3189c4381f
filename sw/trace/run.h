// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "sw/trace/machine.h"
#include "sw/trace/program.h"
#include "sw/trace/run_op.h"

namespace systole {

/// What of a program reaches the sink.
struct Sampling {
  /// Accesses of a layer that are to be traced, about; 0: all. Pieces of up to 500,000 accesses are
  /// traced or left out as a whole; what is left out is computed on the image without the sink, so
  /// that every layer sees the real activations.
  std::uint64_t accesses_per_layer = 0;
};

/// What ran of one layer; the instructions behind its last access count here, though the sink gets
/// them with the next layer's first. Accesses of layers that are traced in part stand for
/// `Factor()` times as many; both counts are exact.
struct ProgramLayerRun {
  TraceCounts total;
  TraceCounts traced;

  double Factor() const {
    return traced.accesses == 0
               ? 1.0
               : static_cast<double>(total.accesses) / static_cast<double>(traced.accesses);
  }
};

/// Runs each unit on the traced or on the native machine. Of each phase, about every n-th unit is
/// traced, in an order that hits all positions of nested loops alike: unit i where the fraction of
/// start + i * golden ratio is below 1 / n. The first unit of the main phase is always traced, so
/// that no layer is missing; the other phases start at 1/2, so that short ones do not weigh too
/// much.
template <typename Sink>
class SampledRunner {
 public:
  SampledRunner(TracedMachine<Sink>& traced, NativeMachine& native)
      : traced_(traced), native_(native) {}

  void BeginLayer(std::uint64_t every) {
    threshold_ = every <= 1 ? ~std::uint64_t{0} : ~std::uint64_t{0} / every;
    std::fill(std::begin(next_), std::end(next_), std::uint64_t{1} << 63);
    next_[static_cast<int>(Phase::kMain)] = 0;
  }
  template <typename Work>
  void Unit(Phase phase, Work work) {
    const std::uint64_t at = next_[static_cast<int>(phase)];
    next_[static_cast<int>(phase)] += 0x9e3779b97f4a7c15ULL;
    if (at <= threshold_) {
      work(traced_);
    } else {
      work(native_);
    }
  }

 private:
  TracedMachine<Sink>& traced_;
  NativeMachine& native_;
  std::uint64_t threshold_ = ~std::uint64_t{0};
  std::uint64_t next_[kPhaseCount] = {};
};

/// What a program did that no access carries.
struct ProgramRun {
  std::vector<ProgramLayerRun> layers;      ///< in the order of program.layers
  std::uint32_t trailing_instructions = 0;  ///< behind the last access
};

/// Runs the program. `layer(index, begin)` is called before (true) and after (false) each layer.
template <typename Sink, typename Observer>
ProgramRun RunProgram(const Program& program, MemoryImage& image, Sink& sink,
                      const Sampling& sampling, Observer layer) {
  TracedMachine<Sink> traced(image, sink, program.stack);
  NativeMachine native(image);
  SampledRunner<Sink> runner(traced, native);
  ProgramRun run;
  for (std::size_t i = 0; i < program.layers.size(); ++i) {
    const ProgramLayer& current = program.layers[i];
    layer(i, true);
    const TraceCounts before = traced.counts(), skipped = native.counts();
    runner.BeginLayer(sampling.accesses_per_layer == 0
                          ? 1
                          : (current.estimate + sampling.accesses_per_layer / 2) /
                                sampling.accesses_per_layer);
    for (std::size_t op = 0; op < current.op_count; ++op) {
      RunOp(runner, program.ops[current.first_op + op]);
    }
    ProgramLayerRun counts;
    counts.traced.accesses = traced.counts().accesses - before.accesses;
    counts.traced.instructions = traced.counts().instructions - before.instructions;
    counts.total.accesses = counts.traced.accesses + native.counts().accesses - skipped.accesses;
    counts.total.instructions =
        counts.traced.instructions + native.counts().instructions - skipped.instructions;
    run.layers.push_back(counts);
    layer(i, false);
  }
  run.trailing_instructions = traced.Pending();
  return run;
}
template <typename Sink>
ProgramRun RunProgram(const Program& program, MemoryImage& image, Sink& sink,
                      const Sampling& sampling = {}) {
  return RunProgram(program, image, sink, sampling, [](std::size_t, bool) {});
}

/// RunProgram for a sink that is a function: compiled once, for sinks to which some 2 ns an access
/// are nothing. `layer` may be empty.
ProgramRun TraceProgram(const Program& program, MemoryImage& image,
                        const std::function<std::uint64_t(const Access&)>& access,
                        const std::function<void(std::size_t, bool)>& layer = {});

/// Computes the program without a sink: the same results, as fast as the processor can. Run once
/// before a trace, it leaves the memory as an earlier inference would.
std::vector<TraceCounts> RunNatively(const Program& program, MemoryImage& image);

}  // namespace systole
