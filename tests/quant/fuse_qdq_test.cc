// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/fuse_qdq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

using testing::ElementsAre;

/// A graph with the parameters that most tests need: activations `s` = 0.5, `z` = 0; weights `w`
/// int8 [2, 1, 1, 1] of scale `ws` = {0.25, 0.5}; output scale `t` = 1.
class QdqBuilder : public GraphBuilder {
 public:
  explicit QdqBuilder(ElementType type = ElementType::kInt8, std::int64_t output_zero = 0) {
    Input("x", {1, 1, 1, 2});
    Floats("s", {}, {0.5F}).Floats("t", {}, {1}).Floats("ws", {2}, {0.25F, 0.5F});
    Constant("z", Byte(type, 0)).Constant("tz", Byte(type, output_zero));
    Constant("w", Tensor::Of<std::int8_t>({2, 1, 1, 1}, std::vector<std::int8_t>{4, -3}));
    Constant("wz", Tensor(ElementType::kInt8, {2}));
    Add("QuantizeLinear", {"x", "s", "z"}, "xq");
    Add("DequantizeLinear", {"xq", "s", "z"}, "xd");
    Add("DequantizeLinear", {"w", "ws", "wz"}, "wd", {{"axis", std::int64_t{0}}});
  }
  /// QuantizeLinear with `t`, `tz` and DequantizeLinear to y.
  Network Finish(const std::string& from) {
    Add("QuantizeLinear", {from, "t", "tz"}, "yq");
    Add("DequantizeLinear", {"yq", "t", "tz"}, "y");
    return Build({"y"});
  }
  /// Without the weights where a test does not use them.
  Network Build(std::vector<std::string> outputs) {
    if (CountReaders(network_)["wd"] == 0) {
      std::erase_if(network_.nodes, [](const Node& node) { return node.name == "wd_node"; });
    }
    return GraphBuilder::Build(std::move(outputs));
  }

 private:
  static Tensor Byte(ElementType type, std::int64_t value) {
    if (type == ElementType::kUint8) return Tensor::Scalar(static_cast<std::uint8_t>(value));
    return Tensor::Scalar(static_cast<std::int8_t>(value));
  }
};

Tensor Input(std::vector<float> values) { return Tensor::Of<float>({1, 1, 1, 2}, values); }

TEST(FuseQdq, ConvWithoutBias) {
  QdqBuilder graph;
  graph.Add("Conv", {"xd", "wd"}, "c");
  const Network fused = FuseQdq(graph.Finish("c"));
  EXPECT_THAT(OperatorsOf(fused), ElementsAre("QuantizeLinear", "QLinearConv", "DequantizeLinear"));
  EXPECT_EQ(fused.nodes[1].name, "c_node");
  EXPECT_THAT(fused.nodes[1].inputs, ElementsAre("xq", "s", "z", "w", "ws", "wz", "t", "tz"));
  // x = {3, 5}: w = {1, -1.5}.
  EXPECT_THAT(ExecuteNetwork(fused, {{"x", Input({3, 5})}}).at("y").As<float>(),
              ElementsAre(3, 5, -4, -8));  // -4.5 and -7.5 round to even
}

TEST(FuseQdq, Int32BiasOfTheRightScaleIsTakenAsItIs) {
  QdqBuilder graph;
  graph.Constant("b", Tensor::Of<std::int32_t>({2}, std::vector<std::int32_t>{8, -4}))
      .Floats("bs", {2}, {0.125F, 0.25F})
      .Add("DequantizeLinear", {"b", "bs"}, "bd", {{"axis", std::int64_t{0}}})
      .Add("Conv", {"xd", "wd", "bd"}, "c");
  const Network fused = FuseQdq(graph.Finish("c"));
  ASSERT_THAT(OperatorsOf(fused), ElementsAre("QuantizeLinear", "QLinearConv", "DequantizeLinear"));
  EXPECT_EQ(fused.nodes[1].inputs.at(8), "b");
}

TEST(FuseQdq, ABiasOfAnotherScaleOrInFloatIsBroughtToTheSumsScale) {
  for (const bool integer : {true, false}) {
    QdqBuilder graph;
    if (integer) {
      graph.Constant("b", Tensor::Of<std::int32_t>({2}, std::vector<std::int32_t>{2, -1}))
          .Floats("bs", {}, {0.5F})
          .Add("DequantizeLinear", {"b", "bs"}, "bd");
    } else {
      graph.Floats("bd", {2}, {1, -0.5F});
    }
    graph.Add("Conv", {"xd", "wd", "bd"}, "c");
    const Network fused = FuseQdq(graph.Finish("c"));
    ASSERT_NE(FindOperator(fused, "QLinearConv"), nullptr);
    EXPECT_THAT(
        fused.Constant(FindOperator(fused, "QLinearConv")->inputs.at(8))->As<std::int32_t>(),
        ElementsAre(8, -2));
  }
}

