// SPDX-License-Identifier: Apache-2.0
#include "sw/trace/run.h"

namespace systole {
namespace {

struct NativeRunner {
  NativeMachine machine;
  template <typename Work>
  void Unit(Phase, Work work) {
    work(machine);
  }
};

struct FunctionSink {
  const std::function<std::uint64_t(const systole::Access&)>& function;
  std::uint64_t Access(const systole::Access& access) const { return function(access); }
};

}  // namespace

ProgramRun TraceProgram(const Program& program, MemoryImage& image,
                        const std::function<std::uint64_t(const Access&)>& access,
                        const std::function<void(std::size_t, bool)>& layer) {
  FunctionSink sink{access};
  return RunProgram(program, image, sink, {}, [&](std::size_t index, bool begins) {
    if (layer) layer(index, begins);
  });
}

std::vector<TraceCounts> RunNatively(const Program& program, MemoryImage& image) {
  NativeRunner runner{NativeMachine(image)};
  std::vector<TraceCounts> layers;
  for (const ProgramLayer& layer : program.layers) {
    const TraceCounts before = runner.machine.counts();
    for (std::size_t op = 0; op < layer.op_count; ++op) {
      RunOp(runner, program.ops[layer.first_op + op]);
    }
    const TraceCounts after = runner.machine.counts();
    layers.push_back({after.accesses - before.accesses, after.instructions - before.instructions});
  }
  return layers;
}

}  // namespace systole
