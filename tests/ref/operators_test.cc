// SPDX-License-Identifier: Apache-2.0
// Corner cases of the reference's operators, and what it says of nodes that it cannot execute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/stimulus.h"
#include "sw/ref/execute.h"
#include "sw/ref/requantize.h"

namespace systole {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Attributes = std::map<std::string, Attribute>;
using Ints = std::vector<std::int64_t>;

std::vector<Tensor> Execute(const std::string& op, const std::vector<Tensor>& inputs,
                            const Attributes& attributes = {}, int opset = 17, int outputs = 1) {
  Node node;
  node.name = "it";
  node.op = op;
  node.attributes = attributes;
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) {
    pointers.push_back(input.type() == ElementType::kUndefined ? nullptr : &input);
    node.inputs.push_back(pointers.back() == nullptr ? "" : "in");
  }
  for (int i = 0; i < outputs; ++i) node.outputs.push_back("out" + std::to_string(i));
  return ExecuteNode(node, pointers, opset);
}

/// The message of the RequestError that the execution must throw.
std::string ErrorOf(const std::string& op, const std::vector<Tensor>& inputs,
                    const Attributes& attributes = {}, int opset = 17, int outputs = 1) {
  try {
    Execute(op, inputs, attributes, opset, outputs);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "no error";
}

Tensor Zeros(Shape shape) { return Tensor(ElementType::kFloat32, std::move(shape)); }
Tensor Longs(const Ints& values) {
  return Tensor::Of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}
Tensor Filled(ElementType type, Shape shape, std::int8_t value) {
  Tensor tensor(type, std::move(shape));
  for (std::byte& byte : tensor.bytes()) byte = static_cast<std::byte>(value);
  return tensor;
}

TEST(Requantize, RoundsHalvesToEven) {
  const std::vector<std::pair<int, int>> cases = {{1, 0}, {3, 2},  {5, 2},
                                                  {7, 4}, {-1, 0}, {-3, -2}};
  for (const auto& [twice, rounded] : cases) {
    EXPECT_EQ(Requantize(twice, 0.5F, 0, -128, 127), rounded) << twice;
    EXPECT_EQ(Requantize(twice, 0.5F, 10, -128, 127), rounded + 10) << twice;
  }
}

TEST(Requantize, SaturatesAtTheBoundsAfterTheZeroPoint) {
  EXPECT_EQ(Requantize(1 << 30, 1.0F, 5, -128, 127), 127);
  EXPECT_EQ(Requantize(-(1 << 30), 1.0F, 5, -128, 127), -128);
  EXPECT_EQ(Requantize(1000, 0.1F, 100, 0, 255), 200);
  EXPECT_EQ(Requantize(-5, 1.0F, 3, 0, 6), 0);
}

TEST(Requantize, RoundsTheSumToFloatFirst) {
  // 2^24 + 1 becomes 2^24, so the scaled value is a tie that goes down to even.
  EXPECT_EQ(Requantize((1 << 24) + 1, 0x1p-25F, 0, -128, 127), 0);
  EXPECT_EQ(Requantize((1 << 24) + 2, 0x1p-25F, 0, -128, 127), 1);
}

TEST(QLinearConv, SumsBeyondThirtyTwoBitsWrap) {
  // 140,000 products of -255 * 255 do not fit; the 64-bit sum modulo 2^32 is what remains.
  const std::int64_t depth = 140000;
  const Tensor x = Filled(ElementType::kUint8, {1, depth, 1}, 0);
  const Tensor w = Filled(ElementType::kUint8, {1, depth, 1}, -1);
  const auto y = Execute("ConvInteger", {x, w, Tensor::Scalar<std::uint8_t>(255)});
  EXPECT_EQ(y[0].As<std::int32_t>()[0], static_cast<std::int32_t>(-255LL * 255 * depth));
}

TEST(QLinearConv, PaddingIsTheZeroPointNotZero) {
  const Tensor one = Tensor::Scalar(1.0F);
  const Tensor zero = Tensor::Scalar<std::int8_t>(7), none = Tensor::Scalar<std::int8_t>(0);
  const Tensor x = Filled(ElementType::kInt8, {1, 1, 2, 2}, 7);
  const Tensor w = Filled(ElementType::kInt8, {1, 1, 3, 3}, 1);
  const auto y =
      Execute("QLinearConv", {x, one, zero, w, one, none, one, none}, {{"pads", Ints{1, 1, 1, 1}}});
  for (const std::int8_t value : y[0].As<std::int8_t>()) EXPECT_EQ(value, 0);
}

TEST(QLinearConv, ExtremeOperandsAreExact) {
  const Tensor x = Filled(ElementType::kInt8, {1, 1000, 1}, -128);
  const auto y = Execute("ConvInteger", {x, Filled(ElementType::kInt8, {1, 1000, 1}, -128)});
  EXPECT_EQ(y[0].As<std::int32_t>()[0], 1000 * 16384);
}

TEST(Conv, RandomShapesEqualTheDefinition) {
  constexpr std::uint64_t kSeed = 7;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    const std::int64_t group = random.Between(1, 3), cg = random.Between(1, 5);
    const std::int64_t mg = random.Between(1, 6), h = random.Between(1, 9),
                       w = random.Between(1, 9);
    const std::int64_t kh = random.Between(1, 3), kw = random.Between(1, 3),
                       s = random.Between(1, 3);
    const std::int64_t d = random.Between(1, 2), p = random.Between(2, 4);
    Tensor x(ElementType::kInt8, {1, group * cg, h, w});
    Tensor weights(ElementType::kInt8, {group * mg, cg, kh, kw});
    for (auto& v : x.As<std::int8_t>()) v = static_cast<std::int8_t>(random.Signed(8));
    for (auto& v : weights.As<std::int8_t>()) v = static_cast<std::int8_t>(random.Signed(8));
    const auto y = Execute("ConvInteger", {x, weights},
                           {{"group", group},
                            {"strides", Ints{s, s}},
                            {"dilations", Ints{d, d}},
                            {"pads", Ints{p, p, p, p}}});
    const std::int64_t oh = y[0].shape()[2], ow = y[0].shape()[3];
    ASSERT_EQ(oh, (h + 2 * p - (kh - 1) * d - 1) / s + 1);
    const auto in = x.As<std::int8_t>(), wt = weights.As<std::int8_t>();
    const auto out = y[0].As<std::int32_t>();
    for (std::int64_t m = 0; m < group * mg; ++m) {
      for (std::int64_t at = 0; at < oh * ow; ++at) {
        std::int64_t sum = 0;
        for (std::int64_t k = 0; k < cg * kh * kw; ++k) {
          const std::int64_t iy = at / ow * s - p + k / kw % kh * d,
                             ix = at % ow * s - p + k % kw * d;
          if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
          const std::int64_t c = m / mg * cg + k / kw / kh;
          sum += in[static_cast<std::size_t>((c * h + iy) * w + ix)] *
                 wt[static_cast<std::size_t>(m * cg * kh * kw + k)];
        }
        ASSERT_EQ(out[static_cast<std::size_t>(m * oh * ow + at)], sum)
            << "seed " << kSeed << " trial " << trial << " feature " << m << " output " << at;
      }
    }
  }
}