TEST(FuseQdq, ReluVanishesWhenTheZeroPointIsTheLowestValue) {
  QdqBuilder graph(ElementType::kInt8, -128);
  graph.Add("Conv", {"xd", "wd"}, "c").Add("Relu", {"c"}, "r");
  const Network network = graph.Finish("r");
  const Network fused = FuseQdq(network);
  EXPECT_THAT(OperatorsOf(fused), ElementsAre("QuantizeLinear", "QLinearConv", "DequantizeLinear"));
  const Tensors inputs = {{"x", Input({3, 6})}};
  EXPECT_TRUE(ExecuteNetwork(fused, inputs).at("yq") == ExecuteNetwork(network, inputs).at("yq"));
}

TEST(FuseQdq, ReluBecomesAnIntegerClipWhenTheRangeGoesBelowZero) {
  QdqBuilder graph;
  graph.Add("Conv", {"xd", "wd"}, "c").Add("Relu", {"c"}, "r");
  const Network network = graph.Finish("r");
  const Network fused = FuseQdq(network);
  EXPECT_THAT(OperatorsOf(fused),
              ElementsAre("QuantizeLinear", "QLinearConv", "Clip", "DequantizeLinear"));
  const Tensors inputs = {{"x", Input({3, 6})}};
  EXPECT_TRUE(ExecuteNetwork(fused, inputs).at("yq") == ExecuteNetwork(network, inputs).at("yq"));
}

TEST(FuseQdq, ChainedClampsApplyInOrder) {
  QdqBuilder graph;
  graph.Floats("low", {}, {-3}).Floats("high", {}, {2}).Floats("five", {}, {5});
  graph.Add("Conv", {"xd", "wd"}, "c")
      .Add("Clip", {"c", "", "five"}, "a")
      .Add("Clip", {"a", "low", "high"}, "b");
  const Network network = graph.Finish("b");
  const Network fused = FuseQdq(network);
  const Node* clip = FindOperator(fused, "Clip");
  ASSERT_NE(clip, nullptr);
  EXPECT_EQ(fused.Constant(clip->inputs[1])->As<std::int8_t>()[0], -3);
  EXPECT_EQ(fused.Constant(clip->inputs[2])->As<std::int8_t>()[0], 2);
  const Tensors inputs = {{"x", Input({3, 6})}};
  EXPECT_TRUE(ExecuteNetwork(fused, inputs).at("yq") == ExecuteNetwork(network, inputs).at("yq"));
}

TEST(FuseQdq, ADequantizedTensorThatOthersReadStaysForThem) {
  QdqBuilder graph;
  graph.Add("Conv", {"xd", "wd"}, "c").Add("Relu", {"xd"}, "other");
  graph.Add("QuantizeLinear", {"c", "t", "tz"}, "yq")
      .Add("DequantizeLinear", {"yq", "t", "tz"}, "y");
  const Network fused = FuseQdq(graph.Build({"y", "other"}));
  EXPECT_THAT(OperatorsOf(fused), ElementsAre("QuantizeLinear", "DequantizeLinear", "Relu",
                                              "QLinearConv", "DequantizeLinear"));
}

TEST(FuseQdq, AFloatResultThatOthersReadIsNotFused) {
  QdqBuilder graph;
  graph.Add("Conv", {"xd", "wd"}, "c");
  graph.Add("QuantizeLinear", {"c", "t", "tz"}, "yq")
      .Add("DequantizeLinear", {"yq", "t", "tz"}, "y");
  const Network network = graph.Build({"y", "c"});
  EXPECT_EQ(OperatorsOf(FuseQdq(network)), OperatorsOf(network));
}

TEST(FuseQdq, Uint8ActivationsWithoutZeroPoints) {
  QdqBuilder graph(ElementType::kUint8);
  graph.Add("QuantizeLinear", {"x", "s"}, "q2")
      .Constant("u", Tensor::Of<std::uint8_t>({2, 1, 1, 1}, std::vector<std::uint8_t>{4, 3}))
      .Floats("us", {}, {0.5F})
      .Add("DequantizeLinear", {"u", "us"}, "ud")
      .Add("Conv", {"xd", "ud"}, "c");
  const Network fused = FuseQdq(graph.Finish("c"));
  const Node* conv = FindOperator(fused, "QLinearConv");
  ASSERT_NE(conv, nullptr);
  EXPECT_THAT(fused.Constant(conv->inputs[5])->As<std::uint8_t>(), ElementsAre(0));
  EXPECT_THAT(ExecuteNetwork(fused, {{"x", Input({3, 5})}}).at("yq").As<std::uint8_t>(),
              ElementsAre(6, 10, 4, 8));  // 4.5 and 7.5 round to even
}

