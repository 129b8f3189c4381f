// SPDX-License-Identifier: Apache-2.0
#include "sw/map/layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "base/stimulus.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan.h"
#include "tests/map/random_layer.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

NodeCase SmallConvolution() {
  NodeCase layer;
  layer.node.name = "stem";
  layer.node.op = "QLinearConv";
  layer.node.outputs = {"y"};
  layer.inputs = {Tensor(ElementType::kInt8, {1, 3, 8, 6}),
                  Tensor::Scalar(0.5F),
                  Tensor::Scalar<std::int8_t>(0),
                  Tensor(ElementType::kInt8, {4, 3, 3, 3}),
                  Tensor::Scalar(0.25F),
                  Tensor::Scalar<std::int8_t>(0),
                  Tensor::Scalar(1.0F),
                  Tensor::Scalar<std::int8_t>(0)};
  return layer;
}

std::unique_ptr<LayerPlan> Plan(const NodeCase& layer, const ArrayConfig& config = {}) {
  return MakePlan(layer.node, layer.Pointers(), config);
}

TEST(DescribeArrayLayer, CountsTheMultiplyAccumulatesOfAConvolution) {
  NodeCase layer = SmallConvolution();
  layer.node.attributes["strides"] = std::vector<std::int64_t>{2, 1};
  layer.node.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
  const ArrayLayer described = Plan(layer)->layer();
  EXPECT_EQ(described.height.output, 4);
  EXPECT_EQ(described.width.output, 6);
  EXPECT_EQ(described.Outputs(), 4 * 4 * 6);
  EXPECT_EQ(described.Macs(), 4 * 4 * 6 * 27);
  EXPECT_EQ(ToString(described), "1x3x8x6 * 4x3x3x3 s2x1");
}

TEST(DescribeArrayLayer, GivesFromTheNetworkWhatThePlanHas) {
  constexpr std::uint64_t kSeed = 11;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 100; ++trial) {
    SCOPED_TRACE("seed 11, trial " + std::to_string(trial));
    NodeCase layer = trial % 2 == 0 ? RandomConvolution(random, {}) : RandomMatMul(random);
    Network network;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      const Tensor& input = layer.inputs[i];
      const bool absent = input.type() == ElementType::kUndefined;
      layer.node.inputs.push_back(absent ? "" : "input" + std::to_string(i));
      if (absent) continue;
      if (i == 0) {
        network.values["input0"] = {
            .type = input.type(), .shape = input.shape(), .has_shape = true, .symbols = {}};
      } else {
        network.initializers[layer.node.inputs.back()] = input;
      }
    }
    EXPECT_EQ(DescribeArrayLayer(network, layer.node), Plan(layer)->layer());
  }
}

TEST(DescribeArrayLayer, LeavesOtherOperatorsToTheHost) {
  Node node;
  node.name = "relu";
  node.op = "Relu";
  node.inputs = {"unknown"};
  EXPECT_EQ(DescribeArrayLayer(Network{}, node), std::nullopt);
}

TEST(DescribeArrayLayer, NamesTheNodeAndTheInputOfUnknownShape) {
  Node node = SmallConvolution().node;
  node.inputs = {"image", "s", "z", "w", "ws", "wz", "ys", "yz"};
  EXPECT_THAT([&] { DescribeArrayLayer(Network{}, node); },
              ThrowsMessage<RequestError>(
                  AllOf(HasSubstr("\"stem\" (QLinearConv)"), HasSubstr("\"image\""))));
}

TEST(DescribeArrayLayer, RefusesEmptyTensors) {
  for (const std::size_t input : {0, 3}) {
    for (const std::size_t axis : {0, 1, 2, 3}) {
      NodeCase layer = SmallConvolution();
      Shape shape = layer.inputs[input].shape();
      shape[axis] = 0;
      layer.inputs[input] = Tensor(ElementType::kInt8, shape);
      EXPECT_THAT([&] { Plan(layer); }, ThrowsMessage<RequestError>(HasSubstr("are empty")));
    }
  }
}

