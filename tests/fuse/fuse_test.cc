// SPDX-License-Identifier: Apache-2.0
// The rewrite on small networks: where the kernels allow it, the fused network must compute what
// its teacher computes.
#include "sw/fuse/fuse.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "sw/onnx/onnx_io.h"
#include "tests/fuse/block.h"
#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kernel = TestBlock::Kernel;
using Weights = FuseOptions::Weights;

const FuseOptions kFull{.half = false};
const FuseOptions kHalf{.half = true};
constexpr double kRounding = 1e-5;

Tensor OutputOf(const Network& network, const std::string& output = "y") {
  return ExecuteNetwork(network, InputsFor(network, 7)).at(output);
}

/// The reason why a layer stayed; "" when it was replaced.
std::string ReasonOf(const Network& network, const FuseOptions& options) {
  FuseReport report;
  const Network result = Fuse(network, options, &report);
  if (report.kept.empty()) return "";
  EXPECT_TRUE(result == network) << "a refused layer must leave the network as it was";
  return report.kept.front().reason;
}

/// Both variants replace the layer and compute what the teacher does.
void ExpectExact(const TestBlock& block, Weights weights = Weights::kSeparated) {
  const Network teacher = BuildBlock(block, 3);
  for (const bool half : {false, true}) {
    SCOPED_TRACE(half ? "half" : "full");
    FuseReport report;
    const Network fused = Fuse(teacher, {.half = half, .weights = weights}, &report);
    ASSERT_THAT(report.replaced, SizeIs(1));
    CheckNetwork(fused);
    EXPECT_LE(LargestDifference(OutputOf(fused), OutputOf(teacher)), kRounding);
  }
}

TEST(Fuse, IsExactWhereKernelsAreOnePixel) {
  ExpectExact({.kernel = Kernel::kMiddle});
  ExpectExact(
      {.kernel = Kernel::kMiddle, .bias = true, .normalization = true, .activation = "Relu"});
}

TEST(Fuse, IsExactForEveryKernelSizeAndStride) {
  for (const std::int64_t height : {3, 5, 7}) {
    for (const std::int64_t width : {3, 5, 7}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        SCOPED_TRACE(fmt::format("{}x{} stride {}", height, width, stride));
        ExpectExact({.height = 11,
                     .width = 10,
                     .kernel_height = height,
                     .kernel_width = width,
                     .strides = {stride, 4 - stride},
                     .pads = {height / 2, width / 2, height / 2, width / 2},
                     .kernel = Kernel::kMiddle});
      }
    }
  }
}

// Too little padding cuts lines off the input, too much goes on as padding.
TEST(Fuse, IsExactForAnyPadding) {
  for (std::int64_t code = 0; code < 256; ++code) {
    const std::vector<std::int64_t> pads = {code % 4, code / 4 % 4, code / 16 % 4, code / 64};
    SCOPED_TRACE(fmt::format("pads {} {} {} {}", pads[0], pads[1], pads[2], pads[3]));
    ExpectExact({.kernel_height = 5, .strides = {2, 1}, .pads = pads, .kernel = Kernel::kMiddle});
  }
}

TEST(Fuse, IsExactForAutoPadAndDilation) {
  for (const std::string auto_pad : {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      for (const std::int64_t size : {9, 10, 11}) {
        SCOPED_TRACE(fmt::format("{} stride {} of {}", auto_pad, stride, size));
        ExpectExact({.height = size,
                     .width = 12,
                     .kernel_width = 5,
                     .strides = {stride, stride},
                     .auto_pad = auto_pad,
                     .kernel = Kernel::kMiddle});
      }
    }
  }
  ExpectExact({.pads = {2, 3, 2, 3}, .dilations = {2, 3}, .kernel = Kernel::kMiddle});
}

/// A Half network of kernels that are lines: rows in the first half of the channels, columns in the
/// second.
Network WithLines(TestBlock block, std::uint64_t seed) {
  block.kernel = Kernel::kWhole;
  Network network = BuildBlock(block, seed);
  Tensor& weights = network.initializers.at("w_dw");
  const std::int64_t rows = block.kernel_height, cols = block.kernel_width;
  auto values = weights.As<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const bool first = at / (rows * cols * block.multiplier) < (block.channels + 1) / 2;
    const bool on_line = first ? at / cols % rows == rows / 2 : at % cols == cols / 2;
    if (!on_line) values[i] = 0;
  }
  return network;
}

