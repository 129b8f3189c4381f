// SPDX-License-Identifier: Apache-2.0
#include "sw/onnx/onnx_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include "base/error.h"
#include "tests/onnx/model_builder.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

TEST(ParseOnnx, KeepsNamesAttributesAndOptionalInputs) {
  onnx::ModelProto model = SmallModel();
  model.mutable_graph()->mutable_node(0)->add_input("");
  const Network network = Parse(model);
  EXPECT_EQ(network.opset, 13);
  EXPECT_EQ(network.name, "small");
  ASSERT_EQ(network.nodes.size(), 2U);
  EXPECT_EQ(network.nodes[0].name, "conv1");
  EXPECT_THAT(network.nodes[0].inputs, ElementsAre("x", "w", ""));
  EXPECT_EQ(network.nodes[0].Ints("strides", {}), (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(network.values.at("x").shape, (Shape{1, 2, 4, 4}));
  EXPECT_EQ(network.values.at("w").type, ElementType::kFloat32);
}

TEST(ParseOnnx, NamesNamelessNodesByOperatorAndOutput) {
  onnx::ModelProto model = SmallModel();
  model.mutable_graph()->mutable_node(0)->clear_name();
  model.mutable_graph()->mutable_node(1)->set_name("Conv_a");  // the name that would be made
  EXPECT_EQ(Parse(model).nodes[0].name, "Conv_a_2");
}

TEST(ParseOnnx, SortsNodes) {
  onnx::ModelProto model = SmallModel();
  model.mutable_graph()->mutable_node()->SwapElements(0, 1);
  EXPECT_EQ(Parse(model), Parse(SmallModel()));
}

TEST(ParseOnnx, InitializersListedAsInputsAreNoInputs) {
  onnx::ModelProto model = SmallModel();
  model.set_ir_version(3);
  AddInput(model, "w", onnx::TensorProto::FLOAT, {3, 2, 1, 1});
  EXPECT_THAT(Parse(model).inputs, ElementsAre("x"));
}

TEST(ParseOnnx, EveryKindOfConstantNodeBecomesAnInitializer) {
  onnx::ModelProto model = SmallModel();
  const auto constant = [&](const std::string& output) {
    onnx::NodeProto* node = AddNode(model, "Constant", {}, {output});
    AddOutput(model, output, onnx::TensorProto::FLOAT, {});
    return node->add_attribute();
  };
  onnx::AttributeProto* value = constant("t");
  value->set_name("value");
  value->set_type(onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(onnx::TensorProto::INT8);
  value->mutable_t()->add_int32_data(-7);
  value = constant("i");
  value->set_name("value_int");
  value->set_type(onnx::AttributeProto::INT);
  value->set_i(5);
  value = constant("is");
  value->set_name("value_ints");
  value->set_type(onnx::AttributeProto::INTS);
  value->add_ints(1);
  value->add_ints(2);
  value = constant("f");
  value->set_name("value_float");
  value->set_type(onnx::AttributeProto::FLOAT);
  value->set_f(0.5F);
  value = constant("fs");
  value->set_name("value_floats");
  value->set_type(onnx::AttributeProto::FLOATS);
  value->add_floats(0.25F);
  const Network network = Parse(model);
  EXPECT_EQ(network.nodes.size(), 2U);
  EXPECT_EQ(*network.Constant("t"), Tensor::Scalar(std::int8_t{-7}));
  EXPECT_EQ(*network.Constant("i"), Tensor::Scalar(std::int64_t{5}));
  EXPECT_EQ(*network.Constant("is"), Tensor::Of<std::int64_t>({2}, {1, 2}));
  EXPECT_EQ(*network.Constant("f"), Tensor::Scalar(0.5F));
  EXPECT_EQ(*network.Constant("fs"), Tensor::Of<float>({1}, {0.25F}));
  EXPECT_EQ(network.values.at("t").type, ElementType::kInt8);  // not what the output declares
}

TEST(ParseOnnx, MinusOneAndNamesAreUnknownDimensions) {
  onnx::ModelProto model = SmallModel();
  auto* shape = model.mutable_graph()
                    ->mutable_input(0)
                    ->mutable_type()
                    ->mutable_tensor_type()
                    ->mutable_shape();
  shape->mutable_dim(0)->set_dim_param("batch");
  shape->mutable_dim(2)->set_dim_value(-1);
  const ValueType x = Parse(model).values.at("x");
  EXPECT_EQ(x.shape, (Shape{-1, 2, -1, 4}));
  EXPECT_THAT(x.symbols, ElementsAre("batch", "", "", ""));
}

TEST(SerializeOnnx, ReadsBackEqual) {
  const Network network = Parse(SmallModel());
  EXPECT_EQ(ParseOnnx(SerializeOnnx(network), "again", ""), network);
}

TEST(SerializeOnnx, EveryAttributeKindAndElementTypeReadsBackEqual) {
  Network network = Parse(SmallModel());
  network.nodes[0].attributes = {{"int", std::int64_t{-3}},
                                 {"float", 1.5F},
                                 {"string", std::string("text")},
                                 {"tensor", Tensor::Of<std::int32_t>({2}, {1, -1})},
                                 {"ints", std::vector<std::int64_t>{4, 5}},
                                 {"no_ints", std::vector<std::int64_t>{}},
                                 {"floats", std::vector<float>{0.5F}},
                                 {"strings", std::vector<std::string>{"a", ""}}};
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kUint8, ElementType::kInt8, ElementType::kInt32,
        ElementType::kInt64, ElementType::kBool, ElementType::kFloat64}) {
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 0}}) {
      const std::string name = ToString(type) + "_" + ToString(shape);
      network.initializers[name] = Tensor(type, shape);
      if (network.initializers[name].size() > 0)
        network.initializers[name].bytes()[0] = std::byte{1};
      network.values[name] = {type, shape, true, {}};
    }
  }
  EXPECT_EQ(ParseOnnx(SerializeOnnx(network), "again", ""), network);
}

TEST(SerializeOnnx, GivesTheSameBytesEveryTime) {
  EXPECT_EQ(SerializeOnnx(Parse(SmallModel())), SerializeOnnx(Parse(SmallModel())));
}

TEST(SerializeOnnx, PassesTheChecker) {
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(SerializeOnnx(Parse(SmallModel()))));
  EXPECT_NO_THROW(onnx::checker::check_model(model));
}

TEST(SerializeOnnx, RefusesABrokenNetwork) {
  Network network = Parse(SmallModel());
  network.nodes[0].inputs[1] = "nowhere";
  EXPECT_THROW(SerializeOnnx(network), RequestError);
}

}  // namespace
}  // namespace systole
