// SPDX-License-Identifier: Apache-2.0
#include "models/build_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/hash.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::int64_t Macs(Network network) {
  InferShapes(network, {});
  std::int64_t macs = 0;
  for (const Node& node : network.nodes) macs += CountMacs(network, node).value();
  return macs;
}

struct Published {
  ModelName name;
  std::int64_t macs, parameters;
};

// The digits of docs/networks.md, where the sources and the counting rules stand.
const std::vector<Published> kPublished = {
    {ModelName::kMobileNetV1, 568'740'352, 4'231'976},
    {ModelName::kMobileNetV2, 300'774'272, 3'504'872},
    {ModelName::kMobileNetV3Small, 60'119'520, 2'938'368},
    {ModelName::kMobileNetV3Large, 219'799'200, 5'476'416},
    {ModelName::kMnasNetB1, 314'415'872, 4'383'312},
    {ModelName::kResNet18, 1'814'073'344, 11'689'512},
    {ModelName::kResNet50, 4'089'184'256, 25'557'032},
    {ModelName::kAlexNet, 724'406'816, 60'965'224},
    {ModelName::kVgg16, 15'470'264'320, 138'357'544},
    {ModelName::kSqueezeNet, 832'667'936, 1'248'424},
};

TEST(BuildModel, HasThePublishedMacsAndParameters) {
  for (const Published& published : kPublished) {
    const Network network = BuildModel({.name = published.name});
    EXPECT_EQ(Macs(network), published.macs) << ToString(published.name);
    EXPECT_EQ(CountParameters(network), published.parameters) << ToString(published.name);
  }
}

TEST(BuildModel, IsACheckedNetworkWithTheAgreedInputAndOutput) {
  for (const ModelName name : AllModelNames()) {
    for (std::int64_t size : {1, 31, 64, 97}) {
      size = std::max(size, MinModelSize(name));
      SCOPED_TRACE(fmt::format("{}, size {}", ToString(name), size));
      Network network = BuildModel({.name = name, .size = size, .width = 0.25, .classes = 7});
      ASSERT_NO_THROW(CheckNetwork(network));
      EXPECT_EQ(network.name, ToString(name));
      EXPECT_THAT(network.inputs, ElementsAre("input"));
      EXPECT_THAT(network.outputs, ElementsAre("logits"));
      EXPECT_EQ(network.values.at("input").shape, (Shape{-1, 3, size, size}));
      InferShapes(network, {{"input", {2, 3, size, size}}});
      EXPECT_EQ(network.values.at("logits").shape, (Shape{2, 7}));
    }
  }
}

std::vector<std::string> Convolutions(const Network& network, const std::string& prefix) {
  std::vector<std::string> names;
  for (const Node& node : network.nodes) {
    if (node.op == "Conv" && node.name.starts_with(prefix)) names.push_back(node.name);
  }
  return names;
}

TEST(BuildModel, NamesItsConvolutionsAsAgreed) {
  const auto of = [](ModelName name, const std::string& prefix) {
    return Convolutions(BuildModel({.name = name, .size = 32}), prefix);
  };
  EXPECT_THAT(of(ModelName::kMobileNetV1, "block13/"),
              ElementsAre("block13/depthwise", "block13/pointwise"));
  EXPECT_THAT(of(ModelName::kMobileNetV2, "t1_"),
              ElementsAre("t1_c16_1/depthwise", "t1_c16_1/project"));
  EXPECT_THAT(of(ModelName::kMobileNetV2, "t6_c64_4/"),
              ElementsAre("t6_c64_4/expand", "t6_c64_4/depthwise", "t6_c64_4/project"));
  EXPECT_THAT(of(ModelName::kMnasNetB1, "sep_"),
              ElementsAre("sep_c16_1/depthwise", "sep_c16_1/project"));
  EXPECT_THAT(of(ModelName::kMnasNetB1, "t3_c40_3/"),
              ElementsAre("t3_c40_3/expand", "t3_c40_3/depthwise", "t3_c40_3/project"));
  EXPECT_THAT(of(ModelName::kMobileNetV3Small, "bneck11/"),
              ElementsAre("bneck11/expand", "bneck11/depthwise", "bneck11/se/reduce",
                          "bneck11/se/expand", "bneck11/project"));
  EXPECT_THAT(of(ModelName::kMobileNetV3Large, "bneck2/"),
              ElementsAre("bneck2/expand", "bneck2/depthwise", "bneck2/project"));
  EXPECT_THAT(
      of(ModelName::kResNet50, "layer2_1/"),
      ElementsAre("layer2_1/conv1", "layer2_1/conv2", "layer2_1/conv3", "layer2_1/downsample"));
  for (const ModelName name : AllModelNames()) {
    if (name >= ModelName::kAlexNet) continue;
    const Network network = BuildModel({.name = name, .size = 32, .width = 0.25});
    EXPECT_EQ(network.nodes.front().name, "stem");
    EXPECT_EQ(network.nodes.back().name, "classifier");
    for (const Node& node : network.nodes) {
      if (node.op != "Conv") continue;
      EXPECT_EQ(node.Int("group", 1) > 1, node.name.ends_with("/depthwise")) << node.name;
    }
  }
}

TEST(BuildModel, RoundsScaledChannelsToMultiplesOf8) {
  const auto channels = [](const Network& network, const std::string& weight) {
    return network.initializers.at(weight).shape()[0];
  };
  // 32 * 0.75 = 24; 24 * 0.75 = 18: 16 would be below 90 %; the head never shrinks.
  const Network narrow = BuildModel({.name = ModelName::kMobileNetV2, .size = 32, .width = 0.75});
  EXPECT_EQ(channels(narrow, "stem/weight"), 24);
  EXPECT_EQ(channels(narrow, "t6_c24_1/project/weight"), 24);
  EXPECT_EQ(channels(narrow, "head/weight"), 1280);
  const Network wide = BuildModel({.name = ModelName::kMobileNetV2, .size = 32, .width = 1.4});
  EXPECT_EQ(channels(wide, "stem/weight"), 48);  // 44.8
  EXPECT_EQ(channels(wide, "head/weight"), 1792);
  // Published for 224x224 (Sandler et al.): 209 M and 2.6 M parameters at 0.75.
  const Network published = BuildModel({.name = ModelName::kMobileNetV2, .width = 0.75});
  EXPECT_NEAR(static_cast<double>(Macs(published)) / 1e6, 209, 0.5);
  EXPECT_NEAR(static_cast<double>(CountParameters(published)) / 1e6, 2.6, 0.05);
}

TEST(BuildModel, MakesTheSameBytesFromTheSameSeedOnly) {
  for (const ModelName name : AllModelNames()) {
    const ModelRequest request = {.name = name,
                                  .size = std::max<std::int64_t>(32, MinModelSize(name)),
                                  .width = 0.25,
                                  .classes = 10};
    ModelRequest other = request;
    other.seed = 2;
    const std::string bytes = SerializeOnnx(BuildModel(request));
    EXPECT_EQ(SerializeOnnx(BuildModel(request)), bytes);
    EXPECT_NE(SerializeOnnx(BuildModel(other)), bytes);
  }
}

TEST(BuildModel, MakesTheSameWeightsOnEveryMachine) {
  const Network network = BuildModel({.name = ModelName::kMobileNetV3Small, .size = 32});
  std::string bytes;
  for (const auto& [name, tensor] : network.initializers) {
    const auto data = tensor.bytes();
    bytes += name;
    bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  EXPECT_EQ(ContentHash(bytes), "e7d37450d5d5c3f0b49d25c0afd437f9");
}

TEST(BuildModel, KeepsItsWeightsWhenTheSizeChanges) {
  const Network small = BuildModel({.name = ModelName::kMobileNetV1, .size = 32, .width = 0.25});
  const Network large = BuildModel({.name = ModelName::kMobileNetV1, .size = 64, .width = 0.25});
  EXPECT_EQ(small.initializers, large.initializers);
}

TEST(BuildModel, WeightsHaveHesDeviation) {
  const Network network = BuildModel({.name = ModelName::kResNet18, .size = 32});
  for (const auto& [name, fan_in] :
       {std::pair("layer1_1/conv1/weight", 576.0), {"layer4_1/downsample/weight", 256.0}}) {
    double sum = 0, squares = 0;
    const auto weights = network.initializers.at(name).As<float>();
    for (const float w : weights) {
      sum += w;
      squares += double{w} * w;
    }
    const auto count = static_cast<double>(weights.size());
    const double deviation = std::sqrt(2 / fan_in);
    EXPECT_NEAR(std::sqrt(squares / count), deviation, 0.02 * deviation) << name;
    EXPECT_NEAR(sum / count, 0, 0.02 * deviation) << name;
  }
}

TEST(BuildModel, NamesEverythingThatIsOutOfRange) {
  try {
    BuildModel({.size = 0, .width = std::nan(""), .classes = 65537});
    FAIL() << "no error";
  } catch (const RequestError& error) {
    ASSERT_EQ(error.problems().size(), 3U);
    EXPECT_EQ(error.problems()[0].what, "--size 0 is out of range: 1 to 4096");
    EXPECT_EQ(error.problems()[1].what, "--width nan is out of range: 0.05 to 4");
    EXPECT_EQ(error.problems()[2].what, "--classes 65537 is out of range: 1 to 65536");
  }
  EXPECT_THROW(BuildModel({.size = 4097}), RequestError);
  EXPECT_THROW(BuildModel({.width = 4.01}), RequestError);
  EXPECT_THROW(BuildModel({.width = 0.04}), RequestError);
}

TEST(BuildModel, TakesTheSizeThatWasPublished) {
  const auto extent = [](ModelName name) {
    return BuildModel({.name = name, .width = 0.05}).values.at("input").shape[2];
  };
  EXPECT_EQ(extent(ModelName::kMobileNetV2), 224);
  EXPECT_EQ(extent(ModelName::kAlexNet), 227);
  EXPECT_EQ(extent(ModelName::kVgg16), 224);
  EXPECT_EQ(extent(ModelName::kSqueezeNet), 227);
}

TEST(BuildModel, TakesNoInputThatLeavesALayerNothing) {
  for (const ModelName name : {ModelName::kAlexNet, ModelName::kVgg16, ModelName::kSqueezeNet}) {
    const std::int64_t smallest = MinModelSize(name);
    Network network = BuildModel({.name = name, .size = smallest, .width = 0.05, .classes = 3});
    InferShapes(network, {});
    EXPECT_EQ(network.values.at("logits").shape, (Shape{1, 3})) << ToString(name);
    try {
      BuildModel({.name = name, .size = smallest - 1});
      FAIL() << "no error";
    } catch (const RequestError& error) {
      EXPECT_THAT(error.problems().front().what, HasSubstr(fmt::format("with {}", ToString(name))));
      EXPECT_THAT(error.problems().front().fix, HasSubstr("pass --size 22"));
    }
  }
}

std::vector<std::string> Weights(const Network& network) {
  std::vector<std::string> layers;
  for (const Node& node : network.nodes) {
    if (node.op != "Conv" && node.op != "Gemm") continue;
    layers.push_back(
        fmt::format("{} {}", node.name, ToString(network.initializers.at(node.inputs[1]).shape())));
  }
  return layers;
}

TEST(BuildModel, HasTheLayersOfTheClassicNetworks) {
  EXPECT_THAT(
      Weights(BuildModel({.name = ModelName::kAlexNet})),
      ElementsAre("conv1 96x3x11x11", "conv2 256x48x5x5", "conv3 384x256x3x3", "conv4 384x192x3x3",
                  "conv5 256x192x3x3", "fc6 4096x9216", "fc7 4096x4096", "fc8 1000x4096"));
  const auto squeeze = Weights(BuildModel({.name = ModelName::kSqueezeNet}));
  ASSERT_EQ(squeeze.size(), 26U);
  EXPECT_EQ(squeeze[0], "conv1 96x3x7x7");
  EXPECT_EQ(squeeze[21], "fire8/expand3x3 256x64x3x3");
  EXPECT_EQ(squeeze[25], "conv10 1000x512x1x1");
}

// The spread of a layer's rows and columns, and tails heavier than a bell's: 3.
TEST(BuildModel, ClassicNetworksHaveWeightsLikeTrainedOnes) {
  const Network network = BuildModel({.name = ModelName::kAlexNet, .width = 0.5});
  const auto weights = network.initializers.at("fc7/weight").As<float>();
  const std::size_t side = 2048;
  std::vector<double> rows(side), columns(side);
  double squares = 0, fourths = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double square = double{weights[i]} * weights[i];
    rows[i / side] += square / side;
    columns[i % side] += square / side;
    squares += square;
    fourths += square * square;
  }
  const auto spread = [](const std::vector<double>& powers) {
    double sum = 0, sum_of_squares = 0;
    for (const double power : powers) {
      const double value = std::log(power) / 2;
      sum += value;
      sum_of_squares += value * value;
    }
    const auto count = static_cast<double>(powers.size());
    return std::sqrt(sum_of_squares / count - sum / count * (sum / count));
  };
  EXPECT_NEAR(spread(rows), 0.25, 0.02);
  EXPECT_NEAR(spread(columns), 0.25, 0.02);
  EXPECT_NEAR(fourths * static_cast<double>(weights.size()) / squares / squares, 4.5, 0.5);
}

TEST(ParseModelName, TakesEveryNameAndListsThemOtherwise) {
  for (const ModelName name : AllModelNames()) EXPECT_EQ(ParseModelName(ToString(name)), name);
  try {
    ParseModelName("resnet-19");
    FAIL() << "no error";
  } catch (const RequestError& error) {
    EXPECT_EQ(error.problems().front().what, "there is no model \"resnet-19\"");
    EXPECT_THAT(error.problems().front().fix, HasSubstr("resnet-50, alexnet, vgg-16, squeezenet"));
  }
}

}  // namespace
}  // namespace systole