TEST(HalfVariant, GivesTheFirstHalfRowsAndTheSecondColumns) {
  for (const std::int64_t channels : {2, 3, 4, 7}) {
    for (const std::int64_t multiplier : {1, 2}) {
      SCOPED_TRACE(fmt::format("{} channels, multiplier {}", channels, multiplier));
      const Network teacher = WithLines({.channels = channels,
                                         .multiplier = multiplier,
                                         .height = 10,
                                         .kernel_height = 5,
                                         .strides = {2, 1},
                                         .pads = {1, 2, 3, 0},
                                         .dilations = {1, 2},
                                         .bias = true,
                                         .normalization = true,
                                         .activation = "decomposed",
                                         .squeeze = true},
                                        5);
      for (const Weights weights : {Weights::kSeparated, Weights::kProjected}) {
        const Network fused = Fuse(teacher, {.half = true, .weights = weights});
        EXPECT_LE(LargestDifference(OutputOf(fused), OutputOf(teacher)), kRounding);
      }
    }
  }
}

TEST(HalfVariant, KeepsTheNameOfAnOutputOfTheNetwork) {
  Network teacher = WithLines({.pointwise = false}, 5);
  teacher.nodes.pop_back();
  teacher.nodes.back().outputs = {"y"};
  CheckNetwork(teacher);
  const Network fused = Fuse(teacher, kHalf);
  EXPECT_LE(LargestDifference(OutputOf(fused), OutputOf(teacher)), kRounding);
  EXPECT_THAT(ReasonOf(teacher, kFull), HasSubstr("output of the network"));
}

// One line alone cannot be both; the mean of both lines can.
TEST(FullVariant, ReproducesACrossWhenNothingButAdditionsFollow) {
  const TestBlock block{.height = 10,
                        .kernel_height = 5,
                        .strides = {2, 1},
                        .pads = {2, 1, 2, 1},
                        .kernel = Kernel::kCross,
                        .bias = true,
                        .normalization = true,
                        .consumers = 2};
  const Network teacher = BuildBlock(block, 5);
  const Network fused = Fuse(teacher, {.weights = Weights::kProjected});
  EXPECT_LE(LargestDifference(OutputOf(fused), OutputOf(teacher)), kRounding);
  EXPECT_LE(LargestDifference(OutputOf(fused, "y2"), OutputOf(teacher, "y2")), kRounding);
  EXPECT_GT(LargestDifference(OutputOf(Fuse(teacher, kFull)), OutputOf(teacher)), 0.1);
}

TEST(FullVariant, GrowsEveryConsumer) {
  const Network fused = Fuse(BuildBlock({.consumers = 3}, 1), kFull);
  for (const std::string name : {"pw", "pw2", "pw3"}) {
    const Node& node = NodeNamed(fused, name);
    EXPECT_EQ(fused.Constant(node.inputs[1])->shape(), (Shape{3, 8, 1, 1})) << name;
  }
}

TEST(FullVariant, GrowsSqueezeAndExciteAsTwoBlocks) {
  const TestBlock block{
      .kernel = Kernel::kMiddle, .normalization = true, .activation = "HardSwish", .squeeze = true};
  FuseReport report;
  const Network fused = Fuse(BuildBlock(block, 2), kFull, &report);
  EXPECT_THAT(report.replaced.at(0).grown, ElementsAre("reduce", "expand", "pw"));
  EXPECT_EQ(fused.Constant(NodeNamed(fused, "reduce").inputs[1])->shape(), (Shape{4, 8, 1, 1}));
  EXPECT_EQ(fused.Constant(NodeNamed(fused, "expand").inputs[1])->shape(), (Shape{8, 4, 1, 1}));
  EXPECT_EQ(fused.Constant(NodeNamed(fused, "expand").inputs[2])->shape(), (Shape{8}));
  ExpectExact(block);
}

