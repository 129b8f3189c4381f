// SPDX-License-Identifier: Apache-2.0
// The instrumented kernels against the same kernels as a compiler makes a program of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/trace/guest_run.h"
#include "tests/trace/lenet.h"

namespace systole {
namespace {

/// The accesses are the same, one by one.
void ExpectSameAccesses(const std::vector<GuestOp>& guest, const std::vector<TracedOp>& traced) {
  ASSERT_EQ(guest.size(), traced.size());
  for (std::size_t op = 0; op < guest.size(); ++op) {
    ASSERT_EQ(guest[op].records.size(), traced[op].accesses.size()) << "operation " << op;
    for (std::size_t i = 0; i < guest[op].records.size(); ++i) {
      const GuestRecord& g = guest[op].records[i];
      const Access& t = traced[op].accesses[i];
      ASSERT_TRUE(g.address == t.address && g.value == t.value && g.bytes == t.bytes &&
                  (g.write != 0) == t.write)
          << fmt::format(
                 "operation {}, access {}: guest {:#x} = {:#x}, {} bytes, write {}; traced {:#x} = "
                 "{:#x}, {} bytes, write {}",
                 op, i, g.address, g.value, g.bytes, g.write, t.address, t.value, t.bytes, t.write);
    }
  }
}

void Compare(const Network& network, const ProgramOptions& options) {
  MemoryImage image(32);
  const Program program = BuildProgram(network, options, image);
  WriteTensorTo(program, image, network.inputs.at(0), FirstDigit());
  const std::vector<GuestOp> guest = RunGuest(program, image);
  const std::vector<TracedOp> traced = RunTraced(program, image);
  ExpectSameAccesses(guest, traced);
  for (std::size_t i = 0; i < program.layers.size(); ++i) {
    const std::size_t op = program.layers[i].first_op;
    fmt::print(
        "{:18} accesses {:8} stack {:7}/{:7} instructions {:9}/{:9} {:.3f}  per access {:.2f}\n",
        program.layers[i].op, guest[op].records.size(), traced[op].stack, guest[op].others,
        traced[op].instructions, guest[op].instructions,
        static_cast<double>(traced[op].instructions) / static_cast<double>(guest[op].instructions),
        static_cast<double>(guest[op].instructions) /
            static_cast<double>(guest[op].records.size()));
  }
}

TEST(Guest, LenetMakesTheSameAccessesInTheSameOrder) {
  SYSTOLE_NEED_GUEST();
  for (const Network& network :
       {FloatLenet(), QuantizedLenet(ElementType::kInt8), QuantizedLenet(ElementType::kUint8)}) {
    for (const GemmKind gemm : {GemmKind::kPacked, GemmKind::kUnpacked, GemmKind::kRows}) {
      Compare(network, {.gemm = gemm});
    }
    Compare(network, {.convolution = ConvolutionMethod::kDirect});
  }
}

}  // namespace
}  // namespace systole
