// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/stimulus.h"
#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole {

/// Small networks for tests: tensors are named as the test names them, nodes after their output.
class GraphBuilder {
 public:
  GraphBuilder() { network_.opset = 13; }

  GraphBuilder& Opset(int version) {
    network_.opset = version;
    return *this;
  }
  GraphBuilder& Input(const std::string& name, Shape shape) {
    network_.inputs.push_back(name);
    network_.values[name] = {ElementType::kFloat32, std::move(shape), true, {}};
    return *this;
  }
  GraphBuilder& Constant(const std::string& name, Tensor tensor) {
    network_.initializers[name] = std::move(tensor);
    return *this;
  }
  GraphBuilder& Floats(const std::string& name, Shape shape, const std::vector<float>& values) {
    return Constant(name, Tensor::Of<float>(std::move(shape), values));
  }
  /// Multiples of 1/64 from -1 to 1.
  GraphBuilder& Random(const std::string& name, Shape shape, Stimulus& random) {
    return Constant(name, RandomTensor(std::move(shape), random));
  }
  static Tensor RandomTensor(Shape shape, Stimulus& random) {
    Tensor tensor(ElementType::kFloat32, std::move(shape));
    for (float& value : tensor.As<float>()) {
      value = static_cast<float>(random.Between(-64, 64)) / 64.0F;
    }
    return tensor;
  }
  GraphBuilder& Add(const std::string& op, std::vector<std::string> inputs,
                    const std::string& output, std::map<std::string, Attribute> attributes = {}) {
    network_.nodes.push_back(
        {output + "_node", op, "", std::move(inputs), {output}, std::move(attributes)});
    return *this;
  }
  Network Build(std::vector<std::string> outputs) {
    for (const std::string& name : outputs) network_.values[name].type = ElementType::kFloat32;
    network_.outputs = std::move(outputs);
    CheckNetwork(network_);
    return network_;
  }

 protected:
  Network network_;
};

/// The operators of a network in order.
inline std::vector<std::string> OperatorsOf(const Network& network) {
  std::vector<std::string> result;
  for (const Node& node : network.nodes) result.push_back(node.op);
  return result;
}

/// The first node with that operator; null when there is none.
inline const Node* FindOperator(const Network& network, const std::string& op) {
  for (const Node& node : network.nodes) {
    if (node.op == op) return &node;
  }
  return nullptr;
}

}  // namespace systole
