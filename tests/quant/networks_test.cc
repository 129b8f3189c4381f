// SPDX-License-Identifier: Apache-2.0
// The trained networks of models/: accuracy after quantization, and ONNX Runtime's opinion on every
// tensor.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/quant/quantize.h"
#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(SYSTOLE_SOURCE_DIR) / "models";
const fs::path kClassifier = kModels / "direction" / "classifier.onnx";
const fs::path kRuntime = kModels / "node_modules" / "onnxruntime-node";

/// Operators built on exp; their difference is bounded in docs/numerics.md.
const std::set<std::string> kInexact = {"Softmax", "Sigmoid"};

struct Example {
  Network network;
  std::string input;
  Tensor samples, calibration, labels;
};

Example Load(const fs::path& model, const std::string& samples) {
  const fs::path folder = model.parent_path();
  Example example{ReadOnnx(model), "", ReadTensor(folder / samples),
                  ReadTensor(folder / "calibration.npy"), ReadTensor(folder / "labels.npy")};
  example.input = example.network.inputs.at(0);
  return example;
}

Example LeNet() { return Load(kModels / "lenet" / "lenet5.onnx", "digits.npy"); }
Example Classifier() { return Load(kClassifier, "samples.npy"); }

Network QuantizeExample(const Example& example, const QuantizeOptions& options) {
  return Quantize(example.network, {{{example.input, example.calibration}}}, options);
}

/// Samples whose largest output is the label's.
std::int64_t CountRight(const Network& network, const Example& example) {
  const Tensors tensors = ExecuteNetwork(network, {{example.input, example.samples}});
  const auto scores = tensors.at(network.outputs.at(0)).As<float>();
  const auto labels = example.labels.As<std::int64_t>();
  const std::size_t classes = scores.size() / labels.size();
  std::int64_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto mine = scores.subspan(i * classes, classes);
    right += std::max_element(mine.begin(), mine.end()) - mine.begin() == labels[i];
  }
  return right;
}

/// Runs the model in ONNX Runtime; returns every tensor of it.
Tensors RunOnnxRuntime(const Network& network, const Example& example, const std::string& name) {
  const fs::path folder = fs::path(SYSTOLE_BINARY_DIR) / "quant_networks" / name;
  fs::remove_all(folder);
  WriteOnnx(network, folder / "model.onnx");
  WriteTensor(example.samples, folder / "input.npy");
  const std::string command =
      fmt::format("node '{}' '{}' --input '{}={}' -o '{}'", (kModels / "ort_run.mjs").string(),
                  (folder / "model.onnx").string(), example.input, (folder / "input.npy").string(),
                  (folder / "tensors").string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  Tensors tensors;
  const auto index = nlohmann::json::parse(ReadFile(folder / "tensors" / "index.json"));
  for (const auto& [tensor, file] : index.at("tensors").items()) {
    tensors[tensor] = ReadTensor(folder / "tensors" / file.get<std::string>());
  }
  return tensors;
}

/// Every exact node, given ONNX Runtime's inputs, makes ONNX Runtime's outputs, byte for byte.
void ExpectSameAsOnnxRuntime(const Network& network, const Tensors& runtime) {
  for (const Node& node : network.nodes) {
    if (kInexact.contains(node.op)) continue;
    std::vector<const Tensor*> inputs;
    for (const std::string& name : node.inputs) {
      const auto found = runtime.find(name);
      inputs.push_back(found == runtime.end() ? network.Constant(name) : &found->second);
    }
    const std::vector<Tensor> outputs = ExecuteNode(node, inputs, network.opset);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ASSERT_TRUE(runtime.contains(node.outputs[i])) << node.outputs[i];
      EXPECT_TRUE(outputs[i] == runtime.at(node.outputs[i]))
          << Describe(node) << " differs in tensor '" << node.outputs[i] << "'";
    }
  }
}

TEST(QuantizedLeNet, Reads95OfThe100Digits) {
  const Example example = LeNet();
  EXPECT_GE(CountRight(QuantizeExample(example, {}), example), 95);
}

TEST(QuantizedLeNet, Reads95OfThe100DigitsWithUnsignedActivationsAndPercentile) {
  const Example example = LeNet();
  EXPECT_GE(CountRight(QuantizeExample(example, {.activations = ElementType::kUint8,
                                                 .method = CalibrationMethod::kPercentile}),
                       example),
            95);
}

