// SPDX-License-Identifier: Apache-2.0
// The instruction counts of the kernels against those of the compiled program.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "tests/trace/guest_run.h"
#include "tests/trace/single_node.h"

namespace systole {
namespace {

std::vector<Sample> Convolutions(Stimulus& random, ElementType type) {
  const ConvSpec specs[] = {
      {.type = type,
       .channels = 3,
       .features = 8,
       .in = {24, 24},
       .kernel = {5, 5},
       .pads = {2, 2, 2, 2}},
      {.type = type,
       .channels = 16,
       .features = 20,
       .in = {14, 14},
       .kernel = {3, 3},
       .pads = {1, 1, 1, 1}},
      {.type = type, .channels = 32, .features = 18, .in = {7, 9}, .kernel = {3, 3}},
      {.type = type, .channels = 40, .features = 24, .in = {13, 11}, .kernel = {1, 1}},
      {.type = type, .channels = 4, .features = 16, .in = {40, 40}, .kernel = {1, 1}},
      {.type = type, .channels = 300, .features = 8, .in = {6, 4}, .kernel = {1, 1}},
      {.type = type,
       .channels = 8,
       .features = 16,
       .group = 2,
       .in = {15, 15},
       .kernel = {3, 3},
       .strides = {2, 2},
       .pads = {1, 1, 1, 1}},
      {.type = type,
       .channels = 3,
       .features = 12,
       .in = {43, 43},
       .kernel = {11, 11},
       .strides = {4, 4}},
  };
  std::vector<Sample> samples;
  for (const ConvSpec& spec : specs) samples.push_back(MakeConv(random, spec));
  return samples;
}

/// What does not depend on the method of convolution.
std::vector<Sample> Layers(Stimulus& random, ElementType type) {
  const bool real = type == ElementType::kFloat32;
  std::vector<Sample> samples;
  for (const std::int64_t kernel : {1, 3, 7}) {
    for (const std::int64_t stride : {1, 2}) {
      samples.push_back(MakeConv(random, {.type = type,
                                          .channels = 12,
                                          .features = 12,
                                          .group = 12,
                                          .in = {16, 14},
                                          .kernel = {kernel, kernel},
                                          .strides = {stride, stride},
                                          .pads = {1, 1, 1, 1}}));
    }
  }
  for (const std::int64_t depth : {10, 40, 400, 1000})
    samples.push_back(MakeDense(random, type, 1, depth, 42));
  for (const std::int64_t kernel : {2, 3, 5}) {
    const std::map<std::string, Attribute> window = {
        {"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
        {"strides", std::vector<std::int64_t>{2, 2}}};
    samples.push_back(MakeNode(random, "MaxPool", type, {{1, 12, 20, 22}}, window));
    samples.push_back(MakeNode(random, "MaxPool", type, {{1, 12, 27, 13}}, window));
    if (real) samples.push_back(MakeNode(random, "AveragePool", type, {{1, 12, 20, 22}}, window));
    if (real) samples.push_back(MakeNode(random, "AveragePool", type, {{1, 12, 27, 13}}, window));
  }
  samples.push_back(MakeNode(random, "Concat", type, {{1, 16, 8, 8}, {1, 24, 8, 8}},
                             {{"axis", std::int64_t{1}}}));
  if (type != ElementType::kUint8)
    samples.push_back(MakeNode(random, "Relu", type, {{1, 20, 18, 18}}));
  const std::map<std::string, Attribute> order = {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}};
  samples.push_back(MakeNode(random, "Transpose", type, {{1, 60, 10, 10}}, order));
  samples.push_back(MakeNode(random, "Transpose", type, {{1, 4, 30, 20}}, order));
  if (!real) {
    samples.push_back(MakeQuantize(random, type, false, 6000));
    samples.push_back(MakeQuantize(random, type, true, 6000));
    return samples;
  }
  for (const char* mode : {"linear", "nearest"}) {
    samples.push_back(MakeResize(random, {1, 9, 9, 9}, {1, 9, 18, 18}, mode, "half_pixel"));
    samples.push_back(MakeResize(random, {1, 9, 20, 3}, {1, 9, 50, 4}, mode, "half_pixel"));
  }
  samples.push_back(MakeNode(random, "GlobalAveragePool", type, {{1, 60, 7, 7}}));
  samples.push_back(MakeNode(random, "GlobalAveragePool", type, {{1, 20, 13, 13}}));
  samples.push_back(MakeNode(random, "HardSigmoid", type, {{1, 20, 18, 18}}));
  samples.push_back(MakeNode(random, "Sigmoid", type, {{1, 20, 18, 18}}));
  samples.push_back(MakeNode(random, "Add", type, {{1, 20, 18, 18}, {1, 20, 18, 18}}));
  samples.push_back(MakeNode(random, "Mul", type, {{1, 50, 6, 6}, {1, 50, 1, 1}}));
  samples.push_back(MakeNode(random, "LRN", type, {{1, 12, 9, 9}}, {{"size", std::int64_t{5}}}));
  samples.push_back(MakeNode(random, "LRN", type, {{1, 12, 9, 9}}, {{"size", std::int64_t{1}}}));
  samples.push_back(MakeNode(random, "Softmax", type, {{3, 500}}));
  samples.push_back(MakeNode(random, "Softmax", type, {{100, 10}}));
  return samples;
}

struct Case {
  std::string name;
  Network network;
  Tensors inputs;
  ProgramOptions options;
};

std::vector<Case> AllCases(std::uint64_t seed) {
  Stimulus random(seed);
  std::vector<Case> cases;
  const auto add = [&](const char* method, ElementType type, const Sample& sample,
                       const ProgramOptions& options) {
    cases.push_back(
        {fmt::format("{} {}", ToString(type), method), sample.network, sample.inputs, options});
  };
  for (const ElementType type : {ElementType::kFloat32, ElementType::kInt8, ElementType::kUint8}) {
    const Sample convolutions = Join(Convolutions(random, type));
    add("packed", type, convolutions, {});
    add("unpacked", type, convolutions, {.gemm = GemmKind::kUnpacked});
    add("rows", type, convolutions, {.gemm = GemmKind::kRows});
    add("direct", type, convolutions, {.convolution = ConvolutionMethod::kDirect});
    add("layers", type, Join(Layers(random, type)), {});
  }
  return cases;
}

double Ratio(std::uint64_t a, std::uint64_t b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

/// Every operation on its own, and, as SYSTOLE_TRACE_FIT=FILE, the lines of the fit
/// (docs/trace.md): operation, type, what is left for the loops when the accesses are taken away,
/// accesses of the stack, tiles, and the turns of the loops.
TEST(Instructions, OfAnOperationAreThoseOfTheCompiledProgram) {
  SYSTOLE_NEED_GUEST();
  const char* const path = std::getenv("SYSTOLE_TRACE_FIT");
  std::ofstream fit(path == nullptr ? "/dev/null" : path);
  std::uint64_t sum = 0, guest_sum = 0;
  double worst = 0.0;
  for (const Case& c : AllCases(21)) {
    MemoryImage image(32);
    const Program program = BuildProgram(c.network, c.options, image);
    for (const auto& [name, tensor] : c.inputs) WriteTensorTo(program, image, name, tensor);
    const std::vector<GuestOp> guest = RunGuest(program, image);
    const std::vector<TracedOp> traced = RunTraced(program, image);
    ASSERT_NO_FATAL_FAILURE(ExpectSameAccesses(guest, traced)) << c.name;
    const std::vector<LoopCounts> loops = CountLoops(program, image);
    for (std::size_t i = 0; i < program.layers.size(); ++i) {
      const std::size_t op = program.layers[i].first_op;
      const double ratio = Ratio(traced[op].instructions, guest[op].instructions);
      const std::string what = fmt::format("{} {} {}", c.name, program.layers[i].op, i);
      worst = std::max(worst, std::fabs(ratio - 1.0));
      EXPECT_NEAR(ratio, 1.0, 0.08) << what;
      sum += traced[op].instructions;
      guest_sum += guest[op].instructions;
      fit << fmt::format("{} {} {} {} {}", what,
                         guest[op].instructions - guest[op].records.size() - traced[op].stack,
                         guest[op].others, loops[op].tiles, fmt::join(loops[op].turns, " "))
          << std::endl;
    }
  }
  EXPECT_NEAR(Ratio(sum, guest_sum), 1.0, 0.01);
  fmt::print("instructions: all operations {:.4f}, the worst off by {:.3f}\n",
             Ratio(sum, guest_sum), worst);
}

}  // namespace
}  // namespace systole
