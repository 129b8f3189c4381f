// SPDX-License-Identifier: Apache-2.0
#include "models/tflite.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "models/pictures.h"
#include "models/tflite_file.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"
#include "tests/models/tflite_writer.h"
#include "tests/ref/onnx_runtime.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::ElementsAreArray;

const fs::path kTrained =
    fs::path(SYSTOLE_SOURCE_DIR) / "models" / "face" / "full_range_sparse.tflite";

constexpr int kAdd = 0, kConv = 3, kDepthwise = 4, kDepthToSpace = 5, kDequantize = 6,
              kReshape = 22, kResize = 23, kPad = 34, kDensify = 124;

std::vector<float> Counting(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i + 1);
  return values;
}

std::vector<float> Values(const Tensor& tensor) {
  return {tensor.As<float>().begin(), tensor.As<float>().end()};
}

TEST(TfliteHalf, IsExact) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = models::FromHalf(static_cast<std::uint16_t>(bits));
    const int exponent = static_cast<int>(bits >> 10 & 31),
              fraction = static_cast<int>(bits & 1023);
    float expected = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                   : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    if (exponent == 31) {
      expected = fraction == 0 ? std::numeric_limits<float>::infinity() : std::nanf("");
    }
    ASSERT_EQ(std::signbit(value), bits >= 32768) << bits;
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << bits;
    } else {
      ASSERT_EQ(std::abs(value), expected) << bits;
    }
  }
}

/// The values of a sparse constant of that shape.
std::vector<float> Densified(const Shape& shape, const std::vector<float>& values,
                             const std::vector<std::int64_t>& traversal,
                             const std::vector<std::int64_t>& blocks,
                             const FlatNode::Tables& levels) {
  TfliteWriter writer;
  writer.Tensor("weights", shape, 0, Floats32(values));
  writer.Sparse({{{0, Ints(traversal)}, {1, Ints(blocks)}, {2, levels}}});
  const std::string bytes = writer.Write({}, {});
  const models::TfliteModel model = models::ParseTflite(bytes, "test");
  return Values(models::ConstantOf(model.tensors.at(0), "test"));
}

TEST(TfliteSparse, ReadsCompressedRowsWithIndicesOfEverySize) {
  for (const int bytes : {1, 2, 4}) {
    EXPECT_THAT(Densified({3, 4}, {5, 6, 7}, {0, 1}, {},
                          {DenseLevel(3), SparseLevelOf({0, 2, 2, 3}, {1, 3, 0}, bytes)}),
                ElementsAre(0, 5, 0, 6, 0, 0, 0, 0, 7, 0, 0, 0));
  }
}

TEST(TfliteSparse, FollowsTheOrderOfTraversal) {
  // Columns first: column 1 has rows 0 and 2.
  EXPECT_THAT(Densified({3, 2}, {5, 6, 7}, {1, 0}, {},
                        {DenseLevel(2), SparseLevelOf({0, 1, 3}, {1, 0, 2})}),
              ElementsAre(0, 6, 5, 0, 0, 7));
}

TEST(TfliteSparse, PutsBlocksTogether) {
  // Blocks of 2x2 of a 4x4 tensor; block row 0 has block column 1, block row 1 has 0.
  EXPECT_THAT(
      Densified({4, 4}, Counting(8), {0, 1, 2, 3}, {0, 1},
                {DenseLevel(2), SparseLevelOf({0, 1, 2}, {1, 0}), DenseLevel(2), DenseLevel(2)}),
      ElementsAre(0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0));
}

/// 5x4 image of 2 colours -> CONV_2D (SAME, stride 2, RELU) with float16 weights, sparse ones.
std::string SmallModel() {
  TfliteWriter writer;
  const auto input = writer.Tensor("image", {1, 5, 4, 2});
  const auto stored = writer.Tensor("w16", {3, 3, 2, 2}, 1, Floats16({1, 2, 3, 4, 5, 6}));
  writer.Sparse({{{0, Ints({0, 1, 2, 3})},
                  {1, Ints({})},
                  {2, FlatNode::Tables{
                          DenseLevel(3), DenseLevel(3), DenseLevel(2),
                          SparseLevelOf({0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 6},
                                        {0, 1, 1, 0, 1, 1})}}}});
  const auto dense = writer.Tensor("w16d", {3, 3, 2, 2}, 1);
  const auto weights = writer.Tensor("w", {3, 3, 2, 2});
  const auto bias = writer.Tensor("b", {3}, 0, Floats32({0.5F, -1, 2}));
  const auto y = writer.Tensor("y", {1, 3, 2, 3});
  writer.Operator(kDensify, {stored}, {dense});
  writer.Operator(kDequantize, {dense}, {weights});
  writer.Operator(kConv, {input, weights, bias}, {y},
                  {{{0, Byte(0)}, {1, Word(2)}, {2, Word(2)}, {3, Byte(1)}}});
  return writer.Write({input}, {y});
}

