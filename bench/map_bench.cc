// SPDX-License-Identifier: Apache-2.0
// Speed of the stream former: lanes of activations and weights a second.
#include <benchmark/benchmark.h>

#include "base/stimulus.h"
#include "sw/map/plan.h"

namespace systole {
namespace {

struct ConvShape {
  std::int64_t channels, size, features, kernel_h, kernel_w, group, stride;
};

std::unique_ptr<LayerPlan> MakeConvolution(const ConvShape& shape, const ArrayConfig& config) {
  Stimulus random(1);
  const auto bytes = [&random](Shape of) {
    Tensor tensor(ElementType::kInt8, std::move(of));
    for (std::byte& byte : tensor.bytes()) byte = static_cast<std::byte>(random.Below(256));
    return tensor;
  };
  Node node;
  node.name = "layer";
  node.op = "QLinearConv";
  node.attributes["group"] = shape.group;
  node.attributes["strides"] = std::vector<std::int64_t>{shape.stride, shape.stride};
  node.attributes["pads"] = std::vector<std::int64_t>{shape.kernel_h / 2, shape.kernel_w / 2,
                                                      shape.kernel_h / 2, shape.kernel_w / 2};
  const Tensor x = bytes({1, shape.channels, shape.size, shape.size});
  const Tensor w =
      bytes({shape.features, shape.channels / shape.group, shape.kernel_h, shape.kernel_w});
  const Tensor scale = Tensor::Scalar(0.01F), zero = Tensor::Scalar<std::int8_t>(0);
  return MakePlan(node, {&x, &scale, &zero, &w, &scale, &zero, &scale, &zero}, config);
}

void BM_Form(benchmark::State& state, const ConvShape& shape, int size) {
  const auto plan = MakeConvolution(shape, {.rows = size, .cols = size});
  TileStream tile;
  std::uint64_t index = 0;
  std::int64_t lanes = 0, beats = 0;
  for (auto _ : state) {
    plan->Form(index, tile);
    if (++index == plan->tile_count()) index = 0;
    lanes += static_cast<std::int64_t>(tile.activations.size() + tile.weights.size());
    beats += static_cast<std::int64_t>(tile.activations.size()) / size;
    benchmark::DoNotOptimize(tile.activations.data());
  }
  state.SetLabel(plan->tiling().mapping);
  state.counters["lanes/s"] =
      benchmark::Counter(static_cast<double>(lanes), benchmark::Counter::kIsRate);
  state.counters["beats/s"] =
      benchmark::Counter(static_cast<double>(beats), benchmark::Counter::kIsRate);
}

void BM_Collect(benchmark::State& state, const ConvShape& shape, int size) {
  const auto plan = MakeConvolution(shape, {.rows = size, .cols = size});
  const std::vector<std::int32_t> beats(static_cast<std::size_t>(size) * size, 1);
  std::uint64_t index = 0;
  for (auto _ : state) {
    plan->Collect(index, beats);
    if (++index == plan->tile_count()) index = 0;
  }
  state.counters["lanes/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * size * size, benchmark::Counter::kIsRate);
}

constexpr ConvShape kPointwise{128, 28, 128, 1, 1, 1, 1};
constexpr ConvShape kFull{32, 28, 64, 3, 3, 1, 1};
constexpr ConvShape kDepthwise{128, 28, 128, 3, 3, 128, 1};
constexpr ConvShape kLine{128, 28, 128, 1, 3, 128, 1};
constexpr ConvShape kLineStride2{128, 28, 128, 1, 3, 128, 2};
constexpr ConvShape kColumn{128, 28, 128, 3, 1, 128, 1};

#define SYSTOLE_SHAPES(function, size)                                      \
  BENCHMARK_CAPTURE(function, pointwise / size, kPointwise, size);          \
  BENCHMARK_CAPTURE(function, full_3x3 / size, kFull, size);                \
  BENCHMARK_CAPTURE(function, depthwise_3x3 / size, kDepthwise, size);      \
  BENCHMARK_CAPTURE(function, depthwise_1x3 / size, kLine, size);           \
  BENCHMARK_CAPTURE(function, depthwise_1x3_s2 / size, kLineStride2, size); \
  BENCHMARK_CAPTURE(function, depthwise_3x1 / size, kColumn, size)
SYSTOLE_SHAPES(BM_Form, 16);
SYSTOLE_SHAPES(BM_Form, 64);
SYSTOLE_SHAPES(BM_Collect, 16);

}  // namespace
}  // namespace systole