TEST(Execute, EmptyTensorsGiveEmptyTensors) {
  EXPECT_EQ(Execute("Relu", {Zeros({0, 3})})[0].shape(), (Shape{0, 3}));
  EXPECT_EQ(Execute("Conv", {Zeros({0, 1, 4, 4}), Zeros({2, 1, 3, 3})})[0].shape(),
            (Shape{0, 2, 2, 2}));
  EXPECT_EQ(Execute("MatMul", {Zeros({2, 0}), Zeros({0, 3})})[0].shape(), (Shape{2, 3}));
  EXPECT_EQ(
      Execute("Concat", {Zeros({0, 2}), Zeros({3, 2})}, {{"axis", std::int64_t{0}}})[0].shape(),
      (Shape{3, 2}));
  EXPECT_EQ(Execute("Softmax", {Zeros({0, 3})})[0].size(), 0);
  EXPECT_EQ(Execute("Transpose", {Zeros({0, 3, 2})})[0].shape(), (Shape{2, 3, 0}));
  EXPECT_EQ(
      Execute("Slice", {Zeros({0}), Longs({-1}), Longs({-9}), Longs({0}), Longs({-1})})[0].size(),
      0);
  EXPECT_EQ(Execute("Gather", {Zeros({3, 0}), Longs({1})})[0].shape(), (Shape{1, 0}));
}

