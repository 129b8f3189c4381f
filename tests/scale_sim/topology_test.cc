// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/topology.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/stimulus.h"
#include "sw/cost/scale_sim.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kHeader =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n";

std::string ErrorOf(const std::string& text) {
  try {
    ParseTopology(text, "net.csv");
  } catch (const RequestError& error) {
    return error.what();
  }
  return "no error";
}

/// The channels and groups that are meant and those that SCALE-Sim counts: "in/out/group".
std::vector<std::string> Channels(const std::string& rows) {
  std::vector<std::string> found;
  for (const TopologyLayer& layer : ParseTopology(kHeader + rows, "net.csv").layers) {
    const auto text = [](const ArrayLayer& work) {
      return fmt::format("{}/{}/{}", work.in_channels, work.out_channels, work.group);
    };
    found.push_back(text(layer.layer) +
                    (layer.layer == layer.written ? "" : " for " + text(layer.written)));
  }
  return found;
}

TEST(Topology, ReadsConvolutions) {
  const Topology topology = ParseTopology(
      kHeader +
          "\n  Conv1, 224, 230, 7, 5, 3, 64, 2,\r\n,,,\n# a comment\nFC6,1,1,1,1,512,1000,1\n",
      "nets/alex.csv");
  EXPECT_EQ(topology.name, "alex");
  EXPECT_THAT(topology.warnings, IsEmpty());
  ASSERT_THAT(topology.layers, SizeIs(2));
  const ArrayLayer& conv = topology.layers[0].layer;
  EXPECT_EQ(topology.layers[0].name, "Conv1");
  EXPECT_EQ(topology.layers[0].line, 3);
  EXPECT_EQ(ToString(conv), "1x3x224x230 * 64x3x7x5 s2");
  EXPECT_EQ(conv.height.output, 110);  // (224 - 7) / 2 = 108.5: SCALE-Sim counts the half
  EXPECT_EQ(conv.height.pad_after, 1);
  EXPECT_EQ(conv.width.output, 114);  // (230 - 5) / 2 = 112.5
  EXPECT_EQ(topology.layers[1].line, 6);
  EXPECT_EQ(topology.layers[1].layer.Macs(), 512 * 1000);
}

TEST(Topology, ReadsAStrideOfEachSide) {
  const Topology topology = ParseTopology(
      "Layer name,a,b,c,d,e,f,Stride height,Stride width,\nA,9,9,3,3,1,1,2,3,\n", "n");
  EXPECT_EQ(topology.layers[0].layer.height.stride, 2);
  EXPECT_EQ(topology.layers[0].layer.width.stride, 3);
  EXPECT_EQ(topology.layers[0].layer.width.pad_after, 0);
}

TEST(Topology, ReadsMatrixProducts) {
  const Topology topology =
      ParseTopology("Layer Name, M, N, K,\nTest 1, 256, 128, 64,\nTest 2,1,2,3", "gemm.csv");
  ASSERT_THAT(topology.layers, SizeIs(2));
  EXPECT_EQ(ToString(topology.layers[0].layer), "256x64 * 64x128");
  EXPECT_EQ(ToString(topology.layers[1].layer), "1x3 * 3x2");
}

TEST(Topology, GivesRepeatedNamesANumber) {
  const Topology topology =
      ParseTopology("L,M,N,K\na,1,1,1\na_2,1,1,1\na,1,1,1\na,1,1,1\n", "n.csv");
  std::vector<std::string> names;
  for (const TopologyLayer& layer : topology.layers) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("a", "a_2", "a_3", "a_4"));
}

TEST(Topology, TakesSparsityAsDenseAndSaysSo) {
  const Topology topology = ParseTopology(kHeader + "A,5,5,3,3,2,6,1,2:4,\n", "net.csv");
  EXPECT_THAT(topology.warnings,
              ElementsAre("net.csv, line 2: sparsity 2:4 is not modelled, A is dense"));
}

