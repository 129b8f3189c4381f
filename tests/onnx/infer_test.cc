// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/onnx/model_builder.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Node MakeNode(const std::string& op, std::vector<std::string> inputs,
              std::vector<std::string> outputs, std::map<std::string, Attribute> attributes = {}) {
  return {.name = op + "_" + outputs[0],
          .op = op,
          .domain = "",
          .inputs = std::move(inputs),
          .outputs = std::move(outputs),
          .attributes = std::move(attributes)};
}

/// A network with input x, ending in y.
Network MakeNetwork(ElementType type, const Shape& shape, std::vector<Node> nodes) {
  Network network;
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = {type, shape, true, {}};
  network.nodes = std::move(nodes);
  return network;
}

Shape ShapeOf(const Network& network, const std::string& name) {
  const ValueType& value = network.values.at(name);
  EXPECT_TRUE(value.has_shape) << name;
  return value.shape;
}

Tensor Ints(const std::vector<std::int64_t>& values) {
  return Tensor::Of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(InferShapes, GivenShapesFillDynamicDimensions) {
  Network network = Parse(SmallModel());
  network.values["x"] = {ElementType::kFloat32, {-1, 2, -1, -1}, true, {"N", "", "h", "w"}};
  InferShapes(network, {{"x", {2, 2, 5, 7}}});
  EXPECT_EQ(ShapeOf(network, "y"), (Shape{2, 3, 5, 7}));
  EXPECT_TRUE(network.values.at("x").symbols.empty());
}

TEST(InferShapes, AnOpenBatchBecomesOne) {
  Network network = Parse(SmallModel());
  network.values["x"].shape[0] = -1;
  InferShapes(network, {});
  EXPECT_EQ(ShapeOf(network, "y"), (Shape{1, 3, 4, 4}));
}

TEST(InferShapes, AnotherOpenDimensionAsksForTheOption) {
  Network network = Parse(SmallModel());
  network.values["x"] = {ElementType::kFloat32, {-1, 2, -1, -1}, true, {"N", "", "height", ""}};
  EXPECT_THAT(
      [&] { InferShapes(network, {}); },
      ThrowsMessage<RequestError>("network input 'x' is ?x2x?x?: not all dimensions are known\n"
                                  "  fix: pass --shape x=1x2x32x32 (with the size you need)"));
}

TEST(InferShapes, GivenShapesMustFitTheModel) {
  Network network = Parse(SmallModel());
  EXPECT_THAT(
      [&] {
        InferShapes(network, {{"x", {1, 3, 4, 4}}});
      },
      ThrowsMessage<RequestError>("--shape x=1x3x4x4 does not fit the model, where 'x' is "
                                  "1x2x4x4\n  fix: pass --shape x=1x2x4x4"));
  EXPECT_THROW(InferShapes(network, {{"x", {1, 2, 4}}}), RequestError);
  EXPECT_THAT(
      [&] {
        InferShapes(network, {{"image", {1}}, {"w", {1}}});
      },
      ThrowsMessage<RequestError>(
          ::testing::AllOf(HasSubstr("--shape image=1: the network has no input"),
                           HasSubstr("--shape w=1: the network has no input"))));
}

TEST(InferShapes, FollowsShapeArithmetic) {
  // What exporters make of x.reshape(x.shape[0], -1) and of doubling an image's size.
  Network network = MakeNetwork(
      ElementType::kFloat32, {2, 3, 4, 5},
      {MakeNode("Shape", {"x"}, {"shape"}), MakeNode("Gather", {"shape", "zero"}, {"batch"}),
       MakeNode("Unsqueeze", {"batch", "axes0"}, {"batches"}),
       MakeNode("Concat", {"batches", "minus1"}, {"wanted"}, {{"axis", std::int64_t{0}}}),
       MakeNode("Reshape", {"x", "wanted"}, {"flat"}),
       MakeNode("Slice", {"shape", "two", "four"}, {"size"}),
       MakeNode("Mul", {"size", "two"}, {"twice"}),
       MakeNode("Slice", {"shape", "axes0", "two"}, {"front"}),
       MakeNode("Concat", {"front", "twice"}, {"sizes"}, {{"axis", std::int64_t{0}}}),
       MakeNode("Resize", {"x", "", "", "sizes"}, {"y"})});
  network.initializers = {{"zero", Tensor::Scalar(std::int64_t{0})},
                          {"axes0", Ints({0})},
                          {"minus1", Ints({-1})},
                          {"two", Ints({2})},
                          {"four", Ints({4})}};
  InferShapes(network, {});
  EXPECT_EQ(ShapeOf(network, "flat"), (Shape{2, 60}));
  EXPECT_EQ(ShapeOf(network, "y"), (Shape{2, 3, 8, 10}));
}

TEST(InferShapes, FoldsSlicesThatRunBackwards) {
  // torch.nn.functional.pad lists its pads from the last dimension to the first.
  Network network =
      MakeNetwork(ElementType::kFloat32, {1, 1, 4, 5},
                  {MakeNode("Reshape", {"pads", "pairs"}, {"paired"}),
                   MakeNode("Slice", {"paired", "minus1", "far", "axes0", "minus1"}, {"reversed"}),
                   MakeNode("Transpose", {"reversed"}, {"columns"}),
                   MakeNode("Reshape", {"columns", "minus1"}, {"list"}),
                   MakeNode("Cast", {"list"}, {"cast"}, {{"to", std::int64_t{7}}}),
                   MakeNode("Pad", {"x", "cast"}, {"y"})});
  network.initializers = {{"pads", Ints({1, 2, 3, 4, 0, 0, 0, 0})},
                          {"pairs", Ints({-1, 2})},
                          {"minus1", Ints({-1})},
                          {"far", Ints({INT64_MIN})},
                          {"axes0", Ints({0})}};
  InferShapes(network, {});
  EXPECT_EQ(ShapeOf(network, "y"), (Shape{1, 1, 4 + 3 + 4, 5 + 1 + 2}));
}

TEST(InferShapes, KnowsTheQuantizedOperators) {
  Network network = MakeNetwork(
      ElementType::kFloat32, {1, 3, 8, 8},
      {MakeNode("QuantizeLinear", {"x", "s", "z"}, {"q"}),
       MakeNode("QLinearConv", {"q", "s", "z", "w", "s", "z", "s", "z", "b"}, {"conv"},
                {{"strides", std::vector<std::int64_t>{2, 2}},
                 {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}),
       MakeNode("Flatten", {"conv"}, {"flat"}),
       MakeNode("QLinearMatMul", {"flat", "s", "z", "m", "s", "z", "s", "z"}, {"product"}),
       MakeNode("MatMulInteger", {"product", "n"}, {"sums"}),
       MakeNode("DequantizeLinear", {"product", "s", "z"}, {"y"})});
  network.initializers = {{"s", Tensor::Scalar(0.5F)},
                          {"z", Tensor::Scalar(std::int8_t{0})},
                          {"w", Tensor(ElementType::kInt8, {4, 3, 3, 3})},
                          {"b", Tensor(ElementType::kInt32, {4})},
                          {"m", Tensor(ElementType::kInt8, {64, 10})},
                          {"n", Tensor(ElementType::kInt8, {10, 2})}};
  InferShapes(network, {});
  EXPECT_EQ(network.values.at("q").type, ElementType::kInt8);
  EXPECT_EQ(ShapeOf(network, "conv"), (Shape{1, 4, 4, 4}));
  EXPECT_EQ(network.values.at("product").type, ElementType::kInt8);
  EXPECT_EQ(network.values.at("sums").type, ElementType::kInt32);
  EXPECT_EQ(ShapeOf(network, "y"), (Shape{1, 10}));
  EXPECT_EQ(network.values.at("y").type, ElementType::kFloat32);
}

TEST(InferShapes, ForgetsWhatTheFileSaidOfInnerTensors) {
  Network network = Parse(SmallModel());
  network.values["a"] = {ElementType::kInt8, {9, 9}, true, {}};
  InferShapes(network, {});
  EXPECT_EQ(network.values.at("a"), (ValueType{ElementType::kFloat32, {1, 3, 4, 4}, true, {}}));
}

TEST(InferShapes, LeavesOpenWhatDependsOnData) {
  Network network =
      MakeNetwork(ElementType::kFloat32, {4}, {MakeNode("Reshape", {"x", "s"}, {"y"})});
  network.inputs.push_back("s");
  network.values["s"] = {ElementType::kInt64, {2}, true, {}};
  InferShapes(network, {});
  EXPECT_EQ(network.values.at("y").type, ElementType::kFloat32);
  EXPECT_FALSE(network.values.at("y").has_shape);
}

TEST(InferShapes, KeepsTypeAndRankBehindAnUnknownOperator) {
  Network network = MakeNetwork(ElementType::kFloat32, {4, 4}, {MakeNode("Det", {"x"}, {"y"})});
  network.values["y"] = {ElementType::kFloat32, {7, 7}, true, {}};
  InferShapes(network, {});
  EXPECT_EQ(network.values.at("y"), (ValueType{ElementType::kFloat32, {-1, -1}, true, {}}));
}

struct Misfit {
  const char* name;
  Shape shape;
  Node node;
  const char* message;
};
class MisfitNode : public ::testing::TestWithParam<Misfit> {};

TEST_P(MisfitNode, IsRefusedByName) {
  Network network = MakeNetwork(ElementType::kFloat32, GetParam().shape, {GetParam().node});
  network.initializers = {{"w", Tensor(ElementType::kFloat32, {4, 3, 3, 3})},
                          {"m", Tensor(ElementType::kFloat32, {5, 2})},
                          {"i", Ints({5, 2})},
                          {"huge", Ints({std::int64_t{1} << 30, std::int64_t{1} << 30})}};
  EXPECT_THAT(
      [&] { InferShapes(network, {}); },
      ThrowsMessage<RequestError>(::testing::AllOf(
          ::testing::StartsWith(Describe(GetParam().node) + ": "), HasSubstr(GetParam().message))));
}

const std::vector<std::int64_t> kZeros = {0, 0};
INSTANTIATE_TEST_SUITE_P(
    InferShapes, MisfitNode,
    ::testing::Values(
        Misfit{"Channels",
               {1, 2, 8, 8},
               MakeNode("Conv", {"x", "w"}, {"y"}),
               "the input 1x2x8x8, the weights 4x3x3x3 and group 1 do not fit together"},
        Misfit{"Window",
               {1, 3, 2, 8},
               MakeNode("Conv", {"x", "w"}, {"y"}),
               "the window reaches over 3 positions, the padded input has 2"},
        Misfit{"StrideZero",
               {1, 3, 8, 8},
               MakeNode("Conv", {"x", "w"}, {"y"}, {{"strides", kZeros}}),
               "attribute 'strides' has 0, which is out of range"},
        Misfit{"GroupZero",
               {1, 3, 8, 8},
               MakeNode("Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{0}}}),
               "group 0"},
        Misfit{"MissingInput", {1, 3, 8, 8}, MakeNode("Conv", {"x"}, {"y"}), "input 1 is missing"},
        Misfit{"Product",
               {3, 4},
               MakeNode("MatMul", {"x", "m"}, {"y"}),
               "3x4 and 5x2 cannot be multiplied"},
        Misfit{"Broadcast",
               {3, 4},
               MakeNode("Add", {"x", "m"}, {"y"}),
               "3x4 and 5x2 do not broadcast"},
        Misfit{"Types",
               {5, 2},
               MakeNode("Add", {"x", "i"}, {"y"}),
               "its operands are float32 and int64"},
        Misfit{"Reshape",
               {3, 4},
               MakeNode("Reshape", {"x", "i"}, {"y"}),
               "3x4 does not fit shape 5x2"},
        Misfit{"Expansion",
               {1, 1},
               MakeNode("Expand", {"x", "huge"}, {"y"}),
               "has more than 2^40 elements"},
        Misfit{"Axis",
               {3, 4},
               MakeNode("Concat", {"x", "x"}, {"y"}, {{"axis", std::int64_t{2}}}),
               "axis 2 is out of range for 2 dimensions"},
        Misfit{"AttributeType",
               {3, 4},
               MakeNode("Flatten", {"x"}, {"y"}, {{"axis", 1.0F}}),
               "attribute 'axis' must be an integer"}),
    [](const auto& info) { return info.param.name; });

/// Shapes of all tensors that libonnx's own inference tells; nothing where it gives up.
std::map<std::string, Shape> LibonnxShapes(onnx::ModelProto model) {
  try {
    onnx::shape_inference::InferShapes(model);
  } catch (const std::exception&) {
    return {};
  }
  std::map<std::string, Shape> shapes;
  for (const auto& info : model.graph().value_info()) {
    if (!info.type().tensor_type().has_shape()) continue;
    Shape shape;
    for (const auto& dim : info.type().tensor_type().shape().dim()) {
      shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    }
    if (std::find(shape.begin(), shape.end(), -1) == shape.end()) shapes[info.name()] = shape;
  }
  return shapes;
}

TEST(InferShapes, AgreesWithLibonnxOnInnerTensors) {
  const std::filesystem::path data = "/usr/share/libonnx-testdata/data";
  int compared = 0;
  for (const char* group : {"node", "simple", "pytorch-converted", "pytorch-operator"}) {
    for (const auto& entry : std::filesystem::directory_iterator(data / group)) {
      onnx::ModelProto model;
      ASSERT_TRUE(model.ParseFromString(ReadFile(entry.path() / "model.onnx")));
      if (model.graph().node_size() < 2) continue;
      Network network;
      try {
        network = ReadOnnx(entry.path() / "model.onnx");
      } catch (const RequestError&) {
        continue;
      }
      InferShapes(network, {});
      for (const auto& [name, shape] : LibonnxShapes(model)) {
        const auto found = network.values.find(name);
        if (found == network.values.end() || !found->second.has_shape) continue;
        EXPECT_EQ(found->second.shape, shape) << entry.path() << " " << name;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace systole