TEST(FullVariant, GrowsAClassifierBehindAPool) {
  GraphBuilder graph;
  Stimulus random(4);
  graph.Input("x", {2, 3, 6, 6}).Floats("w", {3, 1, 3, 3}, std::vector<float>(27, 0));
  graph.Random("m", {12, 5}, random).Random("b", {5}, random);
  graph.Add("Conv", {"x", "w"}, "a", {{"group", std::int64_t{3}}});
  graph.Add("MaxPool", {"a"}, "p",
            {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
             {"strides", std::vector<std::int64_t>{2, 2}}});
  graph.Add("Flatten", {"p"}, "f").Add("Gemm", {"f", "m", "b"}, "y");
  Network teacher = graph.Build({"y"});
  auto w = teacher.initializers.at("w").As<float>();
  for (std::size_t c = 0; c < 3; ++c) w[c * 9 + 4] = static_cast<float>(c + 1);
  const Network fused = Fuse(teacher, kFull);
  EXPECT_EQ(fused.Constant(NodeNamed(fused, "y_node").inputs[1])->shape(), (Shape{24, 5}));
  EXPECT_LE(LargestDifference(OutputOf(fused), OutputOf(teacher)), kRounding);
}

TEST(FullVariant, GrowsAClassifierBehindAReshape) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{0, -1}, {2, 3}, {-1, 3}, {0, 3, 1, 1}, {2, -1}}) {
    GraphBuilder graph;
    Stimulus random(4);
    graph.Input("x", {2, 3, 6, 6}).Floats("w", {3, 1, 3, 3}, std::vector<float>(27, 0));
    graph.Constant("s", Tensor::Of<std::int64_t>({static_cast<std::int64_t>(shape.size())}, shape));
    graph.Add("Conv", {"x", "w"}, "a", {{"group", std::int64_t{3}}});
    graph.Add("GlobalAveragePool", {"a"}, "p").Add("Reshape", {"p", "s"}, "f");
    if (shape.size() == 2) {
      graph.Random("m", {3, 5}, random).Add("MatMul", {"f", "m"}, "y");
    } else {
      graph.Random("m", {5, 3, 1, 1}, random).Add("Conv", {"f", "m"}, "y");
    }
    Network teacher = graph.Build({"y"});
    auto w = teacher.initializers.at("w").As<float>();
    for (std::size_t c = 0; c < 3; ++c) w[c * 9 + 4] = static_cast<float>(c + 1);
    const Tensor expected = OutputOf(teacher);
    InferShapes(teacher, {});
    FuseReport report;
    const Network fused = Fuse(teacher, kFull, &report);
    EXPECT_THAT(report.replaced, SizeIs(1)) << report.kept.at(0).reason;
    EXPECT_LE(LargestDifference(OutputOf(fused), expected), kRounding);
  }
}

TEST(Fuse, PutsNormalizationAndActivationIntoTheBranches) {
  const Network fused = Fuse(BuildBlock({.normalization = true, .activation = "Relu"}, 1), kHalf);
  EXPECT_THAT(OperatorsOf(fused),
              ElementsAre("Slice", "Conv", "BatchNormalization", "Relu", "Slice", "Conv",
                          "BatchNormalization", "Relu", "Concat", "Conv"));
}

TEST(Fuse, LeavesOtherConvolutionsAlone) {
  for (const auto& [height, width, reason] : {std::tuple{1, 1, "1x1"},
                                              {1, 3, "one-dimensional already (1x3)"},
                                              {5, 1, "one-dimensional already (5x1)"},
                                              {2, 2, "no middle"},
                                              {3, 4, "no middle"},
                                              {65, 3, "larger than 63"}}) {
    const TestBlock block{.kernel_height = height,
                          .kernel_width = width,
                          .pads = {height / 2, width / 2, height / 2, width / 2}};
    EXPECT_THAT(ReasonOf(BuildBlock(block, 1), kFull), HasSubstr(reason));
    EXPECT_THAT(ReasonOf(BuildBlock(block, 1), kHalf), HasSubstr(reason));
  }
  Network dense = BuildBlock({}, 1);
  dense.nodes.erase(dense.nodes.begin());
  dense.nodes[0].inputs[0] = "x";
  FuseReport report;
  EXPECT_TRUE(Fuse(dense, kHalf, &report) == dense);
  EXPECT_THAT(report.kept, IsEmpty());
}