TEST(QuantizedLeNet, HasEveryTensorOfOnnxRuntime) {
  if (!fs::exists(kRuntime)) GTEST_SKIP() << "onnxruntime-node is not installed";
  const Example example = LeNet();
  const Network network = QuantizeExample(example, {});
  const Tensors runtime = RunOnnxRuntime(network, example, "lenet");
  // Nothing inexact stands between input and output: the whole run is equal.
  for (const auto& [name, tensor] : ExecuteNetwork(network, {{example.input, example.samples}})) {
    ASSERT_TRUE(runtime.contains(name)) << name;
    EXPECT_TRUE(tensor == runtime.at(name)) << name;
  }
}

/// What the trained networks leave out: Concat with a shared scale, integer Clip, MatMul of two
/// activations, Transpose, dilation, uneven strides and padding, groups.
Network MixedNetwork(Stimulus& random) {
  const auto ints = [](std::vector<std::int64_t> values) { return values; };
  return GraphBuilder()
      .Input("x", {2, 4, 9, 8})
      .Random("w1", {6, 4, 3, 3}, random)
      .Random("b1", {6}, random)
      .Random("w2", {6, 2, 2, 3}, random)
      .Random("w3", {5, 12, 1, 1}, random)
      .Floats("low", {}, {-0.25F})
      .Floats("high", {}, {0.75F})
      .Constant("shape", Tensor::Of<std::int64_t>({3}, ints({2, 5, -1})))
      .Add("Conv", {"x", "w1", "b1"}, "c1",
           {{"strides", ints({2, 1})}, {"pads", ints({1, 0, 1, 2})}, {"dilations", ints({1, 2})}})
      .Add("Relu", {"c1"}, "r1")
      .Add("Conv", {"x", "w2"}, "c2",
           {{"group", std::int64_t{2}}, {"strides", ints({2, 1})}, {"pads", ints({1, 0, 0, 0})}})
      .Add("Clip", {"c2", "low", "high"}, "k2")
      .Add("Concat", {"r1", "k2"}, "k", {{"axis", std::int64_t{1}}})
      .Add("Conv", {"k", "w3"}, "c3")
      .Add("MaxPool", {"c3"}, "p3", {{"kernel_shape", ints({2, 2})}, {"strides", ints({2, 1})}})
      .Add("Reshape", {"p3", "shape"}, "f3")
      .Add("Transpose", {"f3"}, "t3", {{"perm", ints({0, 2, 1})}})
      .Add("MatMul", {"f3", "t3"}, "m3")
      .Add("Sub", {"m3", "high"}, "s3")
      .Add("Relu", {"s3"}, "y")
      .Build({"y"});
}

TEST(QuantizedMixedNetwork, HasEveryTensorOfOnnxRuntime) {
  if (!fs::exists(kRuntime)) GTEST_SKIP() << "onnxruntime-node is not installed";
  Stimulus random(1);
  Example example{
      MixedNetwork(random), "x", GraphBuilder::RandomTensor({2, 4, 9, 8}, random), {}, {}};
  example.calibration = example.samples;
  const Network network = QuantizeExample(example, {});
  for (const char* op : {"Clip", "Concat", "QLinearMatMul", "MaxPool", "Transpose"}) {
    EXPECT_NE(FindOperator(network, op), nullptr) << op;
  }
  ExpectSameAsOnnxRuntime(network, RunOnnxRuntime(network, example, "mixed"));
}

TEST(QuantizedClassifier, TellsTheDirectionOfAllSamples) {
  if (!fs::exists(kClassifier)) GTEST_SKIP() << "the classifier was not fetched";
  const Example example = Classifier();
  EXPECT_EQ(CountRight(QuantizeExample(example, {}), example), example.labels.size());
}

TEST(QuantizedClassifier, HasEveryTensorOfOnnxRuntime) {
  if (!fs::exists(kClassifier)) GTEST_SKIP() << "the classifier was not fetched";
  if (!fs::exists(kRuntime)) GTEST_SKIP() << "onnxruntime-node is not installed";
  const Example example = Classifier();
  const Network network = QuantizeExample(example, {});
  ExpectSameAsOnnxRuntime(network, RunOnnxRuntime(network, example, "direction"));
}

TEST(QuantizedClassifier, IsTheSameInQdqFormOnceFused) {
  if (!fs::exists(kClassifier)) GTEST_SKIP() << "the classifier was not fetched";
  const Example example = Classifier();
  const std::string qdq = SerializeOnnx(QuantizeExample(example, {.format = QuantFormat::kQdq}));
  EXPECT_EQ(SerializeOnnx(FuseQdq(ParseOnnx(qdq, "qdq", "."))),
            SerializeOnnx(QuantizeExample(example, {})));
}

}  // namespace
}  // namespace systole
