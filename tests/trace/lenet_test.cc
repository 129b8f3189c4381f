// SPDX-License-Identifier: Apache-2.0
// LeNet as a program: the accesses are those of a real inference because its result is.
#include "tests/trace/lenet.h"

#include <gtest/gtest.h>

#include "sw/ref/execute.h"
#include "tests/trace/checking_sink.h"

namespace systole {
namespace {

/// Every tensor that the program still holds equals the reference's.
void ExpectReference(const Network& network, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(network, options, image);
  const Tensors inputs = {{network.inputs.at(0), FirstDigit()}};
  WriteTensorTo(program, image, network.inputs.at(0), FirstDigit());
  CheckingSink sink(program, image);
  const ProgramRun run = RunProgram(program, image, sink);
  const Tensors tensors = ExecuteNetwork(network, inputs);
  const std::string& output = network.outputs.at(0);
  EXPECT_EQ(ReadTensorFrom(program, image, output), tensors.at(output));
  EXPECT_EQ(sink.errors(), 0) << sink.first_error();
  TraceCounts sum;
  for (const ProgramLayerRun& layer : run.layers) {
    EXPECT_EQ(layer.total, layer.traced);
    sum.accesses += layer.total.accesses;
    sum.instructions += layer.total.instructions;
  }
  EXPECT_EQ(sum.accesses, sink.accesses());
  EXPECT_EQ(sum.instructions, sink.instructions() + run.trailing_instructions);
}

TEST(LenetProgram, FloatHasTheReferencesBits) {
  const Network network = FloatLenet();
  for (const GemmKind gemm : {GemmKind::kPacked, GemmKind::kUnpacked, GemmKind::kRows}) {
    ExpectReference(network, {.gemm = gemm});
    ExpectReference(network, {.gemm = gemm, .blocks = {.rows = 4, .depth = 7, .columns = 12}});
  }
  ExpectReference(network, {.convolution = ConvolutionMethod::kDirect});
}

TEST(LenetProgram, QuantizedHasTheReferencesBytes) {
  for (const ElementType type : {ElementType::kInt8, ElementType::kUint8}) {
    const Network network = QuantizedLenet(type);
    for (const GemmKind gemm : {GemmKind::kPacked, GemmKind::kUnpacked, GemmKind::kRows}) {
      ExpectReference(network, {.gemm = gemm});
    }
    ExpectReference(network, {.convolution = ConvolutionMethod::kDirect});
  }
}

}  // namespace
}  // namespace systole
