// SPDX-License-Identifier: Apache-2.0
// The built networks computed: by the reference, by ONNX Runtime, and quantized.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/build_model.h"
#include "models/pictures.h"
#include "sw/quant/quantize.h"
#include "tests/ref/onnx_runtime.h"

namespace systole {
namespace {

constexpr std::uint64_t kSeed = 1;

Tensor Images(std::int64_t count, std::int64_t size) {
  return Normalized(DrawPictures(count, size, kSeed));
}

/// 64x64, or as little as AlexNet takes.
std::int64_t SizeOfSmall(ModelName name) { return std::max<std::int64_t>(64, MinModelSize(name)); }

Tensor ImagesFor(ModelName name, std::int64_t count) { return Images(count, SizeOfSmall(name)); }

/// The networks that are not made for phones are narrow, so that the whole takes seconds.
Network SmallModel(ModelName name) {
  return BuildModel({.name = name,
                     .size = SizeOfSmall(name),
                     .width = name >= ModelName::kResNet18 ? 0.25 : 1.0});
}

std::vector<const Tensor*> InputsOf(const Node& node, const Network& network,
                                    const Tensors& tensors) {
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs) {
    const auto found = tensors.find(name);
    inputs.push_back(found == tensors.end() ? network.Constant(name) : &found->second);
  }
  return inputs;
}

double Deviation(std::span<const float> values) {
  double sum = 0, squares = 0;
  for (const float value : values) {
    sum += value;
    squares += double{value} * value;
  }
  const auto count = static_cast<double>(values.size());
  return std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count)));
}

class EveryModel : public testing::TestWithParam<ModelName> {};

INSTANTIATE_TEST_SUITE_P(Models, EveryModel, testing::ValuesIn(AllModelNames()),
                         [](const auto& info) {
                           std::string name(ToString(info.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(EveryModel, ActivationsNeitherVanishNorExplode) {
  const Network network = SmallModel(GetParam());
  const Tensors tensors = ExecuteNetwork(network, {{"input", ImagesFor(GetParam(), 2)}});
  for (const Node& node : network.nodes) {
    // Of the layers: what follows them inside a squeeze-and-excite block is small by its nature.
    if (node.op != "Conv" && node.op != "BatchNormalization" && node.op != "Gemm") continue;
    const double deviation = Deviation(tensors.at(node.outputs[0]).As<float>());
    EXPECT_GT(deviation, 0.3) << node.name;
    EXPECT_LT(deviation, 32.0) << node.name;
  }
  // The classifier still sees the image: two images have different scores.
  const auto logits = tensors.at("logits").As<float>();
  std::vector<float> difference;
  for (std::size_t i = 0; i < 1000; ++i) difference.push_back(logits[i] - logits[1000 + i]);
  EXPECT_GT(Deviation(difference), 0.1 * Deviation(logits));
}

TEST_P(EveryModel, HasOnnxRuntimesTensorsNodeByNode) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  const Network network = SmallModel(GetParam());
  const Tensors inputs = {{"input", ImagesFor(GetParam(), 1)}};
  const Tensors runtime = RunOnnxRuntime(network, inputs, std::string(ToString(GetParam())));
  for (const Node& node : network.nodes) {
    const bool product = node.op == "Conv" || node.op == "Gemm";
    const Tensor got = ExecuteNode(node, InputsOf(node, network, runtime), network.opset).at(0);
    ExpectWithin(got, runtime.at(node.outputs[0]),
                 product            ? Bound{1e-4, 1e-4}
                 : node.op == "LRN" ? Bound{1e-5, 0}
                                    : Bound{},
                 Describe(node));
  }
  // From end to end the products' differences add up, to little.
  const Tensor logits = ExecuteNetwork(network, inputs).at("logits");
  const double worst = ExpectWithin(logits, runtime.at("logits"), {0.0, 1e-3}, "the logits");
  fmt::print("logits differ by at most {:.3g}\n", worst);
}

TEST_P(EveryModel, QuantizedLayersUseTheRangeOfInt8) {
  const Tensors inputs = {{"input", ImagesFor(GetParam(), 2)}};
  const Network network = Quantize(SmallModel(GetParam()), {inputs}, {});
  const Tensors tensors = ExecuteNetwork(network, inputs);
  for (const Node& node : network.nodes) {
    if (node.op != "QLinearConv") continue;
    const auto outputs = tensors.at(node.outputs[0]).As<std::int8_t>();
    const auto weights = network.Constant(node.inputs[3])->As<std::int8_t>();
    const std::set<int> values(outputs.begin(), outputs.end());
    const std::set<int> levels(weights.begin(), weights.end());
    // Small tensors and weights cannot take that many values; half of a ReLU's are one value.
    const std::size_t wanted = GetParam() >= ModelName::kAlexNet ? 60 : 100;
    EXPECT_GE(values.size(), std::min<std::size_t>(wanted, outputs.size() / 4)) << node.name;
    EXPECT_GE(levels.size(), std::min<std::size_t>(150, weights.size() / 4)) << node.name;
  }
}

TEST_P(EveryModel, QuantizedAnswersStayNearTheFloatOnes) {
  const Tensors inputs = {{"input", ImagesFor(GetParam(), 2)}};
  const Network network = SmallModel(GetParam());
  const auto logits = ExecuteNetwork(network, inputs).at("logits");
  const Network quantized = Quantize(network, {inputs}, {});
  const auto rounded = ExecuteNetwork(quantized, inputs).at("logits");
  std::vector<float> errors;
  for (std::size_t i = 0; i < logits.As<float>().size(); ++i) {
    errors.push_back(rounded.As<float>()[i] - logits.As<float>()[i]);
  }
  EXPECT_LT(Deviation(errors), 0.25 * Deviation(logits.As<float>()));
}

class QuantizedModel : public testing::TestWithParam<ModelName> {};

INSTANTIATE_TEST_SUITE_P(Models, QuantizedModel,
                         testing::Values(ModelName::kMobileNetV2, ModelName::kMobileNetV3Small),
                         [](const auto& info) {
                           std::string name(ToString(info.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(QuantizedModel, HasEveryTensorOfOnnxRuntime) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  const Tensors inputs = {{"input", ImagesFor(GetParam(), 2)}};
  const Network network = Quantize(SmallModel(GetParam()), {inputs}, {});
  const Tensors runtime =
      RunOnnxRuntime(network, inputs, fmt::format("{}_int8", ToString(GetParam())));
  // Nothing inexact stands between input and output: the whole run is equal.
  for (const auto& [name, tensor] : ExecuteNetwork(network, inputs)) {
    ASSERT_TRUE(runtime.contains(name)) << name;
    EXPECT_TRUE(tensor == runtime.at(name)) << name;
  }
}

}  // namespace
}  // namespace systole
