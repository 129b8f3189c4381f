// SPDX-License-Identifier: Apache-2.0
// The integer cases of ONNX's own tests (libonnx-testdata), run on the RTL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sw/map/plan.h"
#include "sw/onnx/onnx_io.h"
#include "tb/core_sim.h"

namespace systole {
namespace {

const std::filesystem::path kCases = "/usr/share/libonnx-testdata/data/node";

/// Expects the RTL of `core` to compute the tensor of the case's data set.
void ExpectCase(const CoreSim& core, const std::filesystem::path& folder) {
  Network network = ReadOnnx(folder / "model.onnx");
  ASSERT_EQ(network.nodes.size(), 1U);
  const Node& node = network.nodes[0];
  const std::filesystem::path data = folder / "test_data_set_0";
  std::map<std::string, Tensor> tensors;
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    tensors[network.inputs[i]] = ReadTensor(data / fmt::format("input_{}.pb", i));
  }
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs) {
    inputs.push_back(name.empty() ? nullptr : &tensors.at(name));
  }
  const auto plan = MakePlan(node, inputs, core.config());
  const RunResult result = core.Run(*plan, 0, plan->tile_count());
  EXPECT_EQ(result.timing_difference, "");
  EXPECT_TRUE(plan->TakeOutput() == ReadTensor(data / "output_0.pb"));
}

TEST(OnnxCases, IntegerOperatorsOnTheRtlGiveTheExpectedTensors) {
  const CoreSim core({.rows = 4, .cols = 4},
                     {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true});
  for (const char* name : {"test_basic_convinteger", "test_convinteger_with_padding",
                           "test_convinteger_without_padding", "test_matmulinteger",
                           "test_qlinearconv", "test_qlinearmatmul_2D", "test_qlinearmatmul_3D"}) {
    SCOPED_TRACE(name);
    ExpectCase(core, kCases / name);
  }
}

}  // namespace
}  // namespace systole
