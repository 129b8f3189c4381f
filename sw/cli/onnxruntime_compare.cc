// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/onnxruntime_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "sw/cli/float_bound.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

using Result = TensorComparison::Result;

double Value(const Tensor& tensor, std::size_t i) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return tensor.As<float>()[i];
    case ElementType::kFloat64:
      return tensor.As<double>()[i];
    case ElementType::kInt8:
      return tensor.As<std::int8_t>()[i];
    case ElementType::kUint8:
      return tensor.As<std::uint8_t>()[i];
    case ElementType::kInt32:
      return tensor.As<std::int32_t>()[i];
    case ElementType::kInt64:
      return static_cast<double>(tensor.As<std::int64_t>()[i]);
    case ElementType::kBool:
      return tensor.As<bool>()[i] ? 1 : 0;
    case ElementType::kUndefined:
      break;
  }
  return 0;
}

/// Fills in how the two differ; `bounds` is empty or holds what each element may differ by.
void CompareElements(const Tensor& own, const Tensor& theirs, const std::vector<double>& bounds,
                     TensorComparison& row) {
  if (own.type() != theirs.type() || own.shape() != theirs.shape()) {
    row.result = Result::kDiffers;
    row.differing = row.elements;
    row.largest = INFINITY;
    return;
  }
  const std::size_t size = SizeOf(own.type());
  bool within = !bounds.empty();
  for (std::size_t i = 0; i < static_cast<std::size_t>(own.size()); ++i) {
    if (std::memcmp(own.bytes().data() + i * size, theirs.bytes().data() + i * size, size) == 0) {
      continue;
    }
    const double a = Value(own, i), b = Value(theirs, i), difference = std::abs(a - b);
    ++row.differing;
    row.largest = std::max(row.largest, difference);
    within = within && difference <= bounds[i];
  }
  row.result = row.differing == 0 ? Result::kEqual
               : within           ? Result::kWithinBound
                                  : Result::kDiffers;
}

const Tensor* FindIn(const Network& network, const Tensors& tensors, const std::string& name) {
  if (const Tensor* constant = network.Constant(name)) return constant;
  const auto found = tensors.find(name);
  return found == tensors.end() ? nullptr : &found->second;
}

/// A node on ONNX Runtime's inputs.
struct OnTheirInputs {
  bool complete = false;  ///< ONNX Runtime has all inputs
  bool again = false;     ///< ours were different: the node was executed again
  std::vector<const Tensor*> inputs;
  std::vector<Tensor> outputs;
};

OnTheirInputs Evaluate(const Network& network, const Node& node, const Tensors& own,
                       const Tensors& theirs) {
  OnTheirInputs result;
  for (const std::string& name : node.inputs) {
    result.inputs.push_back(name.empty() ? nullptr : FindIn(network, theirs, name));
    if (name.empty()) continue;
    const Tensor* ours = FindIn(network, own, name);
    // An input of the network is no node's output: ONNX Runtime had the same one.
    const bool given = std::count(network.inputs.begin(), network.inputs.end(), name) > 0;
    if (result.inputs.back() == nullptr && given) result.inputs.back() = ours;
    if (result.inputs.back() == nullptr) return result;
    result.again = result.again || ours == nullptr || !(*ours == *result.inputs.back());
  }
  result.complete = true;
  if (result.again) {
    result.outputs = ExecuteNode(node, result.inputs, network.opset);
    return result;
  }
  for (const std::string& name : node.outputs) {
    result.outputs.push_back(name.empty() ? Tensor() : own.at(name));
  }
  return result;
}

}  // namespace

std::size_t Comparison::Count(Result result) const {
  return static_cast<std::size_t>(std::count_if(
      tensors.begin(), tensors.end(), [&](const auto& row) { return row.result == result; }));
}

const TensorComparison* Comparison::Find(const std::string& tensor) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const auto& row) { return row.tensor == tensor; });
  return found == tensors.end() ? nullptr : &*found;
}

bool Comparison::Good() const {
  return Count(Result::kDiffers) == 0 && Count(Result::kMissing) == 0;
}

Tensors ReadTensorFolder(const std::filesystem::path& folder, std::string& runtime) {
  const std::string fix =
      "write the folder with `node models/ort_run.mjs MODEL.onnx --input "
      "FILE.npy -o " +
      folder.string() + "`";
  if (!std::filesystem::exists(folder / "index.json")) {
    throw RequestError(fmt::format("--compare {} holds no index.json", folder.string()), fix);
  }
  Tensors tensors;
  try {
    const auto index = nlohmann::json::parse(ReadFile(folder / "index.json"));
    runtime = index.value("runtime", "");
    for (const auto& [name, file] : index.at("tensors").items()) {
      tensors.emplace(name, ReadTensor(folder / file.get<std::string>()));
    }
  } catch (const nlohmann::json::exception& error) {
    throw RequestError(fmt::format("{}: {}", (folder / "index.json").string(), error.what()), fix);
  }
  return tensors;
}

Comparison CompareTensors(const Network& network, const Tensors& own, const Tensors& theirs) {
  Comparison comparison;
  for (const Node& node : network.nodes) {
    const OnTheirInputs ours = Evaluate(network, node, own, theirs);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      TensorComparison row = {.tensor = node.outputs[i], .node = node.name, .op = node.op};
      row.elements = own.at(row.tensor).size();
      row.executed_again = ours.again;
      const auto other = theirs.find(row.tensor);
      if (!ours.complete || other == theirs.end()) {
        row.result = Result::kMissing;
      } else {
        CompareElements(ours.outputs[i], other->second,
                        FloatBound(node, ours.inputs, other->second, network.opset), row);
      }
      comparison.tensors.push_back(std::move(row));
    }
  }
  return comparison;
}

}  // namespace systole