TEST(Tflite, TurnsAConvolutionAndItsSparseWeights) {
  const Network network = ParseTfliteNetwork(SmallModel(), "small.tflite");
  EXPECT_THAT(network.inputs, ElementsAre("input"));
  EXPECT_EQ(network.values.at("input").shape, (Shape{-1, 2, 5, 4}));
  ASSERT_EQ(network.nodes.size(), 2U);
  const Node& conv = network.nodes[0];
  EXPECT_EQ(conv.name, "conv1");
  EXPECT_EQ(network.nodes[1].name, "conv1/relu");
  // 3 rows of windows of 3 at stride 2 over 5 rows; 2 columns of windows of 2 over 4 columns.
  EXPECT_THAT(conv.Ints("pads", {}), ElementsAre(1, 0, 1, 0));
  const Tensor& weights = network.initializers.at("conv1/weight");
  EXPECT_EQ(weights.shape(), (Shape{3, 2, 3, 2}));
  // Output 0: (row 0, column 0, colour 0) is 1, (1, 0, 1) is 2, (2, 1, 1) is 3.
  const std::vector<float> all = Values(weights);
  EXPECT_THAT(std::vector<float>(all.begin(), all.begin() + 12),
              ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3));
  EXPECT_THAT(Values(network.initializers.at("conv1/bias")), ElementsAre(0.5F, -1, 2));
}

/// What TensorFlow Lite defines, with images as it has them: batch 1, height x width x channels.
struct Image {
  std::int64_t height, width, channels;
  std::vector<float> values;
  float At(std::int64_t y, std::int64_t x, std::int64_t c) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    return values[static_cast<std::size_t>((y * width + x) * channels + c)];
  }
};

Tensor ChannelsFirst(const Image& image) {
  Tensor tensor(ElementType::kFloat32, {1, image.channels, image.height, image.width});
  auto out = tensor.As<float>().begin();
  for (std::int64_t c = 0; c < image.channels; ++c) {
    for (std::int64_t y = 0; y < image.height; ++y) {
      for (std::int64_t x = 0; x < image.width; ++x) *out++ = image.At(y, x, c);
    }
  }
  return tensor;
}

// PAD and VALID depthwise convolution with a multiplier of 2, an addition, a resize by 2,
// DEPTH_TO_SPACE and RESHAPE, against the definitions.
TEST(Tflite, ComputesWhatTensorFlowLiteDefines) {
  const std::int64_t height = 4, width = 3;
  const Image image = {height, width, 2, Counting(24)};
  const std::vector<float> kernel = Counting(3 * 2 * 4);  // 1 x 3 x 2 x 4
  TfliteWriter writer;
  const auto x = writer.Tensor("x", {1, height, width, 2});
  const auto pads = writer.Tensor("pads", {4, 2}, 2, Ints32({0, 0, 1, 1, 0, 1, 0, 0}));
  const auto padded = writer.Tensor("padded", {1, 6, 4, 2});
  const auto w = writer.Tensor("w", {1, 3, 2, 4}, 0, Floats32(kernel));
  const auto b = writer.Tensor("b", {4}, 0, Floats32({1, 2, 3, 4}));
  const auto y = writer.Tensor("y", {1, 4, 3, 4});
  const auto sum = writer.Tensor("sum", {1, 4, 3, 4});
  const auto size = writer.Tensor("size", {2}, 2, Ints32({8, 6}));
  const auto large = writer.Tensor("large", {1, 8, 6, 4});
  const auto space = writer.Tensor("space", {1, 16, 12, 1});
  const auto shape = writer.Tensor("shape", {3}, 2, Ints32({1, 192, 1}));
  const auto flat = writer.Tensor("flat", {1, 192, 1});
  writer.Operator(kPad, {x, pads}, {padded});
  writer.Operator(kDepthwise, {padded, w, b}, {y},
                  {{{0, Byte(1)}, {1, Word(1)}, {2, Word(1)}, {3, Word(2)}}});
  writer.Operator(kAdd, {y, y}, {sum}, {{{0, Byte(3)}}});  // RELU6
  writer.Operator(kResize, {sum, size}, {large}, {{{3, Byte(1)}}});
  writer.Operator(kDepthToSpace, {large}, {space}, {{{0, Word(2)}}});
  writer.Operator(kReshape, {space, shape}, {flat});
  const Network network = ParseTfliteNetwork(writer.Write({x}, {flat, sum}), "test");
  EXPECT_EQ(network.nodes[0].op, "Conv");  // the padding went into it
  EXPECT_THAT(network.nodes[0].Ints("pads", {}), ElementsAre(1, 0, 1, 1));

  Image expected = {height, width, 4, {}};
  for (std::int64_t oy = 0; oy < height; ++oy) {
    for (std::int64_t ox = 0; ox < width; ++ox) {
      for (std::int64_t m = 0; m < 4; ++m) {
        float value = static_cast<float>(m + 1);
        for (std::int64_t ky = 0; ky < 3; ++ky) {
          for (std::int64_t kx = 0; kx < 2; ++kx) {
            value += image.At(oy + ky - 1, ox + kx, m / 2) *
                     kernel[static_cast<std::size_t>((ky * 2 + kx) * 4 + m)];
          }
        }
        expected.values.push_back(std::min(6.0F, 2 * value));
      }
    }
  }
  Tensors tensors = ExecuteNetwork(network, {{"input", ChannelsFirst(image)}});
  EXPECT_EQ(Values(tensors.at(network.outputs[1])), Values(ChannelsFirst(expected)));
  // All sums are above 6: what is resized is constant, and stays so in every place.
  EXPECT_EQ(tensors.at(network.outputs[0]).shape(), (Shape{1, 192, 1}));
  EXPECT_THAT(Values(tensors.at(network.outputs[0])), testing::Each(6.0F));
}