TEST(FuseQdq, SignedActivationsByUnsignedWeightsAreNotFused) {
  QdqBuilder graph;
  graph.Constant("u", Tensor::Of<std::uint8_t>({2, 1, 1, 1}, std::vector<std::uint8_t>{4, 3}))
      .Add("DequantizeLinear", {"u", "s"}, "ud")
      .Add("Conv", {"xd", "ud"}, "c");
  const Network network = graph.Finish("c");
  EXPECT_EQ(FindOperator(FuseQdq(network), "QLinearConv"), nullptr);
}

TEST(FuseQdq, GemmBecomesAConvolutionOfOnePixel) {
  for (const std::int64_t transposed : {0, 1}) {
    QdqBuilder graph;
    // Rows {1, 2} and {-1, 3} of the transposed matrix.
    const std::vector<std::int8_t> values = transposed == 1 ? std::vector<std::int8_t>{4, 8, -2, 6}
                                                            : std::vector<std::int8_t>{4, -2, 8, 6};
    graph.Constant("m", Tensor::Of<std::int8_t>({2, 2}, values))
        .Add("DequantizeLinear", {"m", "ws", "wz"}, "md", {{"axis", 1 - transposed}})
        .Floats("b", {2}, {1, 0})
        .Constant("shape", Tensor::Of<std::int64_t>({2}, std::vector<std::int64_t>{1, 2}))
        .Add("Reshape", {"xd", "shape"}, "f")
        .Add("QuantizeLinear", {"f", "s", "z"}, "fq")
        .Add("DequantizeLinear", {"fq", "s", "z"}, "fd")
        .Add("Gemm", {"fd", "md", "b"}, "g", {{"transB", transposed}});
    const Network network = graph.Finish("g");
    const Network fused = FuseQdq(network);
    EXPECT_THAT(OperatorsOf(fused), ElementsAre("QuantizeLinear", "Reshape", "Reshape",
                                                "QLinearConv", "Reshape", "DequantizeLinear"));
    const Tensors inputs = {{"x", Input({3, 5})}};
    EXPECT_THAT(ExecuteNetwork(fused, inputs).at("y").As<float>(), ElementsAre(14, 12));
    EXPECT_TRUE(ExecuteNetwork(fused, inputs).at("y") == ExecuteNetwork(network, inputs).at("y"));
  }
}

TEST(FuseQdq, DataMovementBetweenOtherScalesIsNotFused) {
  QdqBuilder graph;
  graph.Add("Transpose", {"xd"}, "c");
  const Network network = graph.Finish("c");  // from scale 0.5 to scale 1
  EXPECT_EQ(OperatorsOf(FuseQdq(network)), OperatorsOf(network));
}

TEST(FuseQdq, PoolingAndReluOfEqualScalesWorkOnIntegers) {
  QdqBuilder graph;
  graph.Add("MaxPool", {"xd"}, "m", {{"kernel_shape", std::vector<std::int64_t>{1, 2}}})
      .Add("QuantizeLinear", {"m", "s", "z"}, "mq")
      .Add("DequantizeLinear", {"mq", "s", "z"}, "md")
      .Add("Relu", {"md"}, "r")
      .Add("QuantizeLinear", {"r", "s", "z"}, "rq")
      .Add("DequantizeLinear", {"rq", "s", "z"}, "y");
  const Network network = graph.Build({"y"});
  const Network fused = FuseQdq(network);
  EXPECT_THAT(OperatorsOf(fused),
              ElementsAre("QuantizeLinear", "MaxPool", "Clip", "DequantizeLinear"));
  for (const auto& values : {std::vector<float>{-3, -2}, std::vector<float>{-3, 7}}) {
    const Tensors inputs = {{"x", Input(values)}};
    EXPECT_TRUE(ExecuteNetwork(fused, inputs).at("y") == ExecuteNetwork(network, inputs).at("y"));
  }
}

TEST(FuseQdq, OlderOperatorSetsThatLackIntegerClipKeepTheFloatPattern) {
  QdqBuilder graph;
  graph.Opset(11).Add("Conv", {"xd", "wd"}, "c").Add("Relu", {"c"}, "r");
  const Network network = graph.Finish("r");
  EXPECT_EQ(OperatorsOf(FuseQdq(network)), OperatorsOf(network));
}

TEST(FuseQdq, ANetworkWithoutPatternsIsUntouched) {
  const Network network = GraphBuilder()
                              .Input("x", {2})
                              .Floats("k", {}, {2})
                              .Add("Mul", {"x", "k"}, "m")
                              .Add("Relu", {"m"}, "y")
                              .Build({"y"});
  const Network fused = FuseQdq(network);
  EXPECT_EQ(OperatorsOf(fused), OperatorsOf(network));
  EXPECT_EQ(fused.initializers, network.initializers);
}

}  // namespace
}  // namespace systole
