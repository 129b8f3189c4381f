// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/macs.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

/// MACs of one node whose tensors have the given shapes; the inputs come first.
std::optional<std::int64_t> Macs(const std::string& op, const std::vector<Shape>& inputs,
                                 const Shape& output,
                                 std::map<std::string, Attribute> attributes = {}) {
  Network network;
  Node node{.name = "n",
            .op = op,
            .domain = "",
            .inputs = {},
            .outputs = {"y"},
            .attributes = std::move(attributes)};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(std::to_string(i));
    network.values[node.inputs.back()] = {ElementType::kInt8, inputs[i], true, {}};
  }
  network.values["y"] = {ElementType::kInt8, output, true, {}};
  return CountMacs(network, node);
}

TEST(CountMacs, OfAConvolutionIsOutputsTimesWeightsOfOneChannel) {
  EXPECT_EQ(Macs("Conv", {{1, 3, 8, 8}, {16, 3, 3, 3}}, {1, 16, 6, 6}), 16 * 36 * 27);
}

TEST(CountMacs, OfADepthwiseConvolutionCountsOneInputChannel) {
  EXPECT_EQ(
      Macs("Conv", {{1, 16, 8, 8}, {16, 1, 3, 3}}, {1, 16, 6, 6}, {{"group", std::int64_t{16}}}),
      16 * 36 * 9);
}

TEST(CountMacs, OfQuantizedOperatorsTakesTheWeightsAtTheirPlace) {
  EXPECT_EQ(
      Macs("QLinearConv", {{1, 3, 8, 8}, {}, {}, {16, 3, 1, 1}, {}, {}, {}, {}}, {1, 16, 8, 8}),
      16 * 64 * 3);
  EXPECT_EQ(Macs("QLinearMatMul", {{2, 3}, {}, {}, {3, 5}, {}, {}, {}, {}}, {2, 5}), 30);
}

TEST(CountMacs, OfGemmFollowsTransposition) {
  EXPECT_EQ(Macs("Gemm", {{2, 3}, {3, 5}}, {2, 5}), 30);
  EXPECT_EQ(Macs("Gemm", {{3, 2}, {3, 5}}, {2, 5}, {{"transA", std::int64_t{1}}}), 30);
}

TEST(CountMacs, OfMatMulCountsTheBatch) {
  EXPECT_EQ(Macs("MatMul", {{4, 2, 3}, {3, 5}}, {4, 2, 5}), 4 * 30);
}

TEST(CountMacs, OfOtherOperatorsIsZero) { EXPECT_EQ(Macs("Relu", {{4}}, {4}), 0); }

TEST(CountMacs, IsNothingWhileAShapeIsUnknown) {
  EXPECT_EQ(Macs("Conv", {{-1, 3, 8, 8}, {16, 3, 3, 3}}, {-1, 16, 6, 6}), std::nullopt);
  EXPECT_EQ(CountMacs({}, {.name = "n",
                           .op = "MatMul",
                           .domain = "",
                           .inputs = {"a", "b"},
                           .outputs = {"y"},
                           .attributes = {}}),
            std::nullopt);
}

TEST(FindValue, PrefersTheInitializersOwnShape) {
  Network network;
  network.initializers["w"] = Tensor(ElementType::kInt8, {2});
  network.values["w"] = {ElementType::kFloat32, {9}, true, {}};
  EXPECT_EQ(FindValue(network, "w"), (ValueType{ElementType::kInt8, {2}, true, {}}));
  EXPECT_EQ(FindValue(network, "x"), std::nullopt);
}

}  // namespace
}  // namespace systole
