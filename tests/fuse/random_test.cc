// SPDX-License-Identifier: Apache-2.0
// Random networks. With kernels of one pixel every variant must compute what its teacher does,
// whatever stands around the layers; quantized ones to the last bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "sw/fuse/fuse.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/quant/quantize.h"
#include "tests/fuse/block.h"
#include "tests/fuse/random_graph.h"

namespace systole {
namespace {

using Weights = FuseOptions::Weights;

constexpr std::uint64_t kSeed = 11;
constexpr int kGraphs = 600;

struct Counts {
  int replaced = 0, kept = 0;
};

/// Fuses, and checks what holds for every network.
Network FuseChecked(const Network& network, const FuseOptions& options, Counts& counts) {
  FuseReport report;
  Network fused = Fuse(network, options, &report);
  counts.replaced += static_cast<int>(report.replaced.size());
  counts.kept += static_cast<int>(report.kept.size());
  CheckNetwork(fused);
  EXPECT_EQ(fused.inputs, network.inputs);
  EXPECT_EQ(fused.outputs, network.outputs);
  Network before = network, after = fused;
  InferShapes(before, {});
  InferShapes(after, {});
  for (const std::string& output : network.outputs) {
    EXPECT_EQ(after.values.at(output).shape, before.values.at(output).shape) << output;
  }
  // As a file it is valid too.
  ParseOnnx(SerializeOnnx(fused), "fused", ".");
  return fused;
}

double Size(const Tensor& tensor) {
  double size = 1;
  for (const float value : tensor.As<float>()) size = std::max(size, std::abs(double{value}));
  return size;
}

TEST(RandomNetworks, ComputeTheSameWithKernelsOfOnePixel) {
  Stimulus random(kSeed);
  Counts full, half;
  for (int graph = 0; graph < kGraphs; ++graph) {
    SCOPED_TRACE(fmt::format("seed {}, graph {}", kSeed, graph));
    const int opset = std::vector<int>{8, 10, 12, 13, 14, 17}[random.Below(6)];
    Network network = RandomGraph(random, {.exact = true, .opset = opset});
    if (random.Chance(192)) InferShapes(network, {});
    const Tensors expected = ExecuteNetwork(network, InputsFor(network, 1));
    for (const bool is_half : {false, true}) {
      SCOPED_TRACE(is_half ? "half" : "full");
      const Weights weights = random.Chance(128) ? Weights::kSeparated : Weights::kProjected;
      const Network fused =
          FuseChecked(network, {.half = is_half, .weights = weights}, is_half ? half : full);
      const Tensors got = ExecuteNetwork(fused, InputsFor(network, 1));
      for (const std::string& output : network.outputs) {
        EXPECT_LE(LargestDifference(got.at(output), expected.at(output)),
                  1e-4 * Size(expected.at(output)));
      }
    }
    if (HasFailure()) return;
  }
  fmt::print("full: {} replaced, {} kept; half: {}, {}\n", full.replaced, full.kept, half.replaced,
             half.kept);
  EXPECT_GT(full.replaced, kGraphs / 4);
  EXPECT_GT(half.replaced, kGraphs / 2);
}

TEST(RandomNetworks, ComputeTheSameBitsWhenTheyAreQuantized) {
  Stimulus random(kSeed + 1);
  Counts full, half;
  for (int graph = 0; graph < kGraphs / 3; ++graph) {
    SCOPED_TRACE(fmt::format("seed {}, graph {}", kSeed + 1, graph));
    const Network teacher = RandomGraph(random, {.exact = true});
    QuantizeOptions options;
    options.format = random.Chance(128) ? QuantFormat::kQdq : QuantFormat::kQOperator;
    options.activations = random.Chance(128) ? ElementType::kInt8 : ElementType::kUint8;
    Network network = Quantize(teacher, {InputsFor(teacher, 1)}, options);
    InferShapes(network, {});
    const Tensors expected = ExecuteNetwork(FuseQdq(network), InputsFor(network, 1));
    for (const bool is_half : {false, true}) {
      SCOPED_TRACE(is_half ? "half" : "full");
      const Network fused = FuseChecked(network, {.half = is_half}, is_half ? half : full);
      const Tensors got = ExecuteNetwork(FuseQdq(fused), InputsFor(network, 1));
      for (const std::string& output : network.outputs) {
        EXPECT_EQ(LargestDifference(got.at(output), expected.at(output)), 0) << output;
      }
    }
    if (HasFailure()) {
      WriteOnnx(network, std::filesystem::path(testing::TempDir()) / "fuse_random.onnx");
      return;
    }
  }
  fmt::print("full: {} replaced, {} kept; half: {}, {}\n", full.replaced, full.kept, half.replaced,
             half.kept);
  EXPECT_GT(full.replaced, kGraphs / 12);
}

TEST(RandomNetworks, StayValidWithAnyKernelsAndWeights) {
  Stimulus random(kSeed + 2);
  Counts counts;
  for (int graph = 0; graph < kGraphs / 3; ++graph) {
    SCOPED_TRACE(fmt::format("seed {}, graph {}", kSeed + 2, graph));
    const Network teacher = RandomGraph(random, {.exact = false});
    const bool quantized = random.Chance(128);
    Network network = quantized ? Quantize(teacher, {InputsFor(teacher, 1)}, {}) : teacher;
    if (random.Chance(192)) InferShapes(network, {});
    const Weights weights =
        std::vector{Weights::kSeparated, Weights::kProjected, Weights::kRandom}[random.Below(3)];
    const Network fused =
        FuseChecked(network, {.half = random.Chance(128), .weights = weights}, counts);
    ExecuteNetwork(fused, InputsFor(network, 1));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace systole
