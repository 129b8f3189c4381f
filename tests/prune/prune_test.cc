// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/prune.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/stimulus.h"
#include "models/build_model.h"
#include "sw/onnx/onnx_io.h"
#include "sw/prune/published.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<float> Values(const Network& network, const std::string& tensor) {
  const auto values = network.initializers.at(tensor).As<float>();
  return {values.begin(), values.end()};
}

/// y = x * B with B of rows x columns, "product".
Network MatMulNetwork(std::int64_t rows, std::int64_t columns, const std::vector<float>& weights) {
  Network network;
  network.name = "matmul";
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = {ElementType::kFloat32, {1, rows}, true, {}};
  network.values["y"] = {ElementType::kFloat32, {1, columns}, true, {}};
  network.initializers["w"] = Tensor::Of<float>({rows, columns}, weights);
  network.nodes = {{"product", "MatMul", "", {"x", "w"}, {"y"}, {}}};
  return network;
}

/// One 1-D-like convolution "conv" of `out` channels over `in` channels of kernel 1 x k.
Network ConvNetwork(std::int64_t out, std::int64_t in, std::int64_t k,
                    const std::vector<float>& weights) {
  Network network;
  network.name = "conv";
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = {ElementType::kFloat32, {1, in, 1, 16}, true, {}};
  network.values["y"] = {ElementType::kFloat32, {1, out, 1, 17 - k}, true, {}};
  network.initializers["w"] = Tensor::Of<float>({out, in, 1, k}, weights);
  network.nodes = {{"conv", "Conv", "", {"x", "w"}, {"y"}, {}}};
  return network;
}

std::vector<float> RandomWeights(std::int64_t count, std::uint64_t seed) {
  Stimulus random(seed);
  std::vector<float> weights(static_cast<std::size_t>(count));
  for (float& weight : weights) weight = static_cast<float>(random.Between(-999, 999)) / 512.0F;
  return weights;
}

std::vector<std::string> ProblemsOf(const Network& network, const PruneOptions& options) {
  std::vector<std::string> what;
  try {
    Prune(network, options);
  } catch (const RequestError& error) {
    for (const Problem& problem : error.problems()) {
      what.push_back(problem.what + " | " + problem.fix);
    }
  }
  return what;
}

TEST(Prune, KeepsTheLargestMagnitudesExactlySoMany) {
  const Network pruned =
      Prune(MatMulNetwork(1, 7, {0.5F, -3, 1, -1, 1, 0.25F, 2}), {.density = 0.5});  // 3.5: 4 stay
  EXPECT_THAT(Values(pruned, "w"), ElementsAre(0, -3, 1, -1, 0, 0, 2));
}

TEST(Prune, DensityOneChangesNothingAndZeroLeavesNothing) {
  constexpr std::uint64_t kSeed = 3;
  const Network network = ConvNetwork(5, 3, 7, RandomWeights(105, kSeed));
  for (const PruneMethod method :
       {PruneMethod::kMagnitude, PruneMethod::kSimd, PruneMethod::kLine}) {
    SCOPED_TRACE(ToString(method));
    EXPECT_EQ(Prune(network, {.method = method, .density = 1.0}), network);
    PruneReport report;
    const Network none = Prune(network, {.method = method, .density = 0.0}, &report);
    EXPECT_EQ(none.initializers.at("w"), Tensor(ElementType::kFloat32, {5, 3, 1, 7}));
    ASSERT_THAT(report.layers, SizeIs(1));
    EXPECT_EQ(report.layers[0].after, (ZeroCount{105, 0, 14, 14}));
  }
}

TEST(Prune, SimdGroupsStartAnewInEveryRowOfAConvolution) {
  // Rows of 5 weights (one output channel), groups of 2: 2, 2 and 1.
  const Network network = ConvNetwork(2, 5, 1, {1, 1, 2, 2, 9, 3, 3, 0, 8, 0});
  EXPECT_THAT(
      Values(Prune(network, {.method = PruneMethod::kSimd, .group = 2, .density = 0.3}), "w"),
      ElementsAre(0, 0, 0, 0, 9, 0, 0, 0, 8, 0));
  EXPECT_THAT(
      Values(Prune(network, {.method = PruneMethod::kSimd, .group = 2, .density = 0.5}), "w"),
      ElementsAre(0, 0, 0, 0, 9, 3, 3, 0, 8, 0));
}

TEST(Prune, RowsOfAProductAreTheLastDimension) {
  const Network network = MatMulNetwork(2, 3, {1, 1, 5, 4, 4, 0});
  EXPECT_THAT(
      Values(Prune(network, {.method = PruneMethod::kSimd, .group = 2, .density = 0.5}), "w"),
      ElementsAre(0, 0, 5, 4, 4, 0));
}

