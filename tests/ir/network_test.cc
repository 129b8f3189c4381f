// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::ThrowsMessage;
using ::testing::UnorderedElementsAre;

Node Relu(const std::string& name, const std::string& from, const std::string& to) {
  return {.name = name,
          .op = "Relu",
          .domain = "",
          .inputs = {from},
          .outputs = {to},
          .attributes = {}};
}

/// x -> a -> b -> c
Network Chain() {
  Network network;
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"c"};
  network.nodes = {Relu("n1", "x", "a"), Relu("n2", "a", "b"), Relu("n3", "b", "c")};
  return network;
}

std::vector<std::string> Names(const Network& network) {
  std::vector<std::string> names;
  for (const Node& node : network.nodes) names.push_back(node.name);
  return names;
}

void ExpectProblem(const Network& network, const std::string& text) {
  EXPECT_THAT([&] { CheckNetwork(network); }, ThrowsMessage<RequestError>(HasSubstr(text)));
}

TEST(CheckNetwork, AcceptsAChain) { EXPECT_NO_THROW(CheckNetwork(Chain())); }

TEST(CheckNetwork, AcceptsAbsentOptionalInputsAndOutputs) {
  Network network = Chain();
  network.nodes[0].inputs.push_back("");
  network.nodes[1].outputs.push_back("");
  EXPECT_NO_THROW(CheckNetwork(network));
}

TEST(CheckNetwork, NamesTheNodeWhoseInputNobodyMakes) {
  Network network = Chain();
  network.nodes[1].inputs = {"nowhere"};
  ExpectProblem(network, "node 'n2' (Relu) reads 'nowhere'");
}

TEST(CheckNetwork, NamesTheNodeThatMakesATensorTwice) {
  Network network = Chain();
  network.nodes[2].outputs = {"a"};
  ExpectProblem(network, "node 'n3' (Relu): tensor 'a' is defined twice");
}

TEST(CheckNetwork, NamesTheNodeThatOverwritesAnInitializer) {
  Network network = Chain();
  network.initializers["b"] = Tensor::Scalar(1.0F);
  ExpectProblem(network, "node 'n2' (Relu): tensor 'b' is defined twice");
}

TEST(CheckNetwork, RefusesTwoNodesOfOneName) {
  Network network = Chain();
  network.nodes[2].name = "n1";
  ExpectProblem(network, "two nodes are named 'n1'");
}

TEST(CheckNetwork, RefusesDisorder) {
  Network network = Chain();
  std::swap(network.nodes[0], network.nodes[1]);
  ExpectProblem(network, "node 'n2' (Relu) stands before the node that makes its input 'a'");
}

TEST(CheckNetwork, NamesANodeOfTheCycle) {
  Network network = Chain();
  network.nodes[1].inputs = {"c"};
  ExpectProblem(network, "the graph has a cycle through node 'n");
  network.nodes.push_back(Relu("behind", "c", "d"));  // reads the cycle, is not on it
  std::swap(network.nodes[0], network.nodes[3]);
  EXPECT_THAT([&] { CheckNetwork(network); },
              ThrowsMessage<RequestError>(::testing::AnyOf(HasSubstr("through node 'n2'"),
                                                           HasSubstr("through node 'n3'"))));
}

TEST(CheckNetwork, RefusesOutputsThatNobodyMakesOrThatAreListedTwice) {
  Network network = Chain();
  network.outputs = {"nowhere"};
  ExpectProblem(network, "network output 'nowhere' is made by no node");
  network.outputs = {"c", "c"};
  ExpectProblem(network, "network output 'c' is listed twice");
  network.outputs = {};
  ExpectProblem(network, "no outputs");
}

TEST(SortNodes, OrdersAReversedChain) {
  Network network = Chain();
  std::swap(network.nodes[0], network.nodes[2]);
  SortNodes(network);
  EXPECT_EQ(Names(network), (std::vector<std::string>{"n1", "n2", "n3"}));
}

TEST(SortNodes, KeepsAnOrderThatIsGood) {
  Network network = Chain();
  network.nodes.insert(network.nodes.begin() + 1, Relu("late_reader", "x", "y"));
  const auto before = Names(network);
  SortNodes(network);
  EXPECT_EQ(Names(network), before);
}

TEST(CountReaders, CountsNodesAndOutputs) {
  Network network = Chain();
  network.nodes.push_back(Relu("n4", "a", "d"));
  network.outputs = {"c", "a"};
  EXPECT_THAT(CountReaders(network),
              UnorderedElementsAre(Pair("x", 1), Pair("a", 3), Pair("b", 1), Pair("c", 1)));
}

TEST(Node, AttributesFallBackAndCheckTheirType) {
  Node node = Relu("n", "x", "y");
  node.attributes = {{"axis", std::int64_t{2}}, {"alpha", 0.5F}};
  EXPECT_EQ(node.Int("axis", 7), 2);
  EXPECT_EQ(node.Int("group", 7), 7);
  EXPECT_EQ(node.Float("alpha", 1.0F), 0.5F);
  EXPECT_EQ(node.TensorOrNull("value"), nullptr);
  EXPECT_THAT(
      [&] { node.Ints("axis", {}); },
      ThrowsMessage<RequestError>("node 'n' (Relu): attribute 'axis' must be a list of integers"));
}

TEST(Network, ConstantFindsInitializersOnly) {
  Network network = Chain();
  network.initializers["w"] = Tensor::Scalar(3.0F);
  EXPECT_EQ(*network.Constant("w"), Tensor::Scalar(3.0F));
  EXPECT_EQ(network.Constant("x"), nullptr);
  EXPECT_EQ(network.Constant(""), nullptr);
}

}  // namespace
}  // namespace systole
