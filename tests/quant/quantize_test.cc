// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <cmath>

#include "base/error.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

constexpr std::uint64_t kSeed = 1;

Network QuantizeOn(const Network& network, const Tensor& x, QuantizeOptions options = {}) {
  return Quantize(network, {{{"x", x}}}, options);
}

/// Conv -> Relu -> MaxPool -> Conv -> Add -> Flatten -> Gemm -> Softmax.
Network SmallNetwork(Stimulus& random) {
  return GraphBuilder()
      .Input("x", {1, 2, 6, 6})
      .Random("w1", {4, 2, 3, 3}, random)
      .Random("b1", {4}, random)
      .Random("w2", {4, 1, 3, 3}, random)
      .Random("w3", {5, 36}, random)
      .Random("b3", {5}, random)
      .Add("Conv", {"x", "w1", "b1"}, "c1", {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}})
      .Add("Relu", {"c1"}, "r1")
      .Add("MaxPool", {"r1"}, "p1",
           {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
            {"strides", std::vector<std::int64_t>{2, 2}}})
      .Add("Conv", {"p1", "w2"}, "c2",
           {{"group", std::int64_t{4}}, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}})
      .Add("Add", {"c2", "p1"}, "a2")
      .Add("Flatten", {"a2"}, "f2")
      .Add("Gemm", {"f2", "w3", "b3"}, "g3", {{"transB", std::int64_t{1}}})
      .Add("Softmax", {"g3"}, "y")
      .Build({"y"});
}

TEST(Quantize, IntegersFlowBetweenTheOperatorsOfTheArray) {
  Stimulus random(kSeed);
  const Network network = SmallNetwork(random);
  const Network q = QuantizeOn(network, GraphBuilder::RandomTensor({3, 2, 6, 6}, random));
  EXPECT_THAT(OperatorsOf(q),
              ElementsAre("QuantizeLinear", "QLinearConv", "MaxPool", "DequantizeLinear",
                          "QLinearConv", "DequantizeLinear", "Add", "QuantizeLinear", "Flatten",
                          "Reshape", "QLinearConv", "Reshape", "DequantizeLinear", "Softmax"));
}

TEST(Quantize, TheResultIsCloseToTheFloatNetwork) {
  Stimulus random(kSeed);
  const Network network = SmallNetwork(random);
  const Tensor x = GraphBuilder::RandomTensor({3, 2, 6, 6}, random);
  const Tensor wanted = ExecuteNetwork(network, {{"x", x}}).at("g3");
  for (const ElementType type : {ElementType::kInt8, ElementType::kUint8}) {
    const Network q = QuantizeOn(network, x, {.activations = type});
    const Tensor got = ExecuteNetwork(q, {{"x", x}}).at("g3");
    float largest = 0;
    for (const float value : wanted.As<float>()) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < got.As<float>().size(); ++i) {
      EXPECT_NEAR(got.As<float>()[i], wanted.As<float>()[i], 0.05F * largest) << ToString(type);
    }
  }
}

TEST(Quantize, OneConvolutionIsExact) {
  // All scales are powers of two here: 510 / 255 = 2, 127 / 127 = 1, and every value is a multiple.
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 1, 3})
                              .Floats("w", {1, 1, 1, 2}, {127, -64})
                              .Floats("b", {1}, {10})
                              .Add("Conv", {"x", "w", "b"}, "y")
                              .Build({"y"});
  const Tensor x = Tensor::Of<float>({1, 1, 1, 3}, {-256.0F, 254.0F, 2.0F});
  const Network q = QuantizeOn(network, x);
  ASSERT_THAT(OperatorsOf(q), ElementsAre("QuantizeLinear", "QLinearConv", "DequantizeLinear"));
  const Node& conv = q.nodes[1];
  EXPECT_THAT(q.Constant(conv.inputs[1])->As<float>(), ElementsAre(2));        // x scale
  EXPECT_THAT(q.Constant(conv.inputs[2])->As<std::int8_t>(), ElementsAre(0));  // x zero point
  EXPECT_THAT(q.Constant(conv.inputs[3])->As<std::int8_t>(), ElementsAre(127, -64));
  EXPECT_THAT(q.Constant(conv.inputs[4])->As<float>(), ElementsAre(1));
  EXPECT_THAT(q.Constant(conv.inputs[8])->As<std::int32_t>(), ElementsAre(5));  // 10 / (2 * 1)
  // -256*127 - 254*64 + 10 = -48758 and 254*127 - 2*64 + 10 = 32140.
  const float step = q.Constant(conv.inputs[6])->As<float>()[0];
  EXPECT_EQ(step, static_cast<float>((48758.0 + 32140.0) / 255));
  EXPECT_THAT(ExecuteNetwork(q, {{"x", x}}).at("y_quantized").As<std::int8_t>(),
              ElementsAre(-128, 127));
}

