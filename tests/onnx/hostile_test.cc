// SPDX-License-Identifier: Apache-2.0
// Files that are broken, or made to break a reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/stimulus.h"
#include "tests/onnx/model_builder.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The one line that the file is refused with; empty when it is read.
std::string Refusal(const std::string& bytes) {
  try {
    ParseOnnx(bytes, "model.onnx", "");
    return "";
  } catch (const RequestError& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    const std::string what = error.problems()[0].what;
    EXPECT_THAT(what, StartsWith("model.onnx: "));
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    return what;
  }
}

TEST(ParseOnnx, RefusesEmptyAndForeignFiles) {
  EXPECT_EQ(Refusal(""), "model.onnx: is empty, not an ONNX model");
  EXPECT_EQ(Refusal("PK\x03\x04 an archive"), "model.onnx: is truncated or not an ONNX model");
  EXPECT_EQ(Refusal(std::string("\x08\x07", 2)),
            "model.onnx: is not an ONNX model: it has no graph");
}

TEST(ParseOnnx, EveryTruncationIsRefusedOrGivesACheckedNetwork) {
  const std::string bytes = SmallModel().SerializeAsString();
  int refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    refused += Refusal(bytes.substr(0, size)).empty() ? 0 : 1;
  }
  EXPECT_EQ(refused, static_cast<int>(bytes.size()));  // what is cut off includes the operator set
}

TEST(ParseOnnx, RandomBytesAreRefused) {
  constexpr std::uint64_t kSeed = 1;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes(random.Below(200), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Next());
    EXPECT_NE(Refusal(bytes), "") << "seed " << kSeed << ", trial " << trial;
  }
}

struct Hostile {
  const char* name;
  std::function<void(onnx::ModelProto&)> change;  ///< of SmallModel
  const char* message;
};

class HostileModel : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileModel, IsRefusedWithOneLineThatNamesTheFault) {
  onnx::ModelProto model = SmallModel();
  GetParam().change(model);
  EXPECT_THAT(Refusal(model.SerializeAsString()), HasSubstr(GetParam().message));
}

onnx::NodeProto* NodeOf(onnx::ModelProto& model, int index) {
  return model.mutable_graph()->mutable_node(index);
}
onnx::TensorProto* Weights(onnx::ModelProto& model) {
  return model.mutable_graph()->mutable_initializer(0);
}
auto* Dim(onnx::ModelProto& model, int index) {
  return model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(index);
}
onnx::AttributeProto* Attribute(onnx::ModelProto& model, onnx::AttributeProto::AttributeType type) {
  return AddAttribute(NodeOf(model, 1), "extra", type);
}

const Hostile kGraphs[] = {
    {"Cycle", [](auto& m) { NodeOf(m, 0)->set_input(0, "y"); },
     "the graph has a cycle through node '"},
    {"SelfLoop", [](auto& m) { NodeOf(m, 1)->set_input(0, "y"); },
     "the graph has a cycle through node 'relu1' (Relu)"},
    {"MissingInitializer", [](auto& m) { m.mutable_graph()->clear_initializer(); },
     "node 'conv1' (Conv) reads 'w', which is no network input"},
    {"MissingNetworkInput", [](auto& m) { m.mutable_graph()->clear_input(); },
     "node 'conv1' (Conv) reads 'x', which is no network input"},
    {"MissingOutput", [](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); },
     "network output 'z' is made by no node"},
    {"NoOutputs", [](auto& m) { m.mutable_graph()->clear_output(); }, "has no outputs"},
    {"TensorMadeTwice", [](auto& m) { NodeOf(m, 1)->set_output(0, "a"); },
     "node 'relu1' (Relu): tensor 'a' is defined twice"},
    {"TensorMadeTwiceByOneNode", [](auto& m) { NodeOf(m, 1)->add_output("y"); },
     "node 'relu1' (Relu): tensor 'y' is defined twice"},
    {"OutputOverwritesInitializer", [](auto& m) { NodeOf(m, 1)->set_output(0, "w"); },
     "node 'relu1' (Relu): tensor 'w' is defined twice"},
    {"OutputOverwritesInput", [](auto& m) { NodeOf(m, 1)->set_output(0, "x"); },
     "node 'relu1' (Relu): tensor 'x' is defined twice"},
    {"InitializerTwice", [](auto& m) { *m.mutable_graph()->add_initializer() = *Weights(m); },
     "initializer 'w' is defined twice"},
    {"InputTwice", [](auto& m) { AddInput(m, "x", 1, {1}); }, "tensor 'x' is defined twice"},
    {"OutputListedTwice", [](auto& m) { AddOutput(m, "y", 1, {1}); },
     "network output 'y' is listed twice"},
    {"NodeNamesTwice", [](auto& m) { NodeOf(m, 1)->set_name("conv1"); },
     "two nodes are named 'conv1'"},
    {"NodeWithoutOutput", [](auto& m) { AddNode(m, "Relu", {"x"}, {""})->set_name("lost"); },
     "node 'lost' (Relu) has no output"},
    {"NodeWithoutOperator", [](auto& m) { NodeOf(m, 1)->clear_op_type(); },
     "node 'relu1' () has no operator"},
    {"NewlineInName", [](auto& m) { NodeOf(m, 1)->set_name("a\nb"); },
     "the node name 'a...' goes on with byte 0x0a"},
    {"EscapeInTensorName", [](auto& m) { NodeOf(m, 1)->set_output(0, "\x1b[2J"); },
     "the tensor name '...' goes on with byte 0x1b"},
    {"NoUtf8InName", [](auto& m) { NodeOf(m, 1)->set_name("n\xc3("); },
     "the node name 'n...' goes on with byte 0xc3"},
    {"EndlessName", [](auto& m) { NodeOf(m, 1)->set_name(std::string(5000, 'n')); },
     "the node name has 5000 bytes"},
};
INSTANTIATE_TEST_SUITE_P(Graph, HostileModel, ::testing::ValuesIn(kGraphs),
                         [](const auto& info) { return info.param.name; });