TEST(FullVariant, RefusesWhatCannotTakeTwiceTheChannels) {
  Network residual = BuildBlock({.activation = "Relu"}, 1);
  residual.nodes.insert(residual.nodes.begin() + 2,
                        {"add", "Add", "", {"act_out", "x"}, {"sum"}, {}});
  residual.nodes.back().inputs[0] = "sum";
  CheckNetwork(residual);
  EXPECT_THAT(ReasonOf(residual, kFull),
              AllOf(HasSubstr("node 'add' (Add)"), HasSubstr("'x', which keeps its channels")));
  EXPECT_EQ(ReasonOf(residual, kHalf), "");

  Network grouped = BuildBlock({.channels = 3}, 1);
  grouped.nodes.back().attributes["group"] = std::int64_t{3};
  grouped.initializers.at("w_pw") = Tensor(ElementType::kFloat32, {3, 1, 1, 1});
  EXPECT_THAT(ReasonOf(grouped, {.half = false, .nodes = std::nullopt}), HasSubstr("node 'pw'"));

  Network transposed = BuildBlock({}, 1);
  transposed.nodes.back().op = "ConvTranspose";
  EXPECT_THAT(ReasonOf(transposed, kFull), HasSubstr("ConvTranspose"));
}

// What mixes channels, or adds some, is no spatial operator.
TEST(FullVariant, RefusesMeansAndPaddingOfTheChannels) {
  const std::vector<std::pair<std::string, std::map<std::string, Attribute>>> nodes = {
      {"ReduceMean", {{"axes", std::vector<std::int64_t>{1}}}},
      {"ReduceMean", {{"axes", std::vector<std::int64_t>{-3, 2}}}},
      {"Pad", {{"pads", std::vector<std::int64_t>{0, 0, 0, 0, 0, 1, 0, 0}}}},
      {"Pad", {{"pads", std::vector<std::int64_t>{0, 1, 0, 0, 0, 0, 0, 0}}}}};
  for (const auto& [op, attributes] : nodes) {
    Network network = BuildBlock({.activation = "Relu", .opset = 10}, 1);
    network.nodes.insert(network.nodes.begin() + 2,
                         {"mixed", op, "", {"act_out"}, {"mixed"}, attributes});
    network.nodes.back().inputs[0] = "mixed";
    EXPECT_THAT(ReasonOf(network, kFull), HasSubstr("node 'mixed'"));
  }
}

TEST(Fuse, RefusesWeightsThatAreNoConstants) {
  Network network = BuildBlock({}, 1);
  network.values["w_dw"] = {ElementType::kFloat32, {4, 1, 3, 3}, true, {}};
  network.inputs.push_back("w_dw");
  network.initializers.erase("w_dw");
  CheckNetwork(network);
  EXPECT_THAT(ReasonOf(network, kHalf), HasSubstr("weights are no constants"));
}

TEST(Fuse, NamesLayersThatAreMissingOrCannotBeReplaced) {
  const Network network = BuildBlock({.kernel_height = 1, .pads = {0, 1, 0, 1}}, 1);
  try {
    Fuse(network, {.nodes = std::set<std::string>{"dw", "nothing"}});
    FAIL();
  } catch (const RequestError& error) {
    ASSERT_THAT(error.problems(), SizeIs(2));
    EXPECT_THAT(error.problems()[0].what, HasSubstr("\"dw\" cannot be replaced: it is one-dim"));
    EXPECT_THAT(error.problems()[1].what, HasSubstr("no depthwise convolution \"nothing\""));
  }
}

TEST(Fuse, RandomWeightsDependOnTheSeedAndKeepTheNormOfTheKernel) {
  const Network teacher = BuildBlock({}, 1);
  const auto row = [&](std::uint64_t seed) {
    const Network fused = Fuse(teacher, {.half = true, .weights = Weights::kRandom, .seed = seed});
    return *fused.Constant(NodeNamed(fused, "dw_1x3").inputs[1]);
  };
  EXPECT_TRUE(row(1) == row(1));
  EXPECT_FALSE(row(1) == row(2));
  double want = 0, got = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    const double w = teacher.Constant("w_dw")->As<float>()[i];
    want += w * w;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const double w = row(1).As<float>()[i];
    got += w * w;
  }
  EXPECT_NEAR(got, want, 1e-5);
}

}  // namespace
}  // namespace systole