TEST(Prune, LinesRunOnFromRowToRow) {
  // Lines of 16 bytes, 4 weights: 0-3, 4-7, 8-9.
  const Network network = ConvNetwork(2, 5, 1, {1, 1, 1, 1, 0, 7, 0, 0, 2, 2});
  PruneReport report;
  const Network pruned =
      Prune(network, {.method = PruneMethod::kLine, .line_bytes = 16, .density = 0.6}, &report);
  EXPECT_THAT(Values(pruned, "w"), ElementsAre(0, 0, 0, 0, 0, 7, 0, 0, 2, 2));
  EXPECT_EQ(report.layers[0].before, (ZeroCount{10, 7, 3, 0}));
  EXPECT_EQ(report.layers[0].after, (ZeroCount{10, 3, 3, 1}));
}

TEST(Prune, EveryLineOfLinePruningIsWholeOrZero) {
  constexpr std::uint64_t kSeed = 8;
  const Network network = ConvNetwork(11, 13, 3, RandomWeights(429, kSeed));
  for (const std::int64_t line : {16, 32, 64}) {
    PruneReport report;
    const Network pruned =
        Prune(network, {.method = PruneMethod::kLine, .line_bytes = line, .density = 0.4}, &report);
    const ZeroCount& after = report.layers[0].after;
    const auto values = Values(pruned, "w"), old = Values(network, "w");
    const auto length = static_cast<std::size_t>(line / 4);
    std::int64_t kept = 0;
    for (std::size_t begin = 0; begin < values.size(); begin += length) {
      bool same = true, zero = true;
      for (std::size_t i = begin; i < std::min(begin + length, values.size()); ++i) {
        same = same && values[i] == old[i];
        zero = zero && values[i] == 0;
      }
      EXPECT_TRUE(same || zero) << "seed " << kSeed << ", line at " << begin;
      kept += zero ? 0 : 1;
    }
    EXPECT_EQ(after.lines - after.zero_lines, kept);
    EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(after.lines), 0.4, 0.03);
  }
}

TEST(Prune, LeavesLayersWithoutADensityAlone) {
  const Network network = BuildModel({.name = ModelName::kMobileNetV1, .size = 32, .width = 0.25});
  PruneReport report;
  const Network pruned = Prune(network, {.densities = {{"block2/pointwise", 0.25}}}, &report);
  for (const auto& [name, tensor] : network.initializers) {
    EXPECT_EQ(pruned.initializers.at(name) == tensor, name != "block2/pointwise/weight") << name;
  }
  EXPECT_EQ(pruned.nodes, network.nodes);
  for (const PrunedLayer& layer : report.layers) {
    EXPECT_EQ(layer.target.has_value(), layer.weights.layer == "block2/pointwise");
  }
}

TEST(Prune, NamedDensitiesWinOverTheOneOfAll) {
  const Network network = BuildModel({.name = ModelName::kMobileNetV1, .size = 32, .width = 0.25});
  PruneReport report;
  Prune(network, {.density = 0.5, .densities = {{"stem", 1.0}}}, &report);
  ASSERT_THAT(report.layers, SizeIs(28));
  for (const PrunedLayer& layer : report.layers) {
    const double density = layer.weights.layer == "stem" ? 1.0 : 0.5;
    EXPECT_EQ(layer.after.nonzero, std::llround(density * static_cast<double>(layer.after.values)))
        << layer.weights.layer;
  }
}

TEST(Prune, NeverMakesASparseLayerDenserNorTouchesWhatItKeeps) {
  const Network network = MatMulNetwork(2, 4, {0, 0, 0, 5, -0.0F, 0, 0, -7});
  const Network pruned = Prune(network, {.density = 0.5});
  EXPECT_THAT(Values(pruned, "w"), ElementsAre(0, 0, 0, 5, 0, 0, 0, -7));
}

TEST(Prune, PrunedWeightsAreZeroBytesWhateverTheirSign) {
  PruneReport report;
  Prune(MatMulNetwork(1, 8, {-1, -2, -3, -4, -5, -6, -7, -8}), {.density = 0.0}, &report);
  EXPECT_EQ(report.layers[0].after, (ZeroCount{8, 0, 1, 1}));
  // A line of minus zeros holds no weight that counts, but is no line of zero bytes.
  EXPECT_EQ(CountZeros(MatMulNetwork(1, 8, std::vector<float>(8, -0.0F)), 32).layers[0].before,
            (ZeroCount{8, 0, 1, 0}));
}