TEST(Execute, UnknownOperatorsAndDomainsAreNamedWithTheNode) {
  EXPECT_THAT(ErrorOf("Einsum", {}), AllOf(HasSubstr("'it'"), HasSubstr("Einsum")));
  Node node;
  node.name = "it";
  node.op = "Conv";
  node.domain = "com.example";
  EXPECT_THROW(ExecuteNode(node, {}, 17), RequestError);
}

/// Each must end in a message that names node and operator, whatever the shapes.
TEST(Execute, WhatDoesNotFitIsAnErrorThatNamesTheNode) {
  struct Case {
    std::string op;
    std::vector<Tensor> inputs;
    Attributes attributes;
    std::string says;
  };
  const Tensor x = Zeros({1, 2, 4, 4});
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const std::vector<Case> cases = {
      {"Conv", {x, Zeros({3, 2, 5, 5})}, {}, "reaches over 5"},
      {"Conv", {x, Zeros({3, 1, 3, 3})}, {}, "do not fit"},
      {"Conv", {x, Zeros({3, 2, 3, 3}), Zeros({2})}, {}, "bias"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"strides", Ints{0, 1}}}, "strides 0"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"pads", Ints{huge, 0, 0, 0}}}, "pads"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"pads", Ints{1 << 15, 1 << 15, 0, 0}}}, "1 GiB"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"dilations", Ints{huge, 1}}}, "dilations"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"group", std::int64_t{0}}}, "groups"},
      {"Conv", {x, Zeros({3, 2, 3, 3})}, {{"auto_pad", "SOME"}}, "SOME"},
      {"Conv", {x}, {}, "input 1 is missing"},
      {"Conv", {x, Filled(ElementType::kInt8, {3, 2, 3, 3}, 0)}, {}, "int8"},
      {"MatMul", {Zeros({2, 3}), Zeros({4, 2})}, {}, "do not fit"},
      {"MatMul", {Zeros({}), Zeros({4, 2})}, {}, "scalar"},
      {"MatMul", {Zeros({1 << 30, 1, 0, 1}), Zeros({1, 1 << 30, 1, 0})}, {}, ""},
      {"Gemm", {Zeros({2, 3}), Zeros({3, 2}), Zeros({3})}, {}, "broadcast"},
      {"Add", {Zeros({2, 3}), Zeros({2})}, {}, "do not broadcast"},
      {"Add", {Zeros({1 << 20, 1}), Zeros({1 << 20})}, {}, "1 GiB"},
      {"Add", {Zeros({2}), Longs({1, 2})}, {}, "types"},
      {"Div", {Longs({1}), Longs({0})}, {}, "zero"},
      {"MaxPool", {x}, {}, "kernel_shape"},
      {"MaxPool", {x}, {{"kernel_shape", Ints{9, 9}}}, "reaches over 9"},
      {"AveragePool", {x}, {{"kernel_shape", Ints{-1, 2}}}, "out of range"},
      {"GlobalAveragePool", {Zeros({1, 2, 0})}, {}, "empty"},
      {"Concat", {x, Zeros({1, 2, 4})}, {{"axis", std::int64_t{1}}}, "does not fit"},
      {"Concat", {x}, {{"axis", std::int64_t{9}}}, "axis 9"},
      {"Split", {Zeros({5})}, {}, "equal parts"},
      {"Split", {Zeros({5}), Longs({huge, huge})}, {}, "longer"},
      {"Slice", {x, Longs({0}), Longs({1}), Longs({0}), Longs({0})}, {}, "step"},
      {"Slice", {x, Longs({0, 0}), Longs({1})}, {}, "length"},
      {"Gather", {Zeros({3}), Longs({3})}, {}, "index 3"},
      {"Pad", {Zeros({3}), Longs({huge, huge})}, {}, "1 GiB"},
      {"Pad", {Zeros({3}), Longs({-2, -2})}, {}, "negative"},
      {"Pad", {Zeros({3}), Longs({5, 0})}, {{"mode", "reflect"}}, "reflect"},
      {"Pad", {Zeros({0}), Longs({1, 0})}, {{"mode", "edge"}}, "empty"},
      {"Reshape", {Zeros({6}), Longs({-1, 4})}, {}, "-1"},
      {"Reshape", {Zeros({6}), Longs({huge, huge, huge})}, {}, ""},
      {"Transpose", {x}, {{"perm", Ints{0, 1, 1, 2}}}, "twice"},
      {"Squeeze", {x, Longs({1})}, {}, "is not 1"},
      {"Unsqueeze", {Zeros({2}), Longs({0, 0})}, {}, "twice"},
      {"Cast", {x}, {{"to", std::int64_t{10}}}, "not supported"},
      {"Resize", {x, {}, Tensor::Of<float>({4}, std::vector<float>{1, 1, -1, 1})}, {}, "scale"},
      {"Resize", {x, {}, {}, Longs({1, 2, huge, 4})}, {}, ""},
      {"Resize", {x, {}, {}, Longs({1, 2, 4, 8})}, {{"mode", "cubic"}}, "cubic"},
      {"QuantizeLinear", {x, Zeros({3})}, {}, "3 scales"},
      {"BatchNormalization", {x, Zeros({3}), Zeros({2}), Zeros({2}), Zeros({2})}, {}, "channel"},
      {"ReduceMean", {x}, {{"axes", Ints{7}}}, "axis 7"},
      {"Softmax", {x}, {{"axis", std::int64_t{-5}}}, "axis -5"},
      {"Clip", {x, Zeros({2})}, {}, "one element"},
      {"DepthToSpace", {Zeros({1, 6, 2, 2})}, {{"blocksize", std::int64_t{2}}}, "divide"},
      {"DepthToSpace", {Zeros({1, 4, 2, 2})}, {{"blocksize", huge}}, "divide"},
      {"DepthToSpace", {Zeros({4, 2})}, {{"blocksize", std::int64_t{1}}}, "4 dimensions"},
      {"Resize", {x, {}, {}, Longs({1, 2, huge, 4})}, {{"mode", "linear"}}, ""},
      {"Resize",
       {x, {}, Tensor::Of<float>({4}, std::vector<float>{1, 1, 0.7F, 1})},
       {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}},
       "fraction"},
      {"LRN", {x}, {}, "size must be"},
      {"LRN", {Zeros({3})}, {{"size", std::int64_t{3}}}, "batch and channels"},
  };
  for (const Case& c : cases) {
    if (c.op == "Split") {
      EXPECT_THAT(ErrorOf(c.op, c.inputs, c.attributes, 13, 2),
                  AllOf(HasSubstr("node 'it' (Split): "), HasSubstr(c.says)));
      continue;
    }
    EXPECT_THAT(ErrorOf(c.op, c.inputs, c.attributes),
                AllOf(HasSubstr("node 'it' (" + c.op + "): "), HasSubstr(c.says)))
        << c.op << " " << c.says;
  }
}

