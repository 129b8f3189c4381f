// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "sw/quant/opset.h"
#include "tests/quant/graph_builder.h"

namespace systole::quant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t kSeed = 1;

void ExpectNear(const Tensor& a, const Tensor& b, float tolerance) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::size_t i = 0; i < a.As<float>().size(); ++i) {
    ASSERT_NEAR(a.As<float>()[i], b.As<float>()[i], tolerance) << "element " << i;
  }
}

/// Prepares the network and expects the same output `y` from `x`; returns the prepared one.
Network ExpectSameFunction(const Network& network, const Tensor& x, float tolerance = 1e-5F) {
  Network prepared = PrepareForQuantization(network, {{"x", x}});
  ExpectNear(ExecuteNetwork(prepared, {{"x", x}}).at("y"),
             ExecuteNetwork(network, {{"x", x}}).at("y"), tolerance);
  return prepared;
}

TEST(Prepare, BatchNormalizationGoesIntoTheConvolutionBeforeIt) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {1, 2, 4, 4})
                              .Random("w", {3, 2, 3, 3}, random)
                              .Floats("gamma", {3}, {1, -2, 0.5F})
                              .Floats("beta", {3}, {0, 1, -1})
                              .Floats("mean", {3}, {0.5F, 0, 2})
                              .Floats("variance", {3}, {1, 4, 0.25F})
                              .Add("Conv", {"x", "w"}, "c")
                              .Add("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"},
                                   "y", {{"epsilon", 1e-3F}})
                              .Build({"y"});
  const Network prepared =
      ExpectSameFunction(network, GraphBuilder::RandomTensor({1, 2, 4, 4}, random));
  EXPECT_THAT(OperatorsOf(prepared), ElementsAre("Conv"));
}

TEST(Prepare, FoldedWeightsAreExact) {
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 1, 1})
                              .Floats("w", {2, 1, 1, 1}, {3, 5})
                              .Floats("b", {2}, {1, 1})
                              .Floats("k", {1, 2, 1, 1}, {2, -4})
                              .Floats("s", {2, 1, 1}, {0.5F, 0.25F})
                              .Floats("d", {}, {8})
                              .Add("Conv", {"x", "w", "b"}, "c")
                              .Add("Mul", {"k", "c"}, "m")
                              .Add("Sub", {"m", "s"}, "n")
                              .Add("Div", {"n", "d"}, "y")
                              .Build({"y"});
  const Network prepared =
      PrepareForQuantization(network, {{"x", Tensor(ElementType::kFloat32, {1, 1, 1, 1})}});
  ASSERT_THAT(OperatorsOf(prepared), ElementsAre("Conv"));
  const Node& conv = prepared.nodes[0];
  EXPECT_THAT(prepared.Constant(conv.inputs[1])->As<float>(), ElementsAre(0.75F, -2.5F));
  EXPECT_THAT(prepared.Constant(conv.inputs[2])->As<float>(), ElementsAre(0.1875F, -0.53125F));
}

TEST(Prepare, AnAdditionThatOthersSeeIsNotFolded) {
  Stimulus random(kSeed);
  // The hard swish of older exporters: c * clip(c + 3, 0, 6) / 6.
  const Network network = GraphBuilder()
                              .Opset(9)
                              .Input("x", {1, 1, 2, 2})
                              .Floats("w", {1, 1, 1, 1}, {2})
                              .Floats("three", {1}, {3})
                              .Floats("six", {1}, {6})
                              .Add("Conv", {"x", "w"}, "c")
                              .Add("Add", {"c", "three"}, "a")
                              .Add("Clip", {"a"}, "k", {{"min", 0.0F}, {"max", 6.0F}})
                              .Add("Mul", {"c", "k"}, "m")
                              .Add("Div", {"m", "six"}, "y")
                              .Build({"y"});
  const Network prepared =
      ExpectSameFunction(network, GraphBuilder::RandomTensor({1, 1, 2, 2}, random));
  EXPECT_THAT(OperatorsOf(prepared), ElementsAre("Conv", "Add", "Clip", "Mul", "Div"));
}

