// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

using testing::ElementsAre;

/// x -> "a" -> "b" -> "c" -> y, where "b" has a constant and "side" reads "a".
Network Chain() {
  Network network;
  network.name = "chain";
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y", "z"};
  network.values = {{"x", {ElementType::kFloat32, {2}, true, {}}},
                    {"y", {ElementType::kFloat32, {2}, true, {}}},
                    {"z", {ElementType::kFloat32, {2}, true, {}}}};
  network.initializers["k"] = Tensor::Of<float>({2}, std::vector<float>{1, 2});
  network.initializers["l"] = Tensor::Of<float>({2}, std::vector<float>{3, 4});
  network.nodes = {{"a", "Relu", "", {"x"}, {"t"}, {}},
                   {"b", "Add", "", {"t", "k"}, {"u"}, {}},
                   {"c", "Add", "", {"u", "l"}, {"y"}, {}},
                   {"side", "Relu", "", {"t"}, {"z"}, {}}};
  return network;
}

TEST(UpTo, KeepsWhatTheNodeNeeds) {
  const Network cut = UpTo(Chain(), "b");
  EXPECT_THAT(cut.outputs, ElementsAre("u"));
  ASSERT_EQ(cut.nodes.size(), 2U);
  EXPECT_EQ(cut.nodes[1].name, "b");
  EXPECT_TRUE(cut.initializers.contains("k"));
  EXPECT_FALSE(cut.initializers.contains("l"));
  EXPECT_FALSE(cut.values.contains("y"));
  EXPECT_EQ(cut.values.at("u").type, ElementType::kFloat32);
  EXPECT_NO_THROW(CheckNetwork(cut));
}

TEST(UpTo, OfAnOutputKeepsItsShape) {
  EXPECT_EQ(UpTo(Chain(), "c").values.at("y").shape, (Shape{2}));
}

TEST(UpTo, NamesANodeThatDoesNotExist) { EXPECT_THROW(UpTo(Chain(), "d"), RequestError); }

}  // namespace
}  // namespace systole