TEST(DescribeArrayLayer, RefusesAKernelBeyondThePaddedInput) {
  NodeCase layer = SmallConvolution();
  layer.inputs[3] = Tensor(ElementType::kInt8, {4, 3, 9, 3});
  EXPECT_THAT([&] { Plan(layer); },
              ThrowsMessage<RequestError>(HasSubstr("the padded input has 8")));
  layer.node.attributes["pads"] = std::vector<std::int64_t>{1, 0, 0, 0};
  EXPECT_EQ(Plan(layer)->layer().height.output, 1);
}

TEST(DescribeArrayLayer, RefusesHostileGeometry) {
  const std::int64_t huge = std::int64_t{1} << 40;
  for (const char* key : {"strides", "dilations"}) {
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, huge}) {
      NodeCase layer = SmallConvolution();
      layer.node.attributes[key] = std::vector<std::int64_t>{1, value};
      EXPECT_THAT([&] { Plan(layer); }, ThrowsMessage<RequestError>(HasSubstr("out of range")));
    }
  }
  NodeCase layer = SmallConvolution();
  const std::int64_t wide = std::int64_t{1} << 31;
  layer.node.attributes["pads"] = std::vector<std::int64_t>{wide, wide, wide, wide};
  EXPECT_THAT([&] { Plan(layer); }, ThrowsMessage<RequestError>(HasSubstr("2^40")));
  layer.node.attributes["pads"] = std::vector<std::int64_t>{0, 1 << 30, 0, 0};
  EXPECT_THAT([&] { Plan(layer); }, ThrowsMessage<RequestError>(HasSubstr("2^31")));
}

TEST(MakePlan, RefusesAScaleThatIsNoPositiveNormalFloat) {
  for (const float scale : {0.0F, -1.0F, 1e-39F, std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    NodeCase layer = SmallConvolution();
    layer.inputs[4] = Tensor::Scalar(scale);
    EXPECT_THAT([&] { Plan(layer); }, ThrowsMessage<RequestError>(HasSubstr("positive normal")));
  }
}

TEST(MakePlan, RefusesADataWidthOtherThanEight) {
  EXPECT_THAT([] { Plan(SmallConvolution(), {.data_width = 16}); },
              ThrowsMessage<RequestError>(HasSubstr("data width of 8")));
}

TEST(MakePlan, RefusesSumsWiderThanTheAccumulator) {
  NodeCase layer = SmallConvolution();
  for (std::byte& weight : layer.inputs[3].bytes()) weight = std::byte{1};
  // 27 weights of 1 and activations down to -128: 3456 needs 13 bits with its sign, -> 17 are
  // enough.
  EXPECT_NE(Plan(layer, {.acc_width = 17}), nullptr);
  for (std::byte& weight : layer.inputs[3].bytes()) weight = std::byte{127};
  EXPECT_THAT([&] { Plan(layer, {.acc_width = 17}); },
              ThrowsMessage<RequestError>(HasSubstr("438912 do not fit --acc-width 17")));
  EXPECT_NE(Plan(layer, {.acc_width = 20}), nullptr);
}

TEST(UsedInputs, CountsThePositionsThatOutputsRead) {
  constexpr std::uint64_t kSeed = 12;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 2000; ++trial) {
    ConvAxis axis;
    axis.input = random.Between(1, 20);
    axis.output = random.Between(1, 10);
    axis.kernel = random.Between(1, 6);
    axis.stride = random.Between(1, 5);
    axis.dilation = random.Between(1, 4);
    axis.pad_before = random.Between(0, 8);
    std::set<std::int64_t> read;
    for (std::int64_t o = 0; o < axis.output; ++o) {
      for (std::int64_t k = 0; k < axis.kernel; ++k) {
        const std::int64_t at = o * axis.stride + k * axis.dilation - axis.pad_before;
        if (at >= 0 && at < axis.input) read.insert(at);
      }
    }
    ASSERT_EQ(UsedInputs(axis), static_cast<std::int64_t>(read.size()))
        << "seed " << kSeed << ", trial " << trial;
  }
}

}  // namespace
}  // namespace systole
