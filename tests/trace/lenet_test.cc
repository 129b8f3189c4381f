// SPDX-License-Identifier: Apache-2.0
// LeNet as a program: the accesses are those of a real inference because its result is.
#include <gtest/gtest.h>

#include <filesystem>

#include "sw/onnx/onnx_io.h"
#include "sw/quant/quantize.h"
#include "sw/ref/execute.h"
#include "tests/trace/checking_sink.h"

namespace systole {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(SYSTOLE_SOURCE_DIR) / "models" / "lenet";

Network FloatLenet() {
  Network network = ReadOnnx(kFolder / "lenet5.onnx");
  InferShapes(network, {{network.inputs.at(0), {1, 1, 28, 28}}});
  return network;
}

Network QuantizedLenet(ElementType activations) {
  const Network network = ReadOnnx(kFolder / "lenet5.onnx");
  QuantizeOptions options;
  options.activations = activations;
  Network quantized = Quantize(
      network, {{{network.inputs.at(0), ReadTensor(kFolder / "calibration.npy")}}}, options);
  InferShapes(quantized, {{quantized.inputs.at(0), {1, 1, 28, 28}}});
  return quantized;
}

/// The first of the digits, as a batch of one.
Tensor Digit() {
  const Tensor digits = ReadTensor(kFolder / "digits.npy");
  return Tensor::Of<float>({1, 1, 28, 28}, digits.As<float>().first(28 * 28));
}

/// Every tensor that the program still holds equals the reference's.
void ExpectReference(const Network& network, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(network, options, image);
  const Tensors inputs = {{network.inputs.at(0), Digit()}};
  WriteTensorTo(program, image, network.inputs.at(0), Digit());
  CheckingSink sink(program, image);
  const ProgramRun run = RunProgram(program, image, sink);
  const Tensors tensors = ExecuteNetwork(network, inputs);
  const std::string& output = network.outputs.at(0);
  EXPECT_EQ(ReadTensorFrom(program, image, output), tensors.at(output));
  EXPECT_EQ(sink.errors(), 0) << sink.first_error();
  TraceCounts sum;
  for (const LayerRun& layer : run.layers) {
    EXPECT_EQ(layer.total, layer.traced);
    sum.accesses += layer.total.accesses;
    sum.instructions += layer.total.instructions;
  }
  EXPECT_EQ(sum.accesses, sink.accesses());
  EXPECT_EQ(sum.instructions, sink.instructions());
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