TEST(Prune, RanksInt8WeightsByTheScaleOfTheirChannel) {
  Network network = MatMulNetwork(2, 2, {0, 0, 0, 0});
  network.initializers = {
      {"w", Tensor::Of<std::int8_t>({2, 2}, std::vector<std::int8_t>{10, 90, -9, 100})},
      {"scale", Tensor::Of<float>({2}, std::vector<float>{10, 0.5F})},
      {"zero", Tensor::Of<std::int8_t>({2}, std::vector<std::int8_t>{0, 0})},
      {"one", Tensor::Scalar<float>(1)},
      {"null", Tensor::Scalar<std::int8_t>(0)}};
  network.values["x"].type = network.values["y"].type = ElementType::kInt8;
  network.nodes[0].op = "QLinearMatMul";
  network.nodes[0].inputs = {"x", "one", "null", "w", "scale", "zero", "one", "null"};
  const auto kept = Prune(network, {.density = 0.5}).initializers.at("w");
  EXPECT_THAT(kept.As<std::int8_t>(), ElementsAre(10, 0, -9, 0));
  // A convolution has its scales along the first dimension.
  network.nodes[0].op = "QLinearConv";
  const auto rows = Prune(network, {.density = 0.5}).initializers.at("w");
  EXPECT_THAT(rows.As<std::int8_t>(), ElementsAre(10, 90, 0, 0));
  // Zeros that are no zero bytes are left alone.
  network.initializers["zero"] = Tensor::Of<std::int8_t>({2}, std::vector<std::int8_t>{0, 3});
  PruneReport report;
  EXPECT_EQ(Prune(network, {.density = 0.5}, &report), network);
  ASSERT_THAT(report.skipped, SizeIs(1));
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("zero point"));
}

TEST(Prune, PrunesSharedWeightsOnceAndWantsOneDensityForThem) {
  Network network = MatMulNetwork(2, 2, {1, 2, 3, 4});
  network.nodes = {{"first", "MatMul", "", {"x", "w"}, {"h"}, {}},
                   {"second", "MatMul", "", {"h", "w"}, {"y"}, {}}};
  PruneReport report;
  EXPECT_THAT(Values(Prune(network, {.density = 0.5}, &report), "w"), ElementsAre(0, 0, 3, 4));
  EXPECT_EQ(report.layers[0].after, report.layers[1].after);
  EXPECT_THAT(ProblemsOf(network, {.densities = {{"first", 0.5}}}),
              ElementsAre(HasSubstr("\"first\" and \"second\" share their weights")));
}

TEST(Prune, NamesEverythingThatIsWrong) {
  const Network network = MatMulNetwork(1, 2, {1, 2});
  EXPECT_THAT(ProblemsOf(network, {.group = 0,
                                   .density = -0.1,
                                   .densities = {{"fc6", 0.5}, {"product", std::nan("")}}}),
              ElementsAre(HasSubstr("a group of 0"), HasSubstr("density -0.1 is out of range"),
                          HasSubstr("no layer \"fc6\" with weights | its layers are: product"),
                          HasSubstr("layer \"product\": density nan")));
  for (const std::int64_t line : {0, 2, 24, 8192, -32}) {
    EXPECT_THAT(ProblemsOf(network, {.line_bytes = line}), SizeIs(1)) << line;
  }
  const float infinite = std::numeric_limits<float>::infinity();
  EXPECT_THAT(ProblemsOf(MatMulNetwork(1, 2, {1, infinite}), {.density = 0.5}),
              ElementsAre(HasSubstr("\"product\": a weight is not finite")));
}

TEST(Prune, SaysWhyALayerCannotBePruned) {
  Network network = MatMulNetwork(1, 2, {1, 2});
  network.initializers.clear();
  network.inputs.push_back("w");
  network.values["w"] = {ElementType::kFloat32, {1, 2}, true, {}};
  PruneReport report;
  EXPECT_EQ(Prune(network, {.density = 0.5}, &report), network);
  EXPECT_THAT(report.layers, IsEmpty());
  ASSERT_THAT(report.skipped, SizeIs(1));
  EXPECT_THAT(ProblemsOf(network, {.densities = {{"product", 0.5}}}),
              ElementsAre(HasSubstr("cannot be pruned: its weights are no constant")));
}

TEST(Prune, IsValidAsAFileAndRuns) {
  const Network network = BuildModel({.name = ModelName::kMobileNetV2, .size = 32, .width = 0.25});
  const Network pruned = Prune(network, {.method = PruneMethod::kSimd, .density = 0.3});
  ASSERT_NO_THROW(CheckNetwork(pruned));
  const Network read = ParseOnnx(SerializeOnnx(pruned), "pruned", ".");
  EXPECT_EQ(read.initializers, pruned.initializers);
  EXPECT_EQ(read.nodes, pruned.nodes);
  Tensor input(ElementType::kFloat32, {1, 3, 32, 32});
  EXPECT_EQ(ExecuteNetwork(read, {{"input", input}}).at("logits").shape(), (Shape{1, 1000}));
}

TEST(PublishedDensities, KnowsItsNetworksOnly) {
  EXPECT_THAT(NetworksWithPublishedDensities(), ElementsAre("alexnet", "squeezenet", "vgg-16"));
  EXPECT_THAT(PublishedDensities("alexnet"), SizeIs(8));
  EXPECT_THAT(PublishedDensities("vgg-16"), SizeIs(16));
  EXPECT_THAT(PublishedDensities("squeezenet"), SizeIs(26));
  EXPECT_THROW(PublishedDensities("resnet-18"), RequestError);
}

}  // namespace
}  // namespace systole