TEST(Prepare, WeightsThatTwoConvolutionsShareAreFoldedApart) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 2, 2})
                              .Floats("w", {1, 1, 1, 1}, {2})
                              .Floats("k", {}, {3})
                              .Add("Conv", {"x", "w"}, "c")
                              .Add("Mul", {"c", "k"}, "m")
                              .Add("Conv", {"m", "w"}, "y")
                              .Build({"y"});
  ExpectSameFunction(network, GraphBuilder::RandomTensor({1, 1, 2, 2}, random));
}

TEST(Prepare, AConstantAlongAnotherDimensionIsNotFolded) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 2, 2})
                              .Floats("w", {2, 1, 1, 1}, {2, 3})
                              .Floats("columns", {2}, {3, 5})
                              .Add("Conv", {"x", "w"}, "c")
                              .Add("Mul", {"c", "columns"}, "y")
                              .Build({"y"});
  const Network prepared =
      ExpectSameFunction(network, GraphBuilder::RandomTensor({1, 1, 2, 2}, random));
  EXPECT_THAT(OperatorsOf(prepared), ElementsAre("Conv", "Mul"));
}

TEST(Prepare, MatMulAndAdditionBecomeGemm) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {2, 3})
                              .Random("w", {3, 4}, random)
                              .Random("b", {4}, random)
                              .Add("MatMul", {"x", "w"}, "m")
                              .Add("Add", {"b", "m"}, "y")
                              .Build({"y"});
  const Network prepared = ExpectSameFunction(network, GraphBuilder::RandomTensor({2, 3}, random));
  ASSERT_THAT(OperatorsOf(prepared), ElementsAre("Gemm"));
  EXPECT_EQ(prepared.Constant(prepared.nodes[0].inputs[1])->shape(), (Shape{4, 3}));
}

TEST(Prepare, GemmGetsPlainRowsAndAVector) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {2, 3})
                              .Random("w", {3, 4}, random)
                              .Floats("b", {1, 1}, {0.5F})
                              .Add("Gemm", {"x", "w", "b"}, "y", {{"alpha", 2.0F}, {"beta", 3.0F}})
                              .Build({"y"});
  const Network prepared = ExpectSameFunction(network, GraphBuilder::RandomTensor({2, 3}, random));
  const Node& gemm = prepared.nodes.at(0);
  EXPECT_EQ(gemm.attributes.size(), 1U);
  EXPECT_EQ(gemm.Int("transB", 0), 1);
  EXPECT_THAT(prepared.Constant(gemm.inputs[2])->As<float>(), ElementsAre(1.5F, 1.5F, 1.5F, 1.5F));
}

TEST(Prepare, IdentitiesGoAndOutputsKeepTheirNames) {
  const Network network = GraphBuilder()
                              .Input("x", {2})
                              .Add("Identity", {"x"}, "a")
                              .Add("Relu", {"a"}, "b")
                              .Add("Dropout", {"b"}, "y")
                              .Build({"y"});
  const Network prepared = ExpectSameFunction(network, Tensor::Of<float>({2}, {1.0F, -1.0F}), 0);
  EXPECT_THAT(OperatorsOf(prepared), ElementsAre("Relu", "Identity"));
  EXPECT_THAT(prepared.outputs, ElementsAre("y"));
}

TEST(Prepare, OperatorsOnConstantsAreEvaluated) {
  const Network network = GraphBuilder()
                              .Input("x", {2})
                              .Floats("a", {2}, {1, 2})
                              .Floats("b", {2}, {3, 5})
                              .Add("Mul", {"a", "b"}, "k")
                              .Add("Add", {"x", "k"}, "y")
                              .Build({"y"});
  const Network prepared = ExpectSameFunction(network, Tensor::Of<float>({2}, {1.0F, -1.0F}), 0);
  EXPECT_THAT(OperatorsOf(prepared), ElementsAre("Add"));
  EXPECT_THAT(prepared.Constant("k")->As<float>(), ElementsAre(3, 10));
}