TEST(Execute, AnOutputThatAnOperatorDoesNotMakeIsAnError) {
  EXPECT_THAT(ErrorOf("Relu", {Zeros({2})}, {}, 17, 2), HasSubstr("output 1"));
}

TEST(Execute, APoolingWindowThatWouldStartInThePaddingIsLeftOut) {
  Attributes attributes = {{"kernel_shape", Ints{2}},
                           {"strides", Ints{3}},
                           {"pads", Ints{0, 1}},
                           {"ceil_mode", std::int64_t{1}}};
  EXPECT_EQ(Execute("MaxPool", {Zeros({1, 1, 11})}, attributes)[0].shape(), (Shape{1, 1, 4}));
  attributes["pads"] = Ints{0, 0};
  EXPECT_EQ(Execute("MaxPool", {Zeros({1, 1, 10})}, attributes)[0].shape(), (Shape{1, 1, 4}));
}

TEST(Execute, OldBroadcastingAlignsAtTheAxis) {
  const Tensor a = Zeros({2, 3, 4});
  const Tensor b = Tensor::Of<float>({3}, std::vector<float>{1, 2, 3});
  const auto y =
      Execute("Add", {a, b}, {{"broadcast", std::int64_t{1}}, {"axis", std::int64_t{1}}}, 6);
  EXPECT_EQ(y[0].As<float>()[4], 2.0F);
  EXPECT_EQ(y[0].As<float>()[23], 3.0F);
  EXPECT_THAT(ErrorOf("Add", {a, b}, {}, 6), HasSubstr("differ"));
}

