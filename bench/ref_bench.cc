// SPDX-License-Identifier: Apache-2.0
// Speed of the reference's convolutions, in multiply-accumulates a second.
#include <benchmark/benchmark.h>

#include "base/stimulus.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

struct Layer {
  const char* name;
  Shape x, w;
  std::int64_t group, pad;
};
const Layer kLayers[] = {
    {"pointwise 256 to 256, 14x14", {1, 256, 14, 14}, {256, 256, 1, 1}, 1, 0},
    {"3x3 64 to 64, 28x28", {1, 64, 28, 28}, {64, 64, 3, 3}, 1, 1},
    {"depthwise 3x3, 128 channels, 28x28", {1, 128, 28, 28}, {128, 1, 3, 3}, 128, 1},
};

void Run(benchmark::State& state, ElementType type) {
  const Layer& layer = kLayers[state.range(0)];
  Stimulus random(1);
  Tensor x(type, layer.x), w(type, layer.w);
  for (Tensor* tensor : {&x, &w}) {
    if (type == ElementType::kFloat32) {
      for (float& v : tensor->As<float>()) v = static_cast<float>(random.Signed(8));
    } else {
      for (auto& v : tensor->As<std::int8_t>()) v = static_cast<std::int8_t>(random.Signed(8));
    }
  }
  Node node;
  node.name = "layer";
  node.op = type == ElementType::kFloat32 ? "Conv" : "ConvInteger";
  node.inputs = {"x", "w"};
  node.outputs = {"y"};
  node.attributes = {{"group", layer.group}, {"pads", std::vector<std::int64_t>(4, layer.pad)}};
  std::int64_t outputs = 0;
  for (auto _ : state) {
    const auto y = ExecuteNode(node, {&x, &w}, 13);
    benchmark::DoNotOptimize(y[0].bytes().data());
    outputs = y[0].size();
  }
  const double macs = static_cast<double>(outputs * (w.size() / layer.w[0]));
  state.counters["MAC/s"] = benchmark::Counter(macs * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
  state.SetLabel(layer.name);
}

void Int8Conv(benchmark::State& state) { Run(state, ElementType::kInt8); }
void FloatConv(benchmark::State& state) { Run(state, ElementType::kFloat32); }
BENCHMARK(Int8Conv)->DenseRange(0, 2);
BENCHMARK(FloatConv)->DenseRange(0, 2);

}  // namespace
}  // namespace systole