TEST(UpgradeOpset, AttributesBecomeInputs) {
  Network network = GraphBuilder()
                        .Opset(9)
                        .Input("x", {1, 4})
                        .Add("Slice", {"x"}, "s",
                             {{"starts", std::vector<std::int64_t>{1}},
                              {"ends", std::vector<std::int64_t>{3}},
                              {"axes", std::vector<std::int64_t>{1}}})
                        .Add("Clip", {"s"}, "c", {{"max", 2.5F}})
                        .Add("Pad", {"c"}, "p",
                             {{"pads", std::vector<std::int64_t>{0, 1, 0, 0}}, {"value", 7.0F}})
                        .Add("Squeeze", {"p"}, "y", {{"axes", std::vector<std::int64_t>{0}}})
                        .Build({"y"});
  const Tensor x = Tensor::Of<float>({1, 4}, {1.0F, 2.0F, 3.0F, 4.0F});
  const Tensor before = ExecuteNetwork(network, {{"x", x}}).at("y");
  UpgradeOpset(network, {});
  EXPECT_EQ(network.opset, 13);
  for (const Node& node : network.nodes) {
    EXPECT_FALSE(node.attributes.contains("axes")) << node.name;
  }
  EXPECT_THAT(ExecuteNetwork(network, {{"x", x}}).at("y").As<float>(), ElementsAre(7, 2, 2.5F));
  EXPECT_TRUE(ExecuteNetwork(network, {{"x", x}}).at("y") == before);
}

TEST(UpgradeOpset, SoftmaxOverSeveralAxesIsWrittenOut) {
  Stimulus random(kSeed);
  Network network =
      GraphBuilder().Opset(11).Input("x", {2, 3, 4}).Add("Softmax", {"x"}, "y").Build({"y"});
  const Tensor x = GraphBuilder::RandomTensor({2, 3, 4}, random);
  const Tensor before = ExecuteNetwork(network, {{"x", x}}).at("y");
  UpgradeOpset(network, {});
  EXPECT_THAT(OperatorsOf(network), ElementsAre("Shape", "Flatten", "Softmax", "Reshape"));
  ExpectNear(ExecuteNetwork(network, {{"x", x}}).at("y"), before, 1e-6F);
}

TEST(UpgradeOpset, SoftmaxOverTheLastAxisStaysOneNode) {
  Network network =
      GraphBuilder().Opset(9).Input("x", {2, 3}).Add("Softmax", {"x"}, "y").Build({"y"});
  UpgradeOpset(network, {{"x", 2}});
  ASSERT_THAT(OperatorsOf(network), ElementsAre("Softmax"));
  EXPECT_EQ(network.nodes[0].Int("axis", 0), -1);
}

TEST(UpgradeOpset, UpsampleRepeatsPixels) {
  Network network = GraphBuilder()
                        .Opset(7)
                        .Input("x", {1, 1, 1, 2})
                        .Add("Upsample", {"x"}, "y", {{"scales", std::vector<float>{1, 1, 1, 2}}})
                        .Build({"y"});
  UpgradeOpset(network, {});
  const Tensor x = Tensor::Of<float>({1, 1, 1, 2}, {1.0F, 2.0F});
  EXPECT_THAT(ExecuteNetwork(network, {{"x", x}}).at("y").As<float>(), ElementsAre(1, 1, 2, 2));
}

TEST(UpgradeOpset, LaterVersionsStay) {
  Network network = GraphBuilder().Opset(17).Input("x", {2}).Add("Relu", {"x"}, "y").Build({"y"});
  UpgradeOpset(network, {});
  EXPECT_EQ(network.opset, 17);
}

}  // namespace
}  // namespace systole::quant
