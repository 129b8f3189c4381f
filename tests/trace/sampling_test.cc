// SPDX-License-Identifier: Apache-2.0
// Traces in part, and what layers report.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sw/cache/cache_model.h"
#include "tests/trace/checking_sink.h"
#include "tests/trace/single_node.h"

namespace systole {
namespace {

/// A convolution of 14 M multiply-accumulates and a pooling of 3 million accesses behind it.
Sample TwoLayers() {
  Stimulus random(31);
  Sample sample = MakeConv(
      random,
      {.channels = 16, .features = 64, .in = {40, 40}, .kernel = {3, 3}, .pads = {1, 1, 1, 1}});
  Network& network = sample.network;
  network.nodes.push_back({.name = "pool",
                           .op = "MaxPool",
                           .domain = "",
                           .inputs = {"y"},
                           .outputs = {"z"},
                           .attributes = {{"kernel_shape", std::vector<std::int64_t>{5, 5}}}});
  network.outputs = {"z"};
  network.values["z"] = {ElementType::kFloat32, {1, 64, 36, 36}, true, {}};
  return sample;
}

struct Traced {
  Tensor output;
  ProgramRun run;
  std::uint64_t accesses, instructions;
};

Traced Trace(const Sample& sample, const Sampling& sampling) {
  MemoryImage image(32);
  const Program program = BuildProgram(sample.network, {}, image);
  WriteTensorTo(program, image, "x", sample.inputs.at("x"));
  struct Counter {
    std::uint64_t accesses = 0, instructions = 0;
    std::uint64_t Access(const systole::Access& access) {
      ++accesses;
      instructions += access.instructions;
      return access.value;
    }
  } sink;
  ProgramRun run = RunProgram(program, image, sink, sampling);
  return {ReadTensorFrom(program, image, "z"), run, sink.accesses, sink.instructions};
}

TEST(Sampling, ComputesTheSameAndCountsTheSame) {
  const Sample sample = TwoLayers();
  const Traced all = Trace(sample, {}), part = Trace(sample, {.accesses_per_layer = 500'000});
  EXPECT_EQ(part.output, all.output);
  for (std::size_t i = 0; i < all.run.layers.size(); ++i) {
    EXPECT_EQ(part.run.layers[i].total, all.run.layers[i].total);
    EXPECT_EQ(all.run.layers[i].traced, all.run.layers[i].total);
    EXPECT_EQ(all.run.layers[i].Factor(), 1.0);
  }
}

TEST(Sampling, TracesAboutWhatIsAskedForAndSaysTheFactor) {
  const Sample sample = TwoLayers();
  const Traced part = Trace(sample, {.accesses_per_layer = 1'000'000});
  std::uint64_t accesses = 0, instructions = 0;
  for (const ProgramLayerRun& layer : part.run.layers) {
    EXPECT_GT(layer.traced.accesses, 500'000U);
    EXPECT_LT(layer.traced.accesses, 2'000'000U);
    EXPECT_NEAR(layer.Factor() * static_cast<double>(layer.traced.accesses),
                static_cast<double>(layer.total.accesses), 1.0);
    // A fair sample has the instructions an access of the whole.
    EXPECT_NEAR(layer.Factor() * static_cast<double>(layer.traced.instructions) /
                    static_cast<double>(layer.total.instructions),
                1.0, 0.05);
    accesses += layer.traced.accesses;
    instructions += layer.traced.instructions;
  }
  EXPECT_EQ(accesses, part.accesses);
  EXPECT_EQ(instructions, part.instructions + part.run.trailing_instructions);
}

TEST(Sampling, EstimatesAreWithinAFactorOfTwo) {
  const Sample sample = TwoLayers();
  for (const ProgramOptions& options :
       {ProgramOptions{}, ProgramOptions{.gemm = GemmKind::kUnpacked},
        ProgramOptions{.gemm = GemmKind::kRows},
        ProgramOptions{.convolution = ConvolutionMethod::kDirect}}) {
    MemoryImage image(32);
    const Program program = BuildProgram(sample.network, options, image);
    const std::vector<TraceCounts> counts = RunNatively(program, image);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      EXPECT_GT(program.layers[i].estimate, counts[i].accesses / 2) << program.layers[i].name;
      EXPECT_LT(program.layers[i].estimate, counts[i].accesses * 2) << program.layers[i].name;
    }
  }
}

/// Misses of a 16 KiB cache, each layer's weighted with its factor.
double Misses(const Sample& sample, const Sampling& sampling) {
  MemoryImage image(32);
  const Program program = BuildProgram(sample.network, {}, image);
  WriteTensorTo(program, image, "x", sample.inputs.at("x"));
  CacheModel cache(CacheConfig{}, image);
  std::vector<double> misses(program.layers.size());
  const ProgramRun run =
      RunProgram(program, image, cache, sampling, [&](std::size_t layer, bool begins) {
        misses[layer] =
            static_cast<double>(cache.Counters().Misses()) - (begins ? 0 : misses[layer]);
      });
  double sum = 0.0;
  for (std::size_t i = 0; i < misses.size(); ++i) sum += misses[i] * run.layers[i].Factor();
  return sum;
}

TEST(Sampling, MissesAreNearThoseOfTheWholeStream) {
  Stimulus random(32);
  const Sample sample = MakeConv(
      random,
      {.channels = 32, .features = 64, .in = {48, 48}, .kernel = {3, 3}, .pads = {1, 1, 1, 1}});
  const double all = Misses(sample, {}), part = Misses(sample, {.accesses_per_layer = 3'000'000});
  EXPECT_NEAR(part / all, 1.0, 0.05) << part << " against " << all;
}

TEST(RunProgram, TellsWhereLayersBeginAndEnd) {
  const Sample sample = TwoLayers();
  MemoryImage image(32);
  const Program program = BuildProgram(sample.network, {}, image);
  CheckingSink sink(program, image);
  std::string events;
  std::uint64_t begin = 0;
  std::vector<std::uint64_t> accesses;
  const ProgramRun run = RunProgram(program, image, sink, {}, [&](std::size_t layer, bool begins) {
    events += fmt::format("{}{} ", begins ? '(' : ')', layer);
    if (begins) begin = sink.accesses();
    if (!begins) accesses.push_back(sink.accesses() - begin);
  });
  EXPECT_EQ(events, "(0 )0 (1 )1 ");
  ASSERT_EQ(accesses.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(accesses[i], run.layers[i].total.accesses);
}

}  // namespace
}  // namespace systole
