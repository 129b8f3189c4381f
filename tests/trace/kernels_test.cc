// SPDX-License-Identifier: Apache-2.0
// Every kernel against sw/ref on odd sizes, and what every stream promises.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/trace/checking_sink.h"
#include "tests/trace/single_node.h"

namespace systole {
namespace {

constexpr ElementType kTypes[] = {ElementType::kFloat32, ElementType::kInt8, ElementType::kUint8};

/// The program's output, of a traced run whose stream keeps its promises.
Tensor Traced(const Sample& sample, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(sample.network, options, image);
  for (const auto& [name, tensor] : sample.inputs) WriteTensorTo(program, image, name, tensor);
  CheckingSink sink(program, image);
  const ProgramRun run = RunProgram(program, image, sink);
  EXPECT_EQ(sink.errors(), 0) << sink.first_error();
  const Tensor traced = ReadTensorFrom(program, image, "y");
  for (const auto& [name, tensor] : sample.inputs) WriteTensorTo(program, image, name, tensor);
  const std::vector<TraceCounts> native = RunNatively(program, image);
  EXPECT_EQ(ReadTensorFrom(program, image, "y"), traced) << "computed without a sink";
  for (std::size_t i = 0; i < native.size(); ++i) EXPECT_EQ(native[i], run.layers[i].total);
  return traced;
}

void ExpectReference(const Sample& sample, const ProgramOptions& options = {}) {
  const Tensor expected = ExecuteNetwork(sample.network, sample.inputs).at("y");
  ASSERT_EQ(Traced(sample, options), expected);
}

std::vector<ProgramOptions> Methods() {
  return {{},
          {.blocks = {.rows = 8, .depth = 5, .columns = 12}},
          {.gemm = GemmKind::kUnpacked, .blocks = {.rows = 4, .depth = 9, .columns = 16}},
          {.gemm = GemmKind::kRows},
          {.convolution = ConvolutionMethod::kDirect}};
}

ConvSpec RandomConv(Stimulus& random, ElementType type) {
  ConvSpec spec{.type = type};
  spec.batch = random.Between(1, 2);
  spec.group = random.Chance(100) ? random.Between(2, 3) : 1;
  spec.channels = spec.group * random.Between(1, 4);
  spec.features = spec.group * random.Between(1, 9);
  spec.bias = random.Chance(200);
  spec.per_channel = random.Chance(128);
  const bool flat = random.Chance(40);
  for (Shape* list : {&spec.in, &spec.kernel}) list->clear();
  std::vector<std::int64_t> after;
  for (int axis = 0; axis < (flat ? 1 : 2); ++axis) {
    spec.kernel.push_back(random.Between(1, 4));
    spec.dilations.push_back(random.Between(1, 2));
    spec.strides.push_back(random.Between(1, 3));
    spec.pads.push_back(random.Between(0, 3));
    after.push_back(random.Between(0, 3));
    spec.in.push_back((spec.kernel.back() - 1) * spec.dilations.back() + random.Between(1, 9));
  }
  spec.pads.insert(spec.pads.end(), after.begin(), after.end());
  return spec;
}

TEST(TraceKernels, ConvolutionsHaveTheReferencesBits) {
  constexpr std::uint64_t kSeed = 11;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    const Sample sample = MakeConv(random, RandomConv(random, kTypes[trial % 3]));
    for (const ProgramOptions& options : Methods()) {
      SCOPED_TRACE(fmt::format("seed {}, trial {}, {}, x {}, method {}/{}", kSeed, trial,
                               sample.name, ToString(sample.inputs.at("x").shape()),
                               static_cast<int>(options.convolution),
                               static_cast<int>(options.gemm)));
      ASSERT_NO_FATAL_FAILURE(ExpectReference(sample, options));
    }
  }
}

TEST(TraceKernels, PointwiseConvolutionsNeedNoColumns) {
  Stimulus random(12);
  for (const ElementType type : kTypes) {
    const Sample sample = MakeConv(
        random, {.type = type, .channels = 7, .features = 10, .in = {5, 7}, .kernel = {1, 1}});
    MemoryImage image(32);
    const Program program = BuildProgram(sample.network, {.gemm = GemmKind::kUnpacked}, image);
    const Segment& workspace = program.segments.at(2);
    EXPECT_EQ(workspace.end - workspace.begin,
              type == ElementType::kFloat32 ? 0 : (10 * 35 * 4 + 63) / 64 * 64);
    ExpectReference(sample);
  }
}

TEST(TraceKernels, FullyConnectedLayersHaveTheReferencesBits) {
  constexpr std::uint64_t kSeed = 13;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 30; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    const Sample sample = MakeDense(random, kTypes[trial % 3], random.Between(1, 3),
                                    random.Between(1, 40), random.Between(1, 11));
    ASSERT_NO_FATAL_FAILURE(ExpectReference(sample));
  }
}

