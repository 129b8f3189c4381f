// SPDX-License-Identifier: Apache-2.0
// The five published networks in their variants.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "models/build_model.h"
#include "sw/cost/layer_cost.h"
#include "sw/fuse/fuse.h"
#include "sw/fuse/variants.h"
#include "sw/ir/macs.h"
#include "sw/map/layer.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/quant/quantize.h"
#include "tests/fuse/block.h"
#include "tests/ref/onnx_runtime.h"

namespace systole {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// Published millions of multiply-accumulates (Ganesan and Kumar, DATE 2021, table 1): baseline,
/// Full, Half; and the depthwise layers.
struct Published {
  ModelName name;
  double baseline, full, half;
  std::size_t layers, half_of_layers;
};
const Published kPublished[] = {
    {ModelName::kMobileNetV1, 568.7, 1102.4, 557.15, 13, 5},
    {ModelName::kMobileNetV2, 300.8, 412.0, 287.0, 17, 9},
    {ModelName::kMnasNetB1, 314.4, 425.8, 293.3, 17, 9},
    {ModelName::kMobileNetV3Small, 60.1, 75.0, 54.4, 11, 5},
    {ModelName::kMobileNetV3Large, 219.8, 297.2, 206.3, 15, 7},
};

class PublishedNetwork : public testing::TestWithParam<Published> {};

INSTANTIATE_TEST_SUITE_P(Networks, PublishedNetwork, testing::ValuesIn(kPublished),
                         [](const auto& info) {
                           std::string name(ToString(info.param.name));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

double MillionMacs(Network network) {
  InferShapes(network, {});
  std::int64_t macs = 0;
  for (const Node& node : network.nodes) macs += CountMacs(network, node).value();
  return static_cast<double>(macs) / 1e6;
}

TEST_P(PublishedNetwork, HasThePublishedMultiplyAccumulates) {
  const Network network = BuildModel({.name = GetParam().name});
  EXPECT_NEAR(MillionMacs(network), GetParam().baseline, 0.05);
  for (const bool half : {false, true}) {
    FuseReport report;
    const Network fused = Fuse(network, {.half = half}, &report);
    EXPECT_THAT(report.kept, IsEmpty());
    EXPECT_THAT(report.replaced, SizeIs(GetParam().layers));
    EXPECT_NEAR(MillionMacs(fused), half ? GetParam().half : GetParam().full, 0.05);
  }
}

TEST_P(PublishedNetwork, HasThePublishedHalfOfItsLayers) {
  const Network network = BuildModel({.name = GetParam().name, .size = 32, .width = 0.25});
  const auto layers = PublishedHalfOfLayers(ToString(GetParam().name));
  EXPECT_THAT(layers, SizeIs(GetParam().half_of_layers));
  FuseReport report;
  Fuse(network, {.half = true, .nodes = layers}, &report);
  EXPECT_THAT(report.replaced, SizeIs(GetParam().half_of_layers));
}

/// Pixels of mean 0 and variance 1.
Tensors Image(std::int64_t size) {
  Stimulus random(1);
  Tensor image(ElementType::kFloat32, {1, 3, size, size});
  for (float& pixel : image.As<float>()) {
    pixel = static_cast<float>(random.Between(-1732, 1732)) / 1000.0F;
  }
  return {{"input", image}};
}

// Quantized, the branches and the layer behind them are integers without a conversion in between.
TEST_P(PublishedNetwork, IsIntegersFromEndToEndWhenQuantized) {
  const Network network = BuildModel({.name = GetParam().name, .size = 32, .width = 0.25});
  for (const bool half : {false, true}) {
    const Network fused = Fuse(network, {.half = half});
    const Network quantized = Quantize(fused, {Image(32)}, {});
    std::size_t lines = 0;
    for (const Node& node : quantized.nodes) {
      EXPECT_NE(node.op, "Conv") << node.name;
      lines +=
          node.op == "QLinearConv" && (node.name.ends_with("_1x3") || node.name.ends_with("_3x1") ||
                                       node.name.ends_with("_1x5") || node.name.ends_with("_5x1"));
      if (node.op != "Concat") continue;
      for (const std::string& input : node.inputs) {
        EXPECT_TRUE(std::any_of(quantized.nodes.begin(), quantized.nodes.end(), [&](const Node& n) {
          return n.outputs[0] == input && (n.op == "QLinearConv" || n.op == "QuantizeLinear");
        })) << input;
      }
    }
    EXPECT_EQ(lines, 2 * GetParam().layers);
  }
}

// A network that is quantized first may be fused then: nothing becomes float.
TEST_P(PublishedNetwork, IsFusedWhenItIsQuantizedAlready) {
  const Network network = BuildModel({.name = GetParam().name, .size = 32, .width = 0.25});
  for (const QuantFormat format : {QuantFormat::kQOperator, QuantFormat::kQdq}) {
    QuantizeOptions options;
    options.format = format;
    const Network quantized = Quantize(network, {Image(32)}, options);
    for (const bool half : {false, true}) {
      FuseReport report;
      const Network fused = Fuse(quantized, {.half = half}, &report);
      EXPECT_THAT(report.replaced, SizeIs(GetParam().layers))
          << (report.kept.empty() ? "" : report.kept[0].reason);
      const Network integers = FuseQdq(fused);
      for (const Node& node : integers.nodes) EXPECT_NE(node.op, "Conv") << node.name;
      ExecuteNetwork(integers, Image(32));
    }
  }
}

TEST_P(PublishedNetwork, RunsInOnnxRuntime) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  const Network network = BuildModel({.name = GetParam().name, .size = 32, .width = 0.25});
  const Network quantized = Quantize(network, {Image(32)}, {});
  const std::string name(ToString(GetParam().name));
  for (const bool half : {false, true}) {
    const Network fused = Fuse(network, {.half = half});
    const Tensors got = ExecuteNetwork(fused, Image(32));
    const Tensors expected =
        RunOnnxRuntime(fused, Image(32), fmt::format("fuse_{}_{}", name, half));
    ExpectWithin(got.at("logits"), expected.at("logits"), {1e-4, 1e-4}, "logits");

    const Network integers = Fuse(quantized, {.half = half});
    const Tensors runtime =
        RunOnnxRuntime(integers, Image(32), fmt::format("fuse_{}_{}_int8", name, half));
    // Layer by layer on ONNX Runtime's own inputs: float operators in between may differ by a bit.
    for (const Node& node : integers.nodes) {
      if (!node.op.starts_with("QLinear") && node.op != "Concat" && node.op != "Slice") continue;
      std::vector<const Tensor*> inputs;
      for (const std::string& input : node.inputs) {
        const auto found = runtime.find(input);
        inputs.push_back(found == runtime.end() ? integers.Constant(input) : &found->second);
      }
      EXPECT_TRUE(ExecuteNode(node, inputs, integers.opset)[0] == runtime.at(node.outputs[0]))
          << Describe(node);
    }
  }
}

}  // namespace
}  // namespace systole
