// SPDX-License-Identifier: Apache-2.0
// The trained float classifier, node by node on ONNX Runtime's tensors: host operators have the
// same bits, products stay within the bound of any summation order (docs/numerics.md).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sw/onnx/onnx_io.h"
#include "tests/ref/onnx_runtime.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(SYSTOLE_SOURCE_DIR) / "models" / "direction";

const Tensor* Find(const Network& network, const Tensors& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  return found == tensors.end() ? network.Constant(name) : &found->second;
}

/// What may separate the results of a node: nothing, but for products and exponentials.
Bound BoundOf(const std::string& op) {
  if (op == "Softmax" || op == "Sigmoid") return {1e-6, 2.5e-7};
  if (op == "Conv" || op == "MatMul" || op == "Gemm") return {1e-4, 1e-4};
  if (op == "ReduceMean") return {1e-6, 1e-6};
  return {};
}

TEST(FloatClassifier, HasOnnxRuntimesTensorsNodeByNode) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  const fs::path model = kFolder / "classifier.onnx";
  if (!fs::exists(model)) GTEST_SKIP() << "the classifier was not fetched: models/fetch.sh";
  const Network network = ReadOnnx(model);
  const Tensors inputs = {{network.inputs.at(0), ReadTensor(kFolder / "samples.npy")}};
  const Tensors runtime = RunOnnxRuntime(network, inputs, "classifier");
  std::map<std::string, int> nodes;
  for (const Node& node : network.nodes) {
    std::vector<const Tensor*> arguments;
    for (const std::string& name : node.inputs) arguments.push_back(Find(network, runtime, name));
    const std::vector<Tensor> outputs = ExecuteNode(node, arguments, network.opset);
    ASSERT_TRUE(runtime.contains(node.outputs[0])) << Describe(node);
    ExpectWithin(outputs[0], runtime.at(node.outputs[0]), BoundOf(node.op), Describe(node));
    ++nodes[node.op];
  }
  EXPECT_EQ(nodes["Conv"], 53);
  // From end to end the products' differences add up, to little.
  const Tensors results = ExecuteNetwork(network, inputs);
  const std::string& answer = network.outputs.at(0);
  const double worst =
      ExpectWithin(results.at(answer), runtime.at(answer), {0.0, 1e-4}, "the answers");
  fmt::print("{} nodes; answers differ by at most {:.3g}\n", network.nodes.size(), worst);
}

}  // namespace
}  // namespace systole
