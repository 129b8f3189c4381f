// SPDX-License-Identifier: Apache-2.0
#include "models/tfjs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "models/pictures.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/quantize.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

const fs::path kGolden = fs::path(SYSTOLE_SOURCE_DIR) / "tests" / "models" / "golden" / "tfjs";
const fs::path kTrained = fs::path(SYSTOLE_SOURCE_DIR) / "models" / "mobilenet-v2" / "model.json";

/// The picture of make_tfjs.mjs, channels first.
Tensor GoldenPicture() {
  constexpr std::size_t kHeight = 13, kWidth = 10, kColours = 3;
  Tensor picture(ElementType::kFloat32, {1, kColours, kHeight, kWidth});
  const auto pixels = picture.As<float>();
  for (std::uint32_t i = 0; i < pixels.size(); ++i) {
    std::uint32_t h = i + 1;
    h = (h ^ h >> 15) * 0x2c1b3c6dU;
    h = (h ^ h >> 12) * 0x297a2d39U;
    h = (h ^ h >> 15) >> 24;
    const std::size_t colour = i % kColours, place = i / kColours;
    pixels[colour * kHeight * kWidth + place] = static_cast<float>(h / 255.0);
  }
  return picture;
}

/// The tensor of a Keras layer: behind its activation, and of what stands in its place.
const Tensor& Output(const Tensors& tensors, const std::string& layer) {
  for (const char* activation : {"/relu", "/softmax"}) {
    const auto found = tensors.find(layer + activation);
    if (found != tensors.end()) return found->second;
  }
  return tensors.at(layer == "drop" ? "flatten" : layer);
}

TEST(Tfjs, ComputesWhatTensorFlowComputesLayerByLayer) {
  const Network network = ReadTfjs(kGolden / "model.json");
  EXPECT_THAT(network.inputs, ElementsAre("image"));
  EXPECT_EQ(network.values.at("image").shape, (Shape{-1, 3, 13, 10}));
  const Tensors tensors = ExecuteNetwork(network, {{"image", GoldenPicture()}});
  const auto expected = nlohmann::json::parse(ReadFile(kGolden / "expected.json"));
  ASSERT_EQ(expected.size(), 20U);
  for (const auto& [layer, golden] : expected.items()) {
    if (layer == "pad") continue;  // the convolution behind it has taken it over
    const Tensor& tensor = Output(tensors, layer);
    ASSERT_EQ(tensor.shape(), golden.at("shape").get<Shape>()) << layer;
    const auto values = golden.at("values").get<std::vector<double>>();
    const auto got = tensor.As<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(got[i], values[i], 2e-5 * std::max(1.0, std::fabs(values[i])))
          << layer << ", element " << i;
    }
  }
}

TEST(Tfjs, MakesANetworkThatSurvivesOnnx) {
  const Network network = ReadTfjs(kGolden / "model.json");
  const std::string bytes = SerializeOnnx(network);
  const Network again = ParseOnnx(bytes, "tfjs", ".");
  EXPECT_EQ(again.nodes, network.nodes);
  Network shaped = again;
  InferShapes(shaped, {});
  EXPECT_EQ(shaped.values.at(network.outputs.at(0)).shape, (Shape{1, 4}));
  EXPECT_EQ(SerializeOnnx(ReadTfjs(kGolden / "model.json")), bytes);
}

std::map<std::string, int> CountOperators(const Network& network) {
  std::map<std::string, int> count;
  for (const Node& node : network.nodes) ++count[node.op];
  return count;
}