TEST(Topology, CorrectsEveryShortcutOfADepthwiseLayer) {
  EXPECT_THAT(Channels("Conv2_dw,112,112,3,3,32,1,1,\n"), ElementsAre("32/32/32 for 32/1/1"));
  EXPECT_THAT(Channels("DW4,112,112,3,3,1,64,1,\n"), ElementsAre("64/64/64 for 1/64/1"));
  EXPECT_THAT(Channels("a/depthwise,9,9,3,3,8,16,1,\n"), ElementsAre("8/16/8 for 8/16/1"));
  EXPECT_THAT(Channels("c2,9,9,3,3,1,1,2,#dw\nc3,4,4,1,1,32,64,1,\n"),
              ElementsAre("32/32/32 for 1/1/1", "32/64/1"));
  EXPECT_THAT(Channels("c1,9,9,3,3,3,24,2,\nc2_dw,4,4,3,3,1,1,1,\n"),
              ElementsAre("3/24/1", "24/24/24 for 1/1/1"));
  EXPECT_THAT(Channels("mid,9,9,3,3,32,1,1,\nc3,7,7,1,1,32,64,1,\n"),
              ElementsAre("32/32/32 for 32/1/1", "32/64/1"));
}

TEST(Topology, TakesScaleSimsOwnDepthwiseRowsAsTheyAre) {
  EXPECT_THAT(Channels("DP_2,112,112,3,3,32,1,1,\n"), ElementsAre("32/32/32"));
  EXPECT_THAT(Channels("DP_2,112,112,3,3,32,2,1,\n"), ElementsAre("32/64/32"));
  EXPECT_THAT(Channels("DP_2,112,112,3,3,32,32,1,\n"), ElementsAre("32/32/32 for 32/1024/32"));
}

TEST(Topology, LeavesAloneWhatIsNoDepthwiseLayer) {
  EXPECT_THAT(Channels("hardware,9,9,3,3,32,1,1,\nnext,7,7,1,1,64,64,1,\n"),
              ElementsAre("32/1/1", "64/64/1"));
  EXPECT_THAT(Channels("x_dw,9,9,3,3,3,4,1,\n"), ElementsAre("3/4/1"));
}

TEST(Topology, NamesEveryCorrectionInAWarning) {
  const Topology topology = ParseTopology(
      kHeader + "Conv1,9,9,3,3,3,32,2,\nConv2_dw,4,4,3,3,1,1,1,\nConv3,2,2,1,1,32,64,1,\n",
      "n.csv");
  EXPECT_THAT(topology.warnings,
              ElementsAre("n.csv, line 3: Conv2_dw is a depthwise layer, of which SCALE-Sim counts "
                          "one channel: taken with the 32 channels of line 4"));
  EXPECT_THAT(ParseTopology(kHeader + "a_dw,4,4,3,3,1,1,1,\n", "n.csv").warnings,
              ElementsAre(HasSubstr("no neighbour tells of more")));
}

TEST(Topology, AShortcutCountsSixAndAHalfTimesTooFewCycles) {
  const Topology topology = ParseTopology(kHeader + "Conv2_dw,114,114,3,3,32,1,1,\n", "n.csv");
  const ArrayConfig config = {.rows = 32, .cols = 32};
  const TopologyLayer& layer = topology.layers[0];
  EXPECT_EQ(ScaleSimOs(layer.written, config).cycles, std::uint64_t{392 * (288 + 62)});
  EXPECT_EQ(ScaleSimOs(layer.layer, config).cycles, std::uint64_t{392 * 32 * (9 + 62)});
}

