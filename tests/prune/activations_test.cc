// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/activations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/build_model.h"
#include "models/pictures.h"
#include "sw/prune/prune.h"
#include "sw/prune/published.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

using ::testing::ElementsAre;

/// x -> Relu "r" -> Reshape "f" -> MatMul "y" with a constant.
Network SmallNetwork() {
  Network network;
  network.name = "small";
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = {ElementType::kFloat32, {2, 4}, true, {}};
  network.initializers["shape"] = Tensor::Of<std::int64_t>({2}, std::vector<std::int64_t>{1, 8});
  network.initializers["w"] = Tensor(ElementType::kFloat32, {8, 2});
  network.nodes = {{"relu", "Relu", "", {"x"}, {"r"}, {}},
                   {"flat", "Reshape", "", {"r", "shape"}, {"f"}, {}},
                   {"product", "MatMul", "", {"f", "w"}, {"y"}, {}}};
  return network;
}

TEST(CountActivationZeros, CountsEachTensorOnceAndKnowsWhatLayersRead) {
  const Network network = SmallNetwork();
  const Tensor x = Tensor::Of<float>({2, 4}, std::vector<float>{-1, -2, -3, -4, 5, -0.0F, 0, 7});
  const auto zeros = CountActivationZeros(network, ExecuteNetwork(network, {{"x", x}}), 16);
  ASSERT_EQ(zeros.size(), 3U);  // not the reshaped one
  EXPECT_EQ(zeros[0].tensor, "x");
  EXPECT_EQ(zeros[0].zeros, (ZeroCount{8, 6, 2, 0}));
  EXPECT_FALSE(zeros[0].feeds_layer);
  EXPECT_EQ(zeros[1].producer, "relu");
  EXPECT_EQ(zeros[1].zeros, (ZeroCount{8, 2, 2, 1}));
  EXPECT_TRUE(zeros[1].feeds_layer);  // under the name "f"
  EXPECT_EQ(zeros[2].zeros, (ZeroCount{2, 0, 1, 1}));
  EXPECT_EQ(ZerosOfLayerInputs(zeros), zeros[1].zeros);
  EXPECT_THROW(CountActivationZeros(network, {}, 12), RequestError);
}

TEST(CountActivationZeros, CountsStoredValuesOfIntegers) {
  Network network = SmallNetwork();
  const std::map<std::string, Tensor> tensors = {
      {"x", Tensor::Of<std::int8_t>({4}, std::vector<std::int8_t>{-128, -128, 0, 1})},
      {"y", Tensor::Of<std::int64_t>({1}, std::vector<std::int64_t>{0})}};
  const auto zeros = CountActivationZeros(network, tensors, 32);
  ASSERT_EQ(zeros.size(), 1U);
  EXPECT_EQ(zeros[0].zeros, (ZeroCount{4, 3, 1, 0}));
}

// What docs/networks.md says of the classic networks, at a fraction of their size.
TEST(ClassicNetworks, PrunedOnesHaveZerosAmongActivationsAsTrainedOnes) {
  for (const auto& [name, size] : {std::pair(ModelName::kAlexNet, std::int64_t{131}),
                                   {ModelName::kVgg16, 96},
                                   {ModelName::kSqueezeNet, 99}}) {
    const Network network = Prune(BuildModel({.name = name, .size = size, .width = 0.25}),
                                  {.densities = PublishedDensities(std::string(ToString(name)))});
    const Tensor pictures = Normalized(NaturalPictures(2, size, 1));
    const auto zeros =
        CountActivationZeros(network, ExecuteNetwork(network, {{"input", pictures}}), 32);
    const double share = ZerosOfLayerInputs(zeros).zero_share();
    EXPECT_GT(share, 0.35) << ToString(name);
    EXPECT_LT(share, 0.65) << ToString(name);
    for (const ActivationZeros& tensor : zeros) {
      if (tensor.op != "Relu") continue;
      EXPECT_GT(tensor.zeros.zero_share(), 0.25) << tensor.tensor;
      EXPECT_LT(tensor.zeros.zero_share(), 0.9) << tensor.tensor;
    }
  }
}

// Of 61 M and 138 M weights: 11 % and 7.5 % in the paper, by its rounded densities of the layers.
TEST(ClassicNetworks, PublishedDensitiesGiveThePublishedTotals) {
  for (const auto& [name, share] :
       {std::pair(ModelName::kAlexNet, 0.111), {ModelName::kVgg16, 0.076}}) {
    const Network network = BuildModel({.name = name});
    const auto& densities = PublishedDensities(std::string(ToString(name)));
    double kept = 0, all = 0;
    for (const PrunedLayer& layer : CountZeros(network, 32).layers) {
      const auto weights = static_cast<double>(layer.before.values);
      kept += weights * densities.at(layer.weights.layer);
      all += weights;
    }
    EXPECT_NEAR(kept / all, share, 0.001) << ToString(name);
  }
}

}  // namespace
}  // namespace systole
