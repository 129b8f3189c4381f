// SPDX-License-Identifier: Apache-2.0
// Speed of the access streams into a sink that only adds the addresses, and of the same programs
// computed without a sink.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "models/build_model.h"
#include "models/pictures.h"
#include "sw/onnx/onnx_io.h"
#include "sw/trace/run.h"

namespace systole {
namespace {

/// The least that a sink can do without the compiler dropping the stream.
struct EmptySink {
  std::uint64_t sum = 0;
  std::uint64_t Access(const systole::Access& access) {
    sum += access.address;
    return access.value;
  }
};

/// One 3x3 convolution of 64 channels on 56x56, as in the middle of VGG-16.
Network Convolution() {
  Network network;
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.initializers["w"] = Tensor(ElementType::kFloat32, {64, 64, 3, 3});
  network.values["x"] = {ElementType::kFloat32, {1, 64, 56, 56}, true, {}};
  network.values["y"] = network.values["x"];
  network.nodes.push_back({.name = "conv",
                           .op = "Conv",
                           .domain = "",
                           .inputs = {"x", "w"},
                           .outputs = {"y"},
                           .attributes = {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}});
  return network;
}

void Trace(benchmark::State& state, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(Convolution(), options, image);
  EmptySink sink;
  std::uint64_t accesses = 0;
  for (auto _ : state) {
    const ProgramRun run = RunProgram(program, image, sink);
    accesses += run.layers[0].total.accesses;
  }
  benchmark::DoNotOptimize(sink.sum);
  state.counters["accesses/s"] =
      benchmark::Counter(static_cast<double>(accesses), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(Trace, packed, ProgramOptions{})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Trace, unpacked, ProgramOptions{.gemm = GemmKind::kUnpacked})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Trace, rows, ProgramOptions{.gemm = GemmKind::kRows})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Trace, direct, ProgramOptions{.convolution = ConvolutionMethod::kDirect})
    ->Unit(benchmark::kMillisecond);

void Compute(benchmark::State& state, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(Convolution(), options, image);
  for (auto _ : state) RunNatively(program, image);
  state.counters["MACs/s"] = benchmark::Counter(
      static_cast<double>(program.layers[0].macs) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(Compute, packed, ProgramOptions{})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Compute, unpacked, ProgramOptions{.gemm = GemmKind::kUnpacked})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Compute, direct, ProgramOptions{.convolution = ConvolutionMethod::kDirect})
    ->Unit(benchmark::kMillisecond);

/// The whole stream of a network at its published input size.
void TraceNetwork(benchmark::State& state, ModelName name) {
  MemoryImage image(32);
  Program program;
  {
    Network network = BuildModel({.name = name});
    InferShapes(network, {});
    program = BuildProgram(network, {}, image);
  }
  const std::int64_t size = program.tensors.at(program.inputs.at(0)).shape.back();
  WriteTensorTo(program, image, program.inputs[0], Normalized(DrawPictures(1, size, 1)));
  EmptySink sink;
  TraceCounts counts;
  for (auto _ : state) {
    for (const ProgramLayerRun& layer : RunProgram(program, image, sink).layers) {
      counts.accesses += layer.total.accesses;
      counts.instructions += layer.total.instructions;
    }
  }
  benchmark::DoNotOptimize(sink.sum);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["accesses"] = static_cast<double>(counts.accesses);
  state.counters["instructions"] = static_cast<double>(counts.instructions);
  state.counters["accesses/s"] =
      benchmark::Counter(static_cast<double>(counts.accesses), benchmark::Counter::kIsRate);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss / 1024);
}
BENCHMARK_CAPTURE(TraceNetwork, squeezenet, ModelName::kSqueezeNet)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(TraceNetwork, alexnet, ModelName::kAlexNet)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(TraceNetwork, vgg_16, ModelName::kVgg16)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace systole