TEST(Tflite, SortsBlocksAndPlanesAsTensorFlowLite) {
  TfliteWriter writer;
  const auto x = writer.Tensor("x", {1, 1, 2, 8});
  const auto space = writer.Tensor("space", {1, 2, 4, 2});
  const auto flat = writer.Tensor("flat", {1, 16});
  writer.Operator(kDepthToSpace, {x}, {space}, {{{0, Word(2)}}});
  writer.Operator(kReshape, {space}, {flat});
  const Network network = ParseTfliteNetwork(writer.Write({x}, {flat}), "test");
  const Tensors tensors =
      ExecuteNetwork(network, {{"input", ChannelsFirst({1, 2, 8, Counting(16)})}});
  // Rows of the block, then its columns, then channels.
  EXPECT_THAT(Values(tensors.at("reshape1")),
              ElementsAre(1, 2, 3, 4, 9, 10, 11, 12, 5, 6, 7, 8, 13, 14, 15, 16));
}

TEST(Tflite, AddsPaddingThatNoConvolutionTakes) {
  TfliteWriter writer;
  const auto x = writer.Tensor("x", {1, 1, 1, 1});
  const auto pads = writer.Tensor("pads", {4, 2}, 2, Ints32({0, 0, 1, 0, 0, 2, 0, 0}));
  const auto padded = writer.Tensor("padded", {1, 2, 3, 1});
  const auto sum = writer.Tensor("sum", {1, 2, 3, 1});
  writer.Operator(kPad, {x, pads}, {padded});
  writer.Operator(kAdd, {padded, padded}, {sum});
  const Network network = ParseTfliteNetwork(writer.Write({x}, {sum}), "test");
  const Tensors tensors =
      ExecuteNetwork(network, {{"input", Tensor::Of<float>({1, 1, 1, 1}, std::vector<float>{4})}});
  EXPECT_THAT(Values(tensors.at("add1")), ElementsAre(0, 0, 0, 8, 0, 0));
}

#define SYSTOLE_NEED_FACE() \
  if (!fs::exists(kTrained)) GTEST_SKIP() << "the face detector was not fetched: models/fetch.sh"

TEST(TrainedFaceDetector, HasTheZerosThatItWasPrunedTo) {
  SYSTOLE_NEED_FACE();
  Network network = ReadTflite(kTrained);
  std::int64_t zeros = 0, depthwise = 0;
  for (const auto& [name, tensor] : network.initializers) {
    if (tensor.type() != ElementType::kFloat32 || name.ends_with("/scales")) continue;
    for (const float value : tensor.As<float>()) zeros += value == 0 ? 1 : 0;
  }
  for (const Node& node : network.nodes)
    depthwise += node.name.starts_with("depthwise") && node.op == "Conv" ? 1 : 0;
  EXPECT_EQ(CountParameters(network), 508'308);
  EXPECT_NEAR(static_cast<double>(zeros) / 508'308, 0.637, 0.0005);
  EXPECT_EQ(depthwise, 42);
  InferShapes(network, {});
  EXPECT_EQ(network.values.at(network.outputs.at(0)).shape, (Shape{1, 2304, 16}));
  EXPECT_EQ(network.values.at(network.outputs.at(1)).shape, (Shape{1, 2304, 1}));
}

TEST(TrainedFaceDetector, HasOnnxRuntimesOutputs) {
  SYSTOLE_NEED_FACE();
  SYSTOLE_NEED_ONNX_RUNTIME();
  const Network network = ReadTflite(kTrained);
  Tensor picture = NaturalPictures(1, 192, 3);
  for (float& pixel : picture.As<float>()) pixel = 2 * pixel - 1;
  const Tensors inputs = {{"input", picture}};
  const Tensors runtime = RunOnnxRuntime(network, inputs, "face");
  const Tensors tensors = ExecuteNetwork(network, inputs);
  for (const std::string& output : network.outputs) {
    ExpectWithin(tensors.at(output), runtime.at(output), {1e-4, 1e-3}, output);
  }
}

}  // namespace
}  // namespace systole