const Hostile kTensors[] = {
    {"NegativeDim", [](auto& m) { Weights(m)->set_dims(0, -3); },
     "initializer 'w': shape -3x2x1x1 has a negative"},
    {"HugeDims", [](auto& m) { Weights(m)->set_dims(0, std::int64_t{1} << 62); },
     "has more than 2^40 elements"},
    {"OverflowingDims",
     [](auto& m) {
       Weights(m)->set_dims(0, std::int64_t{1} << 32);
       Weights(m)->set_dims(1, std::int64_t{1} << 32);
     },
     "has more than 2^40 elements"},
    {"LargeDimsWithoutData", [](auto& m) { Weights(m)->set_dims(0, 1 << 30); },
     "initializer 'w': 6 elements of data for 1073741824x2x1x1 float32, which needs 2147483648"},
    {"TooManyDims",
     [](auto& m) {
       for (int i = 0; i < 100; ++i) Weights(m)->add_dims(1);
     },
     "initializer 'w': a shape has 104 dimensions"},
    {"TooFewElements", [](auto& m) { Weights(m)->mutable_float_data()->RemoveLast(); },
     "initializer 'w': 5 elements of data for 3x2x1x1 float32, which needs 6"},
    {"RawSizeMismatch", [](auto& m) { Weights(m)->set_raw_data("12345678"); },
     "initializer 'w': 8 bytes of data for 3x2x1x1 float32, which needs 24"},
    {"RawDataTooLong", [](auto& m) { Weights(m)->set_raw_data(std::string(25, 'x')); },
     "initializer 'w': 25 bytes of data for 3x2x1x1 float32, which needs 24"},
    {"DataInAnotherField", [](auto& m) { Weights(m)->set_data_type(onnx::TensorProto::INT64); },
     "initializer 'w': 0 elements of data for 3x2x1x1 int64, which needs 6"},
    {"ValueOutOfRange",
     [](auto& m) {
       Weights(m)->set_data_type(onnx::TensorProto::INT8);
       for (int i = 123; i < 129; ++i) Weights(m)->add_int32_data(i);
     },
     "initializer 'w': element 5 is 128, no int8"},
    {"Segments", [](auto& m) { Weights(m)->mutable_segment()->set_begin(0); },
     "is stored in segments"},
    {"Float16", [](auto& m) { Weights(m)->set_data_type(onnx::TensorProto::FLOAT16); },
     "initializer 'w' has element type float16, which is not supported"},
    {"Bfloat16", [](auto& m) { Weights(m)->set_data_type(onnx::TensorProto::BFLOAT16); },
     "initializer 'w' has element type bfloat16, which is not supported"},
    {"Strings", [](auto& m) { Weights(m)->set_data_type(onnx::TensorProto::STRING); },
     "initializer 'w' has element type string, which is not supported"},
    {"TypeOfTheFuture", [](auto& m) { Weights(m)->set_data_type(99); },
     "initializer 'w' has element type number 99, which is not supported"},
    {"NoType", [](auto& m) { Weights(m)->clear_data_type(); },
     "initializer 'w' has no element type"},
    {"SparseInitializer",
     [](auto& m) { m.mutable_graph()->add_sparse_initializer()->mutable_values()->set_name("s"); },
     "initializer 's' is a sparse tensor"},
    {"ExternalWithoutFolder",
     [](auto& m) {
       Weights(m)->set_data_location(onnx::TensorProto::EXTERNAL);
       auto* entry = Weights(m)->add_external_data();
       entry->set_key("location");
       entry->set_value("w.bin");
     },
     "initializer 'w': has external data 'w.bin', but there is no folder"},
    {"NegativeInputDim", [](auto& m) { Dim(m, 0)->set_dim_value(-2); },
     "network input 'x' has a dimension of -2"},
    {"HugeInputDim", [](auto& m) { Dim(m, 0)->set_dim_value(std::int64_t{1} << 60); },
     "network input 'x': shape 1152921504606846976x2x4x4 has more than 2^40 elements"},
    {"InputWithoutType", [](auto& m) { m.mutable_graph()->mutable_input(0)->clear_type(); },
     "network input 'x' is no dense tensor"},
    {"SequenceInput",
     [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type(); },
     "network input 'x' is no dense tensor"},
};
INSTANTIATE_TEST_SUITE_P(Tensor, HostileModel, ::testing::ValuesIn(kTensors),
                         [](const auto& info) { return info.param.name; });

