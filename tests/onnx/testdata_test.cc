// SPDX-License-Identifier: Apache-2.0
// The cases of Debian's libonnx-testdata.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data";

/// Folders of all cases, sorted.
std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  for (const char* group : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    for (const auto& entry : fs::directory_iterator(kData / group)) {
      if (fs::exists(entry.path() / "model.onnx")) cases.push_back(entry.path());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

/// Operators that the project promises to run.
const std::set<std::string>& PromisedOperators() {
  static const std::set<std::string> operators = {"Conv",
                                                  "Gemm",
                                                  "MatMul",
                                                  "QLinearConv",
                                                  "QLinearMatMul",
                                                  "ConvInteger",
                                                  "MatMulInteger",
                                                  "MaxPool",
                                                  "AveragePool",
                                                  "GlobalMaxPool",
                                                  "GlobalAveragePool",
                                                  "Add",
                                                  "Sub",
                                                  "Mul",
                                                  "Div",
                                                  "Relu",
                                                  "Clip",
                                                  "HardSigmoid",
                                                  "HardSwish",
                                                  "Sigmoid",
                                                  "Softmax",
                                                  "Concat",
                                                  "Split",
                                                  "Slice",
                                                  "Reshape",
                                                  "Flatten",
                                                  "Squeeze",
                                                  "Unsqueeze",
                                                  "Transpose",
                                                  "Pad",
                                                  "Shape",
                                                  "Cast",
                                                  "Gather",
                                                  "Constant",
                                                  "Identity",
                                                  "BatchNormalization",
                                                  "QuantizeLinear",
                                                  "DequantizeLinear",
                                                  "Resize",
                                                  "ReduceMean"};
  return operators;
}

/// Types of elements that the project does not compute with.
bool IsRefusedType(const std::string& message) {
  for (const char* type :
       {"float16", "bfloat16", "string", "uint16", "uint32", "uint64", "int16"}) {
    if (message.find(fmt::format("element type {}, which", type)) != std::string::npos) return true;
  }
  return message.find("no dense tensor") != std::string::npos;
}

bool UsesOnlyPromisedOperators(const std::string& bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return false;
  return std::all_of(model.graph().node().begin(), model.graph().node().end(),
                     [](const auto& node) { return PromisedOperators().contains(node.op_type()); });
}

TEST(Testdata, EveryModelIsReadOrRefusedWithOneLine) {
  int read = 0, refused = 0;
  for (const fs::path& folder : Cases()) {
    const std::string bytes = ReadFile(folder / "model.onnx");
    try {
      const Network network = ParseOnnx(bytes, "model", folder);
      CheckNetwork(network);
      ++read;
    } catch (const RequestError& error) {
      ++refused;
      EXPECT_EQ(error.problems().size(), 1U) << folder;
      EXPECT_EQ(error.problems()[0].what.find('\n'), std::string::npos) << error.what();
      if (UsesOnlyPromisedOperators(bytes)) {
        EXPECT_TRUE(IsRefusedType(error.what())) << folder << ": " << error.what();
      }
    }
  }
  // Debian's 1.12.0-2 has 1073 of them.
  EXPECT_GE(read, 960);
  EXPECT_GE(refused, 90);
}

TEST(Testdata, WhatWasReadIsWrittenChecksAndReadsBackEqual) {
  int compared = 0;
  for (const fs::path& folder : Cases()) {
    Network network;
    try {
      network = ReadOnnx(folder / "model.onnx");
    } catch (const RequestError&) {
      continue;
    }
    const std::string bytes = SerializeOnnx(network);
    EXPECT_EQ(ParseOnnx(bytes, "again", ""), network) << folder;
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(bytes));
    EXPECT_NO_THROW(onnx::checker::check_model(model)) << folder;
    ++compared;
  }
  EXPECT_GE(compared, 960);
}

/// Tensors test_data_set_0/PREFIX_0.pb, ..._1.pb, ...; nothing for those that we cannot hold.
std::vector<std::optional<Tensor>> ReadSet(const fs::path& folder, const std::string& prefix) {
  std::vector<std::optional<Tensor>> tensors;
  for (int i = 0;; ++i) {
    const fs::path path = folder / "test_data_set_0" / fmt::format("{}_{}.pb", prefix, i);
    if (!fs::exists(path)) return tensors;
    try {
      tensors.emplace_back(ReadTensor(path));
    } catch (const RequestError&) {
      tensors.emplace_back();
    }
  }
}

/// Integer inputs hold shapes and indices on which others depend: they become constants.
void FixIntegerInputs(Network& network, const std::vector<std::optional<Tensor>>& inputs) {
  const std::vector<std::string> names = network.inputs;
  for (std::size_t i = 0; i < std::min(names.size(), inputs.size()); ++i) {
    const bool scales = network.nodes.size() == 1 && network.nodes[0].op == "Resize" && i > 0;
    if (!inputs[i] || (inputs[i]->type() != ElementType::kInt64 && !scales)) continue;
    network.initializers[names[i]] = *inputs[i];
    std::erase(network.inputs, names[i]);
  }
}

bool IsKnown(const ValueType& value) {
  return value.has_shape && std::all_of(value.shape.begin(), value.shape.end(),
                                        [](std::int64_t dim) { return dim >= 0; });
}

TEST(Testdata, InferredShapesAreThoseOfTheExpectedOutputs) {
  int compared = 0;
  for (const fs::path& folder : Cases()) {
    Network network;
    try {
      network = ReadOnnx(folder / "model.onnx");
    } catch (const RequestError&) {
      continue;
    }
    FixIntegerInputs(network, ReadSet(folder, "input"));
    const auto expected = ReadSet(folder, "output");
    ASSERT_NO_THROW(InferShapes(network, {})) << folder;
    bool all_known = true;
    for (std::size_t i = 0; i < std::min(expected.size(), network.outputs.size()); ++i) {
      const auto found = network.values.find(network.outputs[i]);
      const bool known = found != network.values.end() && IsKnown(found->second);
      all_known = all_known && known;
      if (!known || !expected[i]) continue;
      EXPECT_EQ(found->second.shape, expected[i]->shape()) << folder << " output " << i;
      EXPECT_EQ(found->second.type, expected[i]->type()) << folder << " output " << i;
      ++compared;
    }
    const bool promised =
        std::all_of(network.nodes.begin(), network.nodes.end(),
                    [](const Node& node) { return PromisedOperators().contains(node.op); });
    EXPECT_TRUE(all_known || !promised) << folder << ": a shape is left open";
  }
  EXPECT_GE(compared, 700);
}

}  // namespace
}  // namespace systole