TEST(Quantize, ReluBecomesTheSaturationOfTheConvolution) {
  Stimulus random(kSeed);
  for (const char* op : {"Relu", "Clip"}) {
    const Network network =
        GraphBuilder()
            .Input("x", {1, 1, 4, 4})
            .Random("w", {3, 1, 3, 3}, random)
            .Floats("zero", {}, {0})
            .Floats("half", {}, {0.5F})
            .Add("Conv", {"x", "w"}, "c")
            .Add(op,
                 op == std::string("Relu") ? std::vector<std::string>{"c"}
                                           : std::vector<std::string>{"c", "zero", "half"},
                 "y")
            .Build({"y"});
    const Network q = QuantizeOn(network, GraphBuilder::RandomTensor({1, 1, 4, 4}, random));
    ASSERT_THAT(OperatorsOf(q), ElementsAre("QuantizeLinear", "QLinearConv", "DequantizeLinear"));
    EXPECT_THAT(q.Constant(q.nodes[1].inputs[7])->As<std::int8_t>(), ElementsAre(-128)) << op;
  }
}

TEST(Quantize, ConcatenatedTensorsShareOneScaleAndReluThenClips) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {1, 2, 4, 4})
                              .Random("w1", {3, 2, 1, 1}, random)
                              .Random("w2", {2, 2, 1, 1}, random)
                              .Random("w3", {1, 5, 1, 1}, random)
                              .Add("Conv", {"x", "w1"}, "c1")
                              .Add("Relu", {"c1"}, "r1")
                              .Add("Conv", {"x", "w2"}, "c2")
                              .Add("Concat", {"r1", "c2"}, "k", {{"axis", std::int64_t{1}}})
                              .Add("Conv", {"k", "w3"}, "y")
                              .Build({"y"});
  const Tensor x = GraphBuilder::RandomTensor({1, 2, 4, 4}, random);
  const Network q = QuantizeOn(network, x);
  EXPECT_THAT(OperatorsOf(q), ElementsAre("QuantizeLinear", "QLinearConv", "Clip", "QLinearConv",
                                          "Concat", "QLinearConv", "DequantizeLinear"));
  // r1 >= 0 still: no value lies below the zero point, though the shared range has negative ones.
  const Tensor& zero = *q.Constant(q.nodes[1].inputs[7]);
  EXPECT_GT(zero.As<std::int8_t>()[0], -128);
  EXPECT_THAT(ExecuteNetwork(q, {{"x", x}}).at("r1_quantized").As<std::int8_t>(),
              Each(testing::Ge(zero.As<std::int8_t>()[0])));
}

TEST(Quantize, MatMulOfTwoActivationsAndByConstantColumns) {
  Stimulus random(kSeed);
  const Network network =
      GraphBuilder()
          .Input("x", {2, 3, 4})
          .Random("w", {4, 5}, random)
          .Add("MatMul", {"x", "w"}, "m")
          .Add("Transpose", {"m"}, "t", {{"perm", std::vector<std::int64_t>{0, 2, 1}}})
          .Add("MatMul", {"t", "m"}, "y")
          .Build({"y"});
  const Network q = QuantizeOn(network, GraphBuilder::RandomTensor({2, 3, 4}, random));
  EXPECT_THAT(OperatorsOf(q), ElementsAre("QuantizeLinear", "QLinearMatMul", "Transpose",
                                          "QLinearMatMul", "DequantizeLinear"));
  EXPECT_THAT(q.Constant(q.nodes[1].inputs[4])->shape(), ElementsAre(5));
}

TEST(Quantize, NodesMayBeKeptFloat) {
  Stimulus random(kSeed);
  const Network network = SmallNetwork(random);
  const Network q = QuantizeOn(network, GraphBuilder::RandomTensor({1, 2, 6, 6}, random),
                               {.keep_float = {"c1_node", "g3_node"}});
  EXPECT_NE(FindOperator(q, "Conv"), nullptr);
  EXPECT_NE(FindOperator(q, "Gemm"), nullptr);
  EXPECT_NE(FindOperator(q, "QLinearConv"), nullptr);
}