TEST(TraceKernels, PoolingsHaveTheReferencesValues) {
  constexpr std::uint64_t kSeed = 14;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    const bool average = trial % 4 == 3;
    const std::int64_t kernel = random.Between(1, 3);
    std::map<std::string, Attribute> attributes = {
        {"kernel_shape", std::vector<std::int64_t>{kernel, random.Between(1, 3)}},
        {"strides", std::vector<std::int64_t>{random.Between(1, 3), random.Between(1, 3)}},
        {"pads", std::vector<std::int64_t>{random.Between(0, kernel - 1), 0,
                                           random.Between(0, kernel - 1), 0}},
        {"ceil_mode", random.Between(0, 1)}};
    if (average) attributes["count_include_pad"] = random.Between(0, 1);
    const Sample sample =
        MakeNode(random, average ? "AveragePool" : "MaxPool",
                 average ? ElementType::kFloat32 : kTypes[trial % 3],
                 {{1, 2, random.Between(3, 9), random.Between(3, 9)}}, attributes);
    const Tensor expected = ExecuteNetwork(sample.network, sample.inputs).at("y"),
                 actual = Traced(sample, {});
    ASSERT_EQ(actual.shape(), expected.shape());
    if (expected.type() != ElementType::kFloat32) {
      ASSERT_EQ(actual, expected);
      continue;
    }
    // Maxima may be zeros of the other sign; the terms of a mean are added in another order.
    for (std::size_t i = 0; i < static_cast<std::size_t>(actual.size()); ++i) {
      const float e = expected.As<float>()[i];
      ASSERT_NEAR(actual.As<float>()[i], e, average ? 1e-6 : 0.0) << "element " << i;
    }
  }
}

TEST(TraceKernels, GlobalPoolingsHaveTheReferencesBits) {
  Stimulus random(15);
  for (const std::int64_t size : {1, 3, 4, 7}) {
    ExpectReference(
        MakeNode(random, "GlobalAveragePool", ElementType::kFloat32, {{2, 3, size, 5}}));
    ExpectReference(MakeNode(random, "GlobalMaxPool", ElementType::kFloat32, {{2, 3, size, 5}}));
  }
}

TEST(TraceKernels, FunctionsOfElementsHaveTheReferencesBits) {
  Stimulus random(16);
  const std::vector<Shape> shape = {{2, 3, 5, 7}};
  ExpectReference(MakeNode(random, "Relu", ElementType::kFloat32, shape));
  ExpectReference(MakeNode(random, "Relu", ElementType::kInt8, shape));
  ExpectReference(MakeNode(random, "LeakyRelu", ElementType::kFloat32, shape, {{"alpha", 0.3F}}));
  ExpectReference(MakeNode(random, "HardSigmoid", ElementType::kFloat32, shape, {{"alpha", 0.3F}}));
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min"}) {
    for (const Shape& other :
         {Shape{2, 3, 5, 7}, Shape{3, 1, 1}, Shape{1}, Shape{2, 3, 1, 1}, Shape{7}, Shape{5, 7}}) {
      SCOPED_TRACE(fmt::format("{} {}", op, ToString(other)));
      ExpectReference(MakeNode(random, op, ElementType::kFloat32, {shape[0], other}));
      ExpectReference(MakeNode(random, op, ElementType::kFloat32, {other, shape[0]}));
    }
  }
  for (const std::int64_t axis : {0, 1, 2, -1}) {
    Shape other = {2, 3, 5, 7};
    other[axis < 0 ? 3 : static_cast<std::size_t>(axis)] = 4;
    for (const ElementType type : kTypes) {
      ExpectReference(
          MakeNode(random, "Concat", type, {shape[0], other, shape[0]}, {{"axis", axis}}));
    }
  }
  for (const ElementType type : {ElementType::kInt8, ElementType::kUint8}) {
    ExpectReference(MakeQuantize(random, type, false, 5000));
    ExpectReference(MakeQuantize(random, type, true, 5000));
  }
}

