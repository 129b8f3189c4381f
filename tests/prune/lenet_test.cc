// SPDX-License-Identifier: Apache-2.0
// The pruned LeNet-5 of models/lenet, which models/lenet/prune.py made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sw/onnx/onnx_io.h"
#include "sw/prune/prune.h"
#include "sw/quant/quantize.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

const std::filesystem::path kLenet = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "models/lenet";

/// The densities of the recipe's last round.
const std::map<std::string, double> kDensities = {{"/conv1/Conv", 0.80},
                                                  {"/conv2/Conv", 0.25},
                                                  {"/fc1/Gemm", 0.06},
                                                  {"/fc2/Gemm", 0.15},
                                                  {"/fc3/Gemm", 0.50}};

int Right(const Tensor& scores) {
  const Tensor labels = ReadTensor(kLenet / "labels.npy");
  const auto values = scores.As<float>();
  const auto right = labels.As<std::int64_t>();
  int count = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const auto row = values.subspan(i * 10, 10);
    count += std::max_element(row.begin(), row.end()) - row.begin() == right[i] ? 1 : 0;
  }
  return count;
}

TEST(PrunedLenet, IsPrunedAsSystolePruneWould) {
  const Network network = ReadOnnx(kLenet / "lenet5-simd.onnx");
  PruneReport report;
  EXPECT_EQ(Prune(network, {.method = PruneMethod::kSimd, .densities = kDensities}, &report),
            network);
  ZeroCount sum;
  for (const PrunedLayer& layer : report.layers) sum += layer.after;
  EXPECT_EQ(sum, (ZeroCount{61470, 5537, 7684, 6948}));
}

TEST(PrunedLenet, AnswersTheShippedDigits) {
  const Tensor digits = ReadTensor(kLenet / "digits.npy");
  for (const auto& [file, right] : {std::pair("lenet5.onnx", 99), {"lenet5-simd.onnx", 98}}) {
    const Network network = ReadOnnx(kLenet / file);
    EXPECT_EQ(Right(ExecuteNetwork(network, {{"input", digits}}).at("logits")), right) << file;
  }
}

TEST(PrunedLenet, KeepsItsZerosWhenQuantized) {
  const Network network = ReadOnnx(kLenet / "lenet5-simd.onnx");
  const Network quantized =
      Quantize(network, {{{"input", ReadTensor(kLenet / "calibration.npy")}}}, {});
  const PruneReport floats = CountZeros(network, 32), integers = CountZeros(quantized, 32);
  ASSERT_EQ(integers.layers.size(), floats.layers.size());
  for (std::size_t i = 0; i < floats.layers.size(); ++i) {
    const ZeroCount& before = floats.layers[i].after;
    const ZeroCount& after = integers.layers[i].after;
    EXPECT_EQ(after.values, before.values);
    EXPECT_LE(after.nonzero, before.nonzero) << floats.layers[i].weights.layer;
    EXPECT_GE(after.nonzero, before.nonzero * 98 / 100) << floats.layers[i].weights.layer;
  }
}

}  // namespace
}  // namespace systole
