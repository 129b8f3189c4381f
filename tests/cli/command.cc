// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/stimulus.h"
#include "sw/cli/cli.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

Tensor RandomFloats(Stimulus& random, const Shape& shape) {
  Tensor tensor(ElementType::kFloat32, shape);
  for (float& value : tensor.As<float>()) {
    value = static_cast<float>(random.Between(-100, 100)) / 100.0F;
  }
  return tensor;
}

Tensor RandomBytes(Stimulus& random, const Shape& shape) {
  Tensor tensor(ElementType::kInt8, shape);
  for (std::int8_t& value : tensor.As<std::int8_t>()) {
    value = static_cast<std::int8_t>(random.Signed(8));
  }
  return tensor;
}

Tensor RandomBias(Stimulus& random, std::int64_t channels) {
  Tensor tensor(ElementType::kInt32, {channels});
  for (std::int32_t& value : tensor.As<std::int32_t>()) {
    value = static_cast<std::int32_t>(random.Between(-500, 500));
  }
  return tensor;
}

ValueType OpenBatch(ElementType type, Shape shape) {
  ValueType value;
  value.type = type;
  value.shape = std::move(shape);
  value.has_shape = true;
  value.symbols.resize(value.shape.size());
  value.symbols[0] = "batch";
  return value;
}

Network Empty() {
  Network network;
  network.name = "small";
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = OpenBatch(ElementType::kFloat32, {-1, 2, 6, 6});
  network.values["y"] = OpenBatch(ElementType::kFloat32, {-1, 3});
  return network;
}

std::map<std::string, Attribute> ConvAttributes(std::vector<std::int64_t> kernel,
                                                std::vector<std::int64_t> pads,
                                                std::int64_t group) {
  return {{"kernel_shape", std::move(kernel)}, {"pads", std::move(pads)}, {"group", group}};
}

}  // namespace

Outcome RunCommand(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {"systole"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.status = RunCommandLine(static_cast<int>(argv.size()), argv.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

fs::path TestFolder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path folder =
      fs::path(testing::TempDir()) /
      ("systole_cli_" + std::string(test->test_suite_name()) + "_" + test->name());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::vector<std::string> FilesIn(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::exists(folder)) return names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Network SmallFloatNetwork(unsigned seed) {
  Stimulus random(seed);
  Network network = Empty();
  network.initializers = {{"w1", RandomFloats(random, {5, 2, 3, 3})},
                          {"b1", RandomFloats(random, {5})},
                          {"w2", RandomFloats(random, {5, 1, 1, 3})},
                          {"w3", RandomFloats(random, {3, 180})},
                          {"b3", RandomFloats(random, {3})}};
  network.nodes = {
      {"conv", "Conv", "", {"x", "w1", "b1"}, {"a"}, ConvAttributes({3, 3}, {1, 1, 1, 1}, 1)},
      {"relu", "Relu", "", {"a"}, {"r"}, {}},
      {"line", "Conv", "", {"r", "w2"}, {"l"}, ConvAttributes({1, 3}, {0, 1, 0, 1}, 5)},
      {"flat", "Flatten", "", {"l"}, {"f"}, {}},
      {"score", "Gemm", "", {"f", "w3", "b3"}, {"y"}, {{"transB", std::int64_t{1}}}}};
  return network;
}

Network SmallQuantizedNetwork(unsigned seed) {
  Stimulus random(seed);
  Network network = Empty();
  network.initializers = {{"s", Tensor::Scalar(0.02F)},
                          {"ws", Tensor::Scalar(0.01F)},
                          {"z", Tensor::Scalar<std::int8_t>(-3)},
                          {"wz", Tensor::Scalar<std::int8_t>(0)},
                          {"w1", RandomBytes(random, {5, 2, 3, 3})},
                          {"b1", RandomBias(random, 5)},
                          {"w2", RandomBytes(random, {5, 1, 1, 3})},
                          {"b2", RandomBias(random, 5)},
                          {"w3", RandomBytes(random, {180, 3})}};
  const auto conv = [](const std::string& name, const std::string& in, const std::string& n,
                       const std::string& out, std::map<std::string, Attribute> attributes) {
    return Node{name,  "QLinearConv",
                "",    {in, "s", "z", "w" + n, "ws", "wz", "s", "z", "b" + n},
                {out}, std::move(attributes)};
  };
  network.nodes = {
      {"quantize", "QuantizeLinear", "", {"x", "s", "z"}, {"q"}, {}},
      conv("conv", "q", "1", "a", ConvAttributes({3, 3}, {1, 1, 1, 1}, 1)),
      conv("line", "a", "2", "l", ConvAttributes({1, 3}, {0, 1, 0, 1}, 5)),
      {"flat", "Flatten", "", {"l"}, {"f"}, {}},
      {"score", "QLinearMatMul", "", {"f", "s", "z", "w3", "ws", "wz", "s", "z"}, {"p"}, {}},
      {"dequantize", "DequantizeLinear", "", {"p", "s", "z"}, {"y"}, {}}};
  return network;
}

}  // namespace systole