/// The exponential of the kernels is a polynomial in float32, the reference's that of the C library
/// in double.
TEST(TraceKernels, ExponentialsStayWithinTheirBound) {
  double worst = 0.0;
  for (float x = -87.0F; x < 88.6F; x += 0.00317F) {
    const double exact = std::exp(static_cast<double>(x));
    worst = std::max(worst, std::fabs(Exponential(x) - exact) / exact);
  }
  EXPECT_LT(worst, 2.5e-7);
  EXPECT_EQ(Exponential(-100.0F), 0.0F);
  EXPECT_EQ(Exponential(0.0F), 1.0F);
  Stimulus random(17);
  for (const char* op : {"Sigmoid", "Softmax"}) {
    const Sample sample = MakeNode(random, op, ElementType::kFloat32, {{3, 50}});
    const Tensor expected = ExecuteNetwork(sample.network, sample.inputs).at("y"),
                 actual = Traced(sample, {});
    for (std::size_t i = 0; i < static_cast<std::size_t>(actual.size()); ++i) {
      ASSERT_NEAR(actual.As<float>()[i], expected.As<float>()[i], 1e-6 * expected.As<float>()[i]);
    }
  }
}

TEST(TraceKernels, MovementHasTheReferencesElements) {
  Stimulus random(19);
  for (const ElementType type : kTypes) {
    ExpectReference(MakeNode(random, "Transpose", type, {{2, 3, 4, 5}}));
    ExpectReference(MakeNode(random, "Transpose", type, {{2, 3, 4, 5}},
                             {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}}));
  }
  for (const char* mode : {"DCR", "CRD"}) {
    ExpectReference(MakeNode(random, "DepthToSpace", ElementType::kFloat32, {{2, 12, 3, 5}},
                             {{"blocksize", std::int64_t{2}}, {"mode", std::string(mode)}}));
  }
}

TEST(TraceKernels, ResizingStaysWithinItsBound) {
  Stimulus random(20);
  for (const char* coordinates : {"half_pixel", "asymmetric", "align_corners"}) {
    for (const char* mode : {"linear", "nearest"}) {
      for (const Shape& size : {Shape{1, 3, 10, 14}, Shape{1, 3, 3, 20}, Shape{1, 3, 5, 7}}) {
        SCOPED_TRACE(fmt::format("{} {} {}", coordinates, mode, ToString(size)));
        const Sample sample = MakeResize(random, {1, 3, 5, 7}, size, mode, coordinates);
        const Tensor expected = ExecuteNetwork(sample.network, sample.inputs).at("y");
        const Tensor actual = Traced(sample, {});
        ASSERT_EQ(actual.shape(), expected.shape());
        for (std::size_t i = 0; i < static_cast<std::size_t>(actual.size()); ++i) {
          const double bound = std::string(mode) == "linear" ? 2e-6 : 0.0;
          ASSERT_NEAR(actual.As<float>()[i], expected.As<float>()[i], bound) << "element " << i;
        }
      }
    }
  }
}

/// Sums in float32, where the reference has double.
TEST(TraceKernels, ResponseNormalizationStaysWithinItsBound) {
  Stimulus random(18);
  for (const std::int64_t size : {1, 2, 3, 5, 40}) {
    const Sample sample = MakeNode(random, "LRN", ElementType::kFloat32, {{2, 9, 4, 5}},
                                   {{"size", size}, {"alpha", 0.3F}, {"bias", 1.5F}});
    const Tensor expected = ExecuteNetwork(sample.network, sample.inputs).at("y");
    const Tensor actual = Traced(sample, {});
    for (std::size_t i = 0; i < static_cast<std::size_t>(actual.size()); ++i) {
      const float e = expected.As<float>()[i];
      ASSERT_NEAR(actual.As<float>()[i], e, 1e-6 * std::fabs(e)) << "size " << size;
    }
  }
}

}  // namespace
}  // namespace systole