TEST(TrainedMobileNetV2, HasItsLayersShapesAndParameters) {
  if (!fs::exists(kTrained)) GTEST_SKIP() << "MobileNetV2 was not fetched: models/fetch.sh";
  Network network = ReadTfjs(kTrained);
  EXPECT_EQ(CountOperators(network), (std::map<std::string, int>{{"Add", 10},
                                                                 {"AveragePool", 1},
                                                                 {"BatchNormalization", 52},
                                                                 {"Clip", 35},
                                                                 {"Conv", 52},
                                                                 {"Flatten", 1},
                                                                 {"Gemm", 3},
                                                                 {"Relu", 2},
                                                                 {"Softmax", 1}}));
  EXPECT_EQ(network.values.at("input_1").shape, (Shape{-1, 3, 224, 224}));
  EXPECT_EQ(CountParameters(network), 2'585'349);
  InferShapes(network, {});
  EXPECT_EQ(network.values.at(network.outputs.at(0)).shape, (Shape{1, 5}));
  int uneven = 0, depthwise = 0;
  for (const Node& node : network.nodes) {
    if (node.op != "Conv") continue;
    const auto pads = node.Ints("pads", {});
    const bool strided = node.Ints("strides", {})[0] == 2;
    // Keras pads a stride of 2 on the right and at the bottom only.
    if (strided) {
      ++uneven;
      EXPECT_THAT(pads, ElementsAre(0, 0, 1, 1)) << node.name;
    }
    depthwise += node.Int("group", 1) > 1 ? 1 : 0;
  }
  EXPECT_EQ(uneven, 5);
  EXPECT_EQ(depthwise, 17);
}

constexpr std::size_t kClasses = 5;

/// TensorFlow.js 4.22.0 on DrawPictures(3, 224, 1), the last layer with linear activation.
const std::vector<double> kLogits = {
    3.79223299, 1.54747868,  3.26587391, -2.80144310, -4.00173044,  //
    4.08118677, 0.203457117, 6.14782476, -3.08000016, -4.23655319,  //
    2.38849258, 1.09810328,  1.80796874, -2.19737816, -1.14383602,
};

TEST(TrainedMobileNetV2, HasTensorFlowsLogits) {
  if (!fs::exists(kTrained)) GTEST_SKIP() << "MobileNetV2 was not fetched: models/fetch.sh";
  const Tensors tensors =
      ExecuteNetwork(ReadTfjs(kTrained), {{"input_1", DrawPictures(3, 224, 1)}});
  const auto logits = tensors.at("dense_3").As<float>();
  ASSERT_EQ(logits.size(), kLogits.size());
  for (std::size_t i = 0; i < kLogits.size(); ++i) EXPECT_NEAR(logits[i], kLogits[i], 2e-4) << i;
}

TEST(TrainedMobileNetV2, KeepsItsAnswersWhenQuantized) {
  if (!fs::exists(kTrained)) GTEST_SKIP() << "MobileNetV2 was not fetched: models/fetch.sh";
  const Network network =
      Quantize(ReadTfjs(kTrained), {{{"input_1", DrawPictures(2, 224, 2)}}}, {});
  const Tensors tensors = ExecuteNetwork(network, {{"input_1", DrawPictures(3, 224, 1)}});
  const auto scores = tensors.at(network.outputs.at(0)).As<float>();
  for (std::size_t i = 0; i < kLogits.size(); i += kClasses) {
    const auto mine = scores.subspan(i, kClasses);
    const auto theirs = std::span(kLogits).subspan(i, kClasses);
    EXPECT_EQ(std::max_element(mine.begin(), mine.end()) - mine.begin(),
              std::max_element(theirs.begin(), theirs.end()) - theirs.begin());
  }
}

TEST(DrawPictures, DrawsTheSamePicturesEverywhereAndOneByOne) {
  const Tensor many = DrawPictures(3, 20, 7), one = DrawPictures(1, 20, 7);
  const auto pixels = many.As<float>();
  EXPECT_TRUE(std::equal(one.As<float>().begin(), one.As<float>().end(), pixels.begin()));
  EXPECT_FALSE(one == DrawPictures(1, 20, 8));
  for (const float pixel : pixels) {
    ASSERT_TRUE(pixel >= 0.0F && pixel <= 1.0F) << pixel;
    ASSERT_EQ(pixel, static_cast<float>(std::round(pixel * 255)) / 255.0F);
  }
  // Few pictures are enough for mean 0 and variance 1, roughly.
  double sum = 0, squares = 0;
  const Tensor normal = Normalized(DrawPictures(20, 32, 1));
  for (const float pixel : normal.As<float>()) {
    sum += pixel;
    squares += double{pixel} * pixel;
  }
  EXPECT_NEAR(sum / static_cast<double>(normal.size()), 0, 0.3);
  EXPECT_NEAR(squares / static_cast<double>(normal.size()), 1, 0.4);
  EXPECT_THROW(DrawPictures(0, 20, 1), RequestError);
  EXPECT_THROW(DrawPictures(1, 4097, 1), RequestError);
}

}  // namespace
}  // namespace systole
