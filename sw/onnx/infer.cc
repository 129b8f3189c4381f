// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "sw/onnx/fold.h"
#include "sw/onnx/onnx_io.h"
#include "sw/onnx/shape_rules.h"

namespace systole {
namespace {

using Shapes = std::map<std::string, Shape>;

/// An example that works: 1 for the batch, 32 elsewhere.
std::string Example(const ValueType& value) {
  Shape shape = value.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) shape[i] = i == 0 ? 1 : 32;
  }
  return ToString(shape);
}

void CheckGiven(const std::string& name, const ValueType& declared, const Shape& given) {
  ElementCount(given);
  if (!declared.has_shape) return;
  bool fits = given.size() == declared.shape.size();
  for (std::size_t i = 0; fits && i < given.size(); ++i) {
    fits = declared.shape[i] < 0 || declared.shape[i] == given[i];
  }
  if (!fits) {
    throw RequestError(fmt::format("--shape {}={} does not fit the model, where '{}' is {}", name,
                                   ToString(given), name, ToString(declared.shape)),
                       fmt::format("pass --shape {}={}", name, Example(declared)));
  }
}

/// The network's input with all dimensions filled in.
ValueType SettleInput(const Network& network, const std::string& name, const Shapes& shapes) {
  const auto declared = network.values.find(name);
  if (declared == network.values.end() || declared->second.type == ElementType::kUndefined) {
    throw RequestError(fmt::format("network input '{}' has no element type", name));
  }
  ValueType value = declared->second;
  if (const auto given = shapes.find(name); given != shapes.end()) {
    CheckGiven(name, value, given->second);
    return {value.type, given->second, true, {}};
  }
  if (!value.has_shape) {
    throw RequestError(fmt::format("the shape of network input '{}' is not known", name),
                       fmt::format("pass --shape {}=1x3x32x32 (its true shape)", name));
  }
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    if (value.shape[i] >= 0) continue;
    if (i > 0) {
      throw RequestError(fmt::format("network input '{}' is {}: not all dimensions are known", name,
                                     ToString(declared->second.shape)),
                         fmt::format("pass --shape {}={} (with the size you need)", name,
                                     Example(declared->second)));
    }
    value.shape[i] = 1;
  }
  value.symbols.clear();
  ElementCount(value.shape);
  return value;
}

void CheckNamesGiven(const Network& network, const Shapes& shapes) {
  std::vector<Problem> problems;
  for (const auto& [name, shape] : shapes) {
    if (std::find(network.inputs.begin(), network.inputs.end(), name) == network.inputs.end()) {
      problems.push_back({fmt::format("--shape {}={}: the network has no input of that name", name,
                                      ToString(shape)),
                          fmt::format("its inputs are: {}", fmt::join(network.inputs, ", "))});
    }
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
}

/// State of one inference.
class Inference {
 public:
  Inference(const Network& network, std::map<std::string, ValueType> inputs)
      : network_(network), values_(std::move(inputs)) {
    for (const auto& [name, tensor] : network.initializers) {
      values_[name] = KnownValue(tensor.type(), tensor.shape());
    }
  }

  std::map<std::string, ValueType> Run() {
    for (const Node& node : network_.nodes) Visit(node);
    return std::move(values_);
  }

 private:
  const Tensor* FindConstant(const std::string& name) const {
    const auto found = folded_.find(name);
    return found != folded_.end() ? &found->second : network_.Constant(name);
  }

  void Visit(const Node& node) {
    NodeContext context{node, network_.opset, {}, {}};
    bool known = true;
    for (const std::string& input : node.inputs) {
      const auto value = input.empty() ? values_.end() : values_.find(input);
      const bool present = value != values_.end();
      known = known && (input.empty() || (present && value->second.has_shape));
      context.types.push_back(present ? &value->second : nullptr);
      context.constants.push_back(FindConstant(input));
    }
    const ShapeRule rule = node.domain.empty() ? FindShapeRule(node.op) : nullptr;
    std::vector<ValueType> outputs;
    if (known && rule != nullptr) outputs = Apply(rule, context);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      const bool inferred = i < outputs.size() && outputs[i].type != ElementType::kUndefined;
      ValueType value = inferred ? std::move(outputs[i]) : Declared(node.outputs[i]);
      if (value.type != ElementType::kUndefined) values_[node.outputs[i]] = std::move(value);
    }
  }

  std::vector<ValueType> Apply(ShapeRule rule, const NodeContext& context) {
    try {
      std::vector<ValueType> outputs = rule(context);
      for (const ValueType& output : outputs) {
        if (output.has_shape) ElementCount(output.shape);
      }
      if (!outputs.empty() && !context.node.outputs.empty() && !context.node.outputs[0].empty()) {
        if (auto value = Fold(context, outputs[0])) {
          folded_[context.node.outputs[0]] = std::move(*value);
        }
      }
      return outputs;
    } catch (const RequestError& error) {
      const std::string what = error.what();
      const std::string who = Describe(context.node);
      throw RequestError(what.starts_with(who) ? what : fmt::format("{}: {}", who, what));
    }
  }

  /// What the file says of a tensor that no rule tells: its type and rank, since its dimensions
  /// may be those of other inputs.
  ValueType Declared(const std::string& name) const {
    const auto found = network_.values.find(name);
    if (found == network_.values.end()) return {};
    ValueType value = found->second;
    std::fill(value.shape.begin(), value.shape.end(), -1);
    value.symbols.clear();
    return value;
  }

  const Network& network_;
  std::map<std::string, ValueType> values_;
  std::map<std::string, Tensor> folded_;
};

}  // namespace

void InferShapes(Network& network, const Shapes& shapes) {
  CheckNetwork(network);
  CheckNamesGiven(network, shapes);
  std::vector<Problem> problems;
  std::map<std::string, ValueType> inputs;
  for (const std::string& name : network.inputs) {
    try {
      inputs[name] = SettleInput(network, name, shapes);
    } catch (const RequestError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
  network.values = Inference(network, std::move(inputs)).Run();
}

}  // namespace systole