TEST(Quantize, OutputsKeepNameAndType) {
  Stimulus random(kSeed);
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 2, 2})
                              .Random("w", {1, 1, 1, 1}, random)
                              .Add("Conv", {"x", "w"}, "y")
                              .Add("Relu", {"y"}, "z")
                              .Build({"y", "z"});
  const Tensor x = GraphBuilder::RandomTensor({1, 1, 2, 2}, random);
  const Network q = QuantizeOn(network, x);
  EXPECT_EQ(q.outputs, network.outputs);
  const Tensors tensors = ExecuteNetwork(q, {{"x", x}});
  for (const char* name : {"y", "z"}) EXPECT_EQ(tensors.at(name).type(), ElementType::kFloat32);
}

TEST(Quantize, ATensorThatIsAlwaysZeroIsHarmless) {
  const Network network = GraphBuilder()
                              .Input("x", {1, 1, 1, 1})
                              .Floats("w", {1, 1, 1, 1}, {-1})
                              .Add("Conv", {"x", "w"}, "c")
                              .Add("Relu", {"c"}, "y")
                              .Build({"y"});
  const Tensor x = Tensor::Of<float>({1, 1, 1, 1}, {1.0F});
  EXPECT_THAT(ExecuteNetwork(QuantizeOn(network, x), {{"x", x}}).at("y").As<float>(),
              ElementsAre(0));
}

TEST(Quantize, BothFormsPassOnnxChecker) {
  Stimulus random(kSeed);
  const Network network = SmallNetwork(random);
  const Tensor x = GraphBuilder::RandomTensor({1, 2, 6, 6}, random);
  for (const QuantFormat format : {QuantFormat::kQOperator, QuantFormat::kQdq}) {
    Network q = QuantizeOn(network, x, {.format = format});
    InferShapes(q, {});
    EXPECT_EQ(q.values.at("y").shape, (Shape{1, 5}));
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(SerializeOnnx(q)));
    EXPECT_NO_THROW(onnx::checker::check_model(model));
  }
}

TEST(Quantize, FusingTheQdqFormGivesTheQOperatorForm) {
  Stimulus random(kSeed);
  const Network network = SmallNetwork(random);
  const Tensor x = GraphBuilder::RandomTensor({1, 2, 6, 6}, random);
  const std::string qdq = SerializeOnnx(QuantizeOn(network, x, {.format = QuantFormat::kQdq}));
  EXPECT_EQ(SerializeOnnx(FuseQdq(ParseOnnx(qdq, "qdq", "."))),
            SerializeOnnx(QuantizeOn(network, x)));
}

TEST(Quantize, QdqFormHasOnlyFloatOperatorsBetweenConversions) {
  Stimulus random(kSeed);
  const Network q =
      QuantizeOn(SmallNetwork(random), GraphBuilder::RandomTensor({1, 2, 6, 6}, random),
                 {.format = QuantFormat::kQdq});
  EXPECT_THAT(OperatorsOf(q), Each(testing::Not(testing::StartsWith("QLinear"))));
  EXPECT_NE(FindOperator(q, "Gemm"), nullptr);
}

TEST(Quantize, EveryProblemOfARequestIsReportedAtOnce) {
  const Network network =
      GraphBuilder().Input("x", {1}).Add("QuantizeLinear", {"x", "x"}, "q").Build({"q"});
  try {
    Quantize(network, {},
             {.activations = ElementType::kInt32, .percentile = 50, .keep_float = {"nowhere"}});
    FAIL() << "no error";
  } catch (const RequestError& error) {
    EXPECT_THAT(error.problems(), SizeIs(5));
    EXPECT_THAT(error.what(), AllOf(HasSubstr("int32"), HasSubstr("percentile 50"),
                                    HasSubstr("no inputs to calibrate"), HasSubstr("'q_node'"),
                                    HasSubstr("'nowhere'")));
  }
}

TEST(Quantize, ANetworkWithoutArrayOperatorsIsAnError) {
  const Network network = GraphBuilder().Input("x", {1}).Add("Relu", {"x"}, "y").Build({"y"});
  EXPECT_THAT([&] { QuantizeOn(network, Tensor(ElementType::kFloat32, {1})); },
              ThrowsMessage<RequestError>(HasSubstr("nothing to quantize")));
}

}  // namespace
}  // namespace systole