const Hostile kModels[] = {
    {"UnknownDomain", [](auto& m) { NodeOf(m, 0)->set_domain("com.example"); },
     "node 'conv1' (Conv) is of operator domain 'com.example'; only ai.onnx is supported"},
    {"OldOpset", [](auto& m) { m.mutable_opset_import(0)->set_version(5); },
     "uses operator set 5; 6 to 18 are supported"},
    {"NewOpset", [](auto& m) { m.mutable_opset_import(0)->set_version(19); },
     "uses operator set 19; 6 to 18 are supported"},
    {"NegativeOpset", [](auto& m) { m.mutable_opset_import(0)->set_version(-1); },
     "uses operator set -1; 6 to 18 are supported"},
    {"NoOpset", [](auto& m) { m.clear_opset_import(); }, "imports no ai.onnx operator set"},
    {"Function", [](auto& m) { m.add_functions()->set_name("Silu"); },
     "model-local function 'Silu'"},
    {"Subgraph",
     [](auto& m) { Attribute(m, onnx::AttributeProto::GRAPH)->mutable_g()->set_name("body"); },
     "node 'relu1' (Relu): attribute 'extra' is a subgraph: control flow (If, Loop, Scan)"},
    {"Subgraphs", [](auto& m) { Attribute(m, onnx::AttributeProto::GRAPHS)->add_graphs(); },
     "node 'relu1' (Relu): attribute 'extra' is a subgraph"},
    {"SparseAttribute",
     [](auto& m) { Attribute(m, onnx::AttributeProto::SPARSE_TENSOR)->mutable_sparse_tensor(); },
     "node 'relu1' (Relu): attribute 'extra' is a sparse tensor"},
    {"TypeAttribute", [](auto& m) { Attribute(m, onnx::AttributeProto::TYPE_PROTO); },
     "node 'relu1' (Relu): attribute 'extra' has a type that is not supported"},
    {"AttributeWithoutValue", [](auto& m) { Attribute(m, onnx::AttributeProto::UNDEFINED); },
     "node 'relu1' (Relu): attribute 'extra' has no value"},
    {"AttributeTwice",
     [](auto& m) {
       Attribute(m, onnx::AttributeProto::INT)->set_i(1);
       Attribute(m, onnx::AttributeProto::INT)->set_i(2);
     },
     "node 'relu1' (Relu): attribute 'extra' is given twice"},
    {"AttributeReference",
     [](auto& m) { Attribute(m, onnx::AttributeProto::INT)->set_ref_attr_name("alpha"); },
     "node 'relu1' (Relu): attribute 'extra' refers to a function's attribute"},
    {"StringConstant",
     [](auto& m) {
       AddAttribute(AddNode(m, "Constant", {}, {"c"}), "value_string", onnx::AttributeProto::STRING)
           ->set_s("text");
     },
     "node of output 'c' (Constant): attribute 'value_string' is no dense numeric tensor"},
    {"EmptyConstant", [](auto& m) { AddNode(m, "Constant", {}, {"c"}); },
     "node of output 'c' (Constant) must have exactly one attribute"},
    {"ConstantThatReads",
     [](auto& m) {
       AddAttribute(AddNode(m, "Constant", {"x"}, {"c"}), "value_int", onnx::AttributeProto::INT);
     },
     "node of output 'c' (Constant) must have no input and one output"},
};
INSTANTIATE_TEST_SUITE_P(Model, HostileModel, ::testing::ValuesIn(kModels),
                         [](const auto& info) { return info.param.name; });

TEST(ParseOnnx, DeepNestingIsRefused) {
  onnx::ModelProto model = SmallModel();
  onnx::GraphProto* graph = model.mutable_graph();
  for (int depth = 0; depth < 5000; ++depth) {
    onnx::AttributeProto* attribute = graph->add_node()->add_attribute();
    attribute->set_type(onnx::AttributeProto::GRAPH);
    graph = attribute->mutable_g();
  }
  EXPECT_EQ(Refusal(model.SerializeAsString()), "model.onnx: is truncated or not an ONNX model");
}

}  // namespace
}  // namespace systole
