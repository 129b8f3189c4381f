// SPDX-License-Identifier: Apache-2.0
// The instrumented kernels against the same kernels as a compiler makes a program of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/trace/guest_run.h"
#include "tests/trace/lenet.h"

namespace systole {
namespace {

/// What the whole network takes, for the tolerance that docs/trace.md states.
void Compare(const Network& network, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(network, options, image);
  WriteTensorTo(program, image, network.inputs.at(0), FirstDigit());
  const std::vector<GuestOp> guest = RunGuest(program, image);
  const std::vector<TracedOp> traced = RunTraced(program, image);
  ExpectSameAccesses(guest, traced);
  std::uint64_t accesses = 0, stack[2] = {}, instructions[2] = {};
  for (std::size_t op = 0; op < guest.size(); ++op) {
    accesses += guest[op].records.size();
    stack[0] += guest[op].others;
    stack[1] += traced[op].stack;
    instructions[0] += guest[op].instructions;
    instructions[1] += traced[op].instructions;
  }
  const double ratio = static_cast<double>(instructions[1]) / static_cast<double>(instructions[0]);
  EXPECT_NEAR(ratio, 1.0, 0.03);
  fmt::print(
      "{} data accesses equal; compiled {} instructions, {} accesses of the stack; counted {} "
      "({:.3f}), {}\n",
      accesses, instructions[0], stack[0], instructions[1], ratio, stack[1]);
}

TEST(Guest, LenetMakesTheSameAccessesInTheSameOrder) {
  SYSTOLE_NEED_GUEST();
  Compare(FloatLenet(), {});
  Compare(FloatLenet(), {.gemm = GemmKind::kRows});
  Compare(FloatLenet(), {.convolution = ConvolutionMethod::kDirect});
  Compare(QuantizedLenet(ElementType::kInt8), {});
  Compare(QuantizedLenet(ElementType::kUint8), {.gemm = GemmKind::kUnpacked});
  Compare(QuantizedLenet(ElementType::kUint8), {.convolution = ConvolutionMethod::kDirect});
}

}  // namespace
}  // namespace systole