TEST(Topology, BadTextIsAnErrorWithItsLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("net.csv has no layers"));
  EXPECT_THAT(ErrorOf(kHeader), HasSubstr("net.csv has no layers"));
  EXPECT_THAT(ErrorOf("Conv1,224,224,3,3,3,64,2,\n"), HasSubstr("line 1: the header"));
  EXPECT_THAT(ErrorOf("\x7f"
                      "ELF\x01\n"),
              HasSubstr("line 1: the header"));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,9,3,3,1,1,\n"), HasSubstr("line 2: Strides is missing"));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,9,3,3,1,1,0,\n"), HasSubstr("Strides \"0\" is no whole"));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,-9,3,3,1,1,1,\n"), HasSubstr("IFMAP Width \"-9\""));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,9,3.5,3,1,1,1,\n"), HasSubstr("Filter Height \"3.5\""));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,9,3,3,99999999999999999999,1,1,\n"), HasSubstr("Channels"));
  EXPECT_THAT(ErrorOf(kHeader + ",9,9,3,3,1,1,1,\n"), HasSubstr("line 2: the layer has no name"));
  EXPECT_THAT(ErrorOf(kHeader + "a,2,9,3,3,1,1,1,\n"), HasSubstr("the filter 3x3 is larger"));
  EXPECT_THAT(ErrorOf(kHeader + "a,9,9,3,3,1,1,1,1,7,\n"), HasSubstr("one column too many"));
  EXPECT_THAT(ErrorOf("L,M,N,K\na,1,2,\n"), HasSubstr("line 2: K is missing"));
  EXPECT_THAT(ErrorOf("L,M,N,K\na,16777216,1,16777216\n"), HasSubstr("more than 2^30"));
  EXPECT_THAT(ErrorOf(kHeader + "a,16777216,16777216,1,1,16777216,16777216,1,\n"),
              HasSubstr("more than 2^30"));
}

TEST(Topology, RandomBytesNeverDoAnythingElse) {
  constexpr std::uint64_t kSeed = 5;
  Stimulus random(kSeed);
  const std::string alphabet = "0123456789,,,,\n\n -.#:dwDPaMNK\"\t";
  for (int trial = 0; trial < 3000; ++trial) {
    std::string text = random.Chance(128) ? kHeader : "L,M,N,K\n";
    for (std::int64_t i = random.Between(0, 80); i > 0; --i) {
      text += alphabet[random.Below(alphabet.size())];
    }
    try {
      ParseTopology(text, "n.csv");
    } catch (const RequestError& error) {
      EXPECT_THAT(error.what(), HasSubstr("n.csv")) << "seed " << kSeed << ", trial " << trial;
    }
  }
}

TEST(TopologyNetwork, HasTheLayersOfTheFile) {
  const Topology topology = ParseTopology(
      kHeader + "a,9,8,3,3,3,5,2,\nb_dw,6,6,3,3,4,1,1,\nFC,1,1,1,1,7,10,1,\n", "n.csv");
  Network network = TopologyNetwork(topology, 1);
  InferShapes(network, {});
  ASSERT_THAT(network.nodes, SizeIs(3));
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    EXPECT_EQ(DescribeArrayLayer(network, network.nodes[i]), topology.layers[i].layer);
  }
}

TEST(TopologyNetwork, ResultsOfRandomInputsFillInt8) {
  const Topology topology = ParseTopology("L,M,N,K\na,40,30,500\n", "n.csv");
  const Network network = TopologyNetwork(topology, 3);
  const Tensors values =
      ExecuteNetwork(network, {{"a/input", RandomInt8({40, 500}, 4)}}, [](const auto&...) {});
  double squares = 0;
  int saturated = 0;
  for (const std::int8_t value : values.at("a/output").As<std::int8_t>()) {
    squares += double{1} * value * value;
    saturated += value == 127 || value == -128 ? 1 : 0;
  }
  EXPECT_NEAR(std::sqrt(squares / 1200), 40, 4);
  EXPECT_LT(saturated, 12);
}

TEST(TopologyNetwork, ASeedMeansTheSameValues) {
  const Topology topology = ParseTopology("L,M,N,K\na,4,3,5\nb,4,3,5\n", "n.csv");
  EXPECT_EQ(TopologyNetwork(topology, 7), TopologyNetwork(topology, 7));
  const Network network = TopologyNetwork(topology, 7);
  EXPECT_NE(network.initializers.at("a/weights"), network.initializers.at("b/weights"));
  EXPECT_NE(network, TopologyNetwork(topology, 8));
}

}  // namespace
}  // namespace systole
