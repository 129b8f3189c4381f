// SPDX-License-Identifier: Apache-2.0
// Nodes of random operators, attributes, types and shapes: each gives outputs or a RequestError
// that names the node; the asan preset shows that nothing else happens.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "base/error.h"
#include "base/stimulus.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

constexpr ElementType kTypes[] = {
    ElementType::kFloat32, ElementType::kUint8,   ElementType::kInt8,
    ElementType::kInt32,   ElementType::kInt64,   ElementType::kBool,
    ElementType::kFloat64, ElementType::kFloat32, ElementType::kFloat32};
constexpr const char* kIntegers[] = {
    "group",  "axis",      "ceil_mode", "count_include_pad", "keepdims",
    "to",     "start",     "end",       "storage_order",     "transA",
    "transB", "broadcast", "allowzero", "training_mode"};
constexpr const char* kLists[] = {"kernel_shape", "strides", "dilations", "pads",  "axes",
                                  "perm",         "starts",  "ends",      "split", "shape"};
constexpr const char* kTexts[] = {"reflect", "edge",          "SAME_UPPER", "SAME_LOWER", "VALID",
                                  "nearest", "align_corners", "asymmetric", "floor",      "ceil",
                                  ""};
constexpr const char* kTextKeys[] = {"mode", "auto_pad", "coordinate_transformation_mode",
                                     "nearest_mode"};

/// Mostly small, now and then as large or as small as can be.
std::int64_t AnyInteger(Stimulus& random) {
  constexpr std::int64_t kOdd[] = {std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min(),
                                   1LL << 40,
                                   -1,
                                   -2,
                                   0};
  return random.Below(12) == 0 ? kOdd[random.Below(std::size(kOdd))] : random.Between(0, 3);
}

Tensor AnyTensor(Stimulus& random, ElementType type, Shape shape) {
  Tensor tensor(type, std::move(shape));
  if (type == ElementType::kInt64) {
    for (auto& value : tensor.As<std::int64_t>()) value = AnyInteger(random);
  } else if (type == ElementType::kFloat32) {
    for (auto& value : tensor.As<float>()) value = static_cast<float>(random.Signed(8)) / 4.0F;
  } else {
    for (auto& byte : tensor.bytes()) byte = static_cast<std::byte>(random.Below(2));
  }
  return tensor;
}

Shape AnyShape(Stimulus& random, std::size_t rank) {
  Shape shape;
  for (std::size_t i = 0; i < rank; ++i) {
    shape.push_back(random.Below(12) == 0 ? 0 : random.Between(1, 5));
  }
  return shape;
}

struct RandomNode {
  Node node;
  std::vector<std::optional<Tensor>> inputs;
  int opset;
};

RandomNode MakeNode(Stimulus& random, const std::string& op) {
  RandomNode result;
  result.node.name = "it";
  result.node.op = op;
  result.opset = static_cast<int>(random.Between(6, 18));
  const std::size_t rank = random.Below(6);
  const ElementType type = kTypes[random.Below(std::size(kTypes))];
  const std::uint64_t count =
      1 + random.Below(op == "QLinearConv" || op == "QLinearMatMul" ? 9 : 5);
  const Shape first = AnyShape(random, rank);
  for (std::uint64_t i = 0; i < count; ++i) {
    Shape like = first;
    if (!like.empty()) like[0] = random.Between(1, 4);
    const Shape shape = random.Below(2) == 0   ? (i == 0 ? first : like)
                        : random.Below(2) == 0 ? Shape{random.Between(0, 4)}
                                               : AnyShape(random, random.Below(6));
    const ElementType other = kTypes[random.Below(std::size(kTypes))];
    if (i > 0 && random.Below(10) == 0) {
      result.inputs.emplace_back();
    } else {
      result.inputs.emplace_back(AnyTensor(random, random.Below(2) == 0 ? type : other,
                                           random.Below(6) == 0 ? Shape{} : shape));
    }
    result.node.inputs.push_back(result.inputs.back() ? "in" + std::to_string(i) : "");
  }
  for (std::uint64_t i = random.Below(3); i + 1 > 0; --i) {
    result.node.outputs.push_back("out" + std::to_string(i));
    if (i == 0) break;
  }
  for (const char* key : kIntegers) {
    if (random.Below(4) == 0) result.node.attributes[key] = AnyInteger(random);
  }
  for (const char* key : kLists) {
    if (random.Below(3) != 0) continue;
    const std::size_t spatial = rank < 3 ? rank : rank - 2;
    const std::size_t lengths[] = {rank, spatial, spatial, 2 * spatial, 2 * rank, random.Below(7)};
    std::vector<std::int64_t> list(lengths[random.Below(std::size(lengths))]);
    for (std::int64_t& value : list) value = AnyInteger(random);
    result.node.attributes[key] = list;
  }
  for (const char* key : kTextKeys) {
    if (random.Below(3) == 0) {
      result.node.attributes[key] = std::string(kTexts[random.Below(std::size(kTexts))]);
    }
  }
  return result;
}

TEST(Execute, RandomNodesGiveOutputsOrAnErrorThatNamesThem) {
  constexpr std::uint64_t kSeed = 3;
  constexpr int kTrials = 600;
  Stimulus random(kSeed);
  int executed = 0;
  for (const std::string& op : SupportedOperators()) {
    for (int trial = 0; trial < kTrials; ++trial) {
      SCOPED_TRACE(fmt::format("seed {}, {} trial {}", kSeed, op, trial));
      const RandomNode any = MakeNode(random, op);
      std::vector<const Tensor*> inputs;
      for (const auto& input : any.inputs) inputs.push_back(input ? &*input : nullptr);
      try {
        const auto outputs = ExecuteNode(any.node, inputs, any.opset);
        ASSERT_GE(outputs.size(), any.node.outputs.size());
        ++executed;
      } catch (const RequestError& error) {
        ASSERT_EQ(std::string(error.what()).rfind("node 'it' (" + op + "): ", 0), 0U)
            << error.what();
      }
    }
  }
  EXPECT_GT(executed, kTrials);  // else the random nodes would say little
}

}  // namespace
}  // namespace systole
