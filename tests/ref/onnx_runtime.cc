// SPDX-License-Identifier: Apache-2.0
#include "tests/ref/onnx_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(SYSTOLE_SOURCE_DIR) / "models";

bool SameValue(float a, float b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0 || (std::isnan(a) && std::isnan(b));
}

}  // namespace

bool HaveOnnxRuntime() {
  return fs::exists(kModels / "node_modules/onnxruntime-node/package.json") &&
         fs::exists(kModels / "ort_run.mjs");
}

Tensors RunOnnxRuntime(const Network& network, const Tensors& inputs, const std::string& name) {
  const fs::path folder = fs::path(SYSTOLE_BINARY_DIR) / "onnx_runtime" / name;
  WriteOnnx(network, folder / "model.onnx");
  std::string command = fmt::format("node '{}' '{}' -o '{}'", (kModels / "ort_run.mjs").string(),
                                    (folder / "model.onnx").string(), folder.string());
  for (const auto& [input, tensor] : inputs) {
    const fs::path file = folder / ("input_" + input + ".npy");
    WriteTensor(tensor, file);
    command += fmt::format(" --input '{}={}'", input, file.string());
  }
  command += fmt::format(" 2> '{}'", (folder / "stderr").string());
  if (std::system(command.c_str()) != 0) throw RunError(ReadFile(folder / "stderr"));
  const auto index = nlohmann::json::parse(ReadFile(folder / "index.json"));
  Tensors tensors;
  for (const auto& [tensor, file] : index.at("tensors").items()) {
    tensors.emplace(tensor, ReadTensor(folder / file.get<std::string>()));
  }
  return tensors;
}

double ExpectWithin(const Tensor& got, const Tensor& expected, const Bound& bound,
                    const std::string& what) {
  if (got.type() != expected.type() || got.shape() != expected.shape()) {
    ADD_FAILURE() << what << ": " << ToString(got.shape()) << " of " << ToString(got.type())
                  << ", ONNX Runtime has " << ToString(expected.shape()) << " of "
                  << ToString(expected.type());
    return 0.0;
  }
  if (got.type() != ElementType::kFloat32) {
    EXPECT_TRUE(got == expected) << what << ": the elements differ from ONNX Runtime's";
    return 0.0;
  }
  const auto g = got.As<float>(), e = expected.As<float>();
  double worst = 0.0;
  int wrong = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    if (SameValue(g[i], e[i])) continue;
    const double difference = std::fabs(double{g[i]} - double{e[i]});
    worst = std::max(worst, difference / std::max(1.0, std::fabs(double{e[i]})));
    const bool inexact = bound.absolute + bound.relative > 0.0;
    if (inexact && difference <= bound.absolute + bound.relative * std::fabs(e[i])) continue;
    if (++wrong <= 3) {
      ADD_FAILURE() << what
                    << fmt::format(": element {} is {}, ONNX Runtime has {}", i, g[i], e[i]);
    }
  }
  EXPECT_EQ(wrong, 0) << what << ": of " << g.size() << " elements";
  return worst;
}

Comparison::Comparison(std::string name, int opset) {
  network_.name = std::move(name);
  network_.opset = opset;
}

void Comparison::Add(const std::string& op, const std::vector<Tensor>& inputs,
                     const std::map<std::string, Attribute>& attributes, Bound bound, int outputs) {
  Node node;
  node.name = fmt::format("{}_{}", op, network_.nodes.size());
  node.op = op;
  node.attributes = attributes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = fmt::format("{}_in{}", node.name, i);
    if (inputs[i].type() == ElementType::kUndefined) {
      node.inputs.emplace_back();
      continue;
    }
    node.inputs.push_back(name);
    if (i == 0) {
      network_.inputs.push_back(name);
      network_.values[name] = {inputs[i].type(), inputs[i].shape(), true, {}};
      inputs_.emplace(name, inputs[i]);
    } else {
      network_.initializers.emplace(name, inputs[i]);
    }
  }
  for (int i = 0; i < outputs; ++i) {
    node.outputs.push_back(fmt::format("{}_out{}", node.name, i));
    network_.outputs.push_back(node.outputs.back());
    bounds_[node.outputs.back()] = bound;
  }
  network_.nodes.push_back(node);
}

void Comparison::Run() {
  const Tensors got = ExecuteNetwork(network_, inputs_);
  const Tensors expected = RunOnnxRuntime(network_, inputs_, network_.name);
  for (const auto& [name, bound] : bounds_) {
    const double worst = ExpectWithin(got.at(name), expected.at(name), bound, name);
    if (bound.relative + bound.absolute > 0.0) {
      fmt::print("{}: largest difference {:.3g}\n", name, worst);
    }
  }
}

}  // namespace systole