TEST(Execute, OldSoftmaxSumsOverAllDimensionsFromTheAxisOn) {
  const auto y = Execute("Softmax", {Zeros({2, 3, 4})}, {}, 11);
  EXPECT_FLOAT_EQ(y[0].As<float>()[0], 1.0F / 12.0F);
  EXPECT_FLOAT_EQ(Execute("Softmax", {Zeros({2, 3, 4})})[0].As<float>()[0], 0.25F);
}

TEST(Execute, LrnSumsOverTheNeighboursThatExist) {
  // An even size has one neighbour more behind than before; alpha / size is 1.
  const Tensor x = Tensor::Of<float>({1, 4, 1}, std::vector<float>{1, 2, 3, 4});
  const auto y = Execute("LRN", {x}, {{"size", std::int64_t{4}}, {"alpha", 4.0F}, {"beta", 0.5F}});
  const auto out = y[0].As<float>();
  EXPECT_FLOAT_EQ(out[0], 1 / std::sqrt(1.0F + 1 + 4 + 9));
  EXPECT_FLOAT_EQ(out[1], 2 / std::sqrt(1.0F + 1 + 4 + 9 + 16));
  EXPECT_FLOAT_EQ(out[2], 3 / std::sqrt(1.0F + 4 + 9 + 16));
  EXPECT_FLOAT_EQ(out[3], 4 / std::sqrt(1.0F + 9 + 16));
  EXPECT_EQ(Execute("LRN", {Zeros({2, 0, 3})}, {{"size", std::int64_t{3}}})[0].size(), 0);
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  EXPECT_FLOAT_EQ(Execute("LRN", {x}, {{"size", huge}, {"alpha", 0.0F}})[0].As<float>()[3], 4.0F);
}

TEST(Execute, CastsThatDoNotFitSaturateAndNanIsZero) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x =
      Tensor::Of<float>({5}, std::vector<float>{1e20F, -1e20F, inf, std::nanf(""), -1.9F});
  const auto y = Execute("Cast", {x}, {{"to", std::int64_t{7}}})[0];
  EXPECT_THAT(y.As<std::int64_t>(),
              testing::ElementsAre(std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::int64_t>::max(), 0, -1));
}

TEST(ExecuteNetwork, ReturnsEveryTensorAndCallsBackAfterEachNode) {
  Network network;
  network.opset = 17;
  network.inputs = {"x"};
  network.outputs = {"z"};
  network.nodes = {{"a", "Relu", "", {"x"}, {"y"}, {}}, {"b", "Neg", "", {"y"}, {"z"}, {}}};
  int calls = 0;
  const Tensors tensors = ExecuteNetwork(network, {{"x", Tensor::Scalar(-2.0F)}},
                                         [&](const Node& node, const Tensors& so_far) {
                                           ++calls;
                                           EXPECT_TRUE(so_far.contains(node.outputs[0]));
                                         });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(tensors.size(), 3U);
  EXPECT_THROW(ExecuteNetwork(network, {}), RequestError);
}

}  // namespace
}  // namespace systole
