// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/plan.h"

#include <algorithm>

#include "sw/ir/graph.h"

namespace systole::quant {
namespace {

bool IsFloatConstant(const Network& network, const std::string& name) {
  const Tensor* tensor = network.Constant(name);
  return tensor != nullptr && tensor->type() == ElementType::kFloat32 && tensor->size() > 0;
}

bool IsArrayNode(const Network& network, const Node& node) {
  if (!node.domain.empty() || node.inputs.size() < 2) return false;
  if (network.Constant(node.inputs[0]) != nullptr) return false;
  const Tensor* weights = network.Constant(node.inputs[1]);
  if (node.op == "MatMul") {
    return weights == nullptr ||
           (IsFloatConstant(network, node.inputs[1]) && weights->shape().size() == 2);
  }
  const std::string bias = InputOrEmpty(node, 2);
  const bool plain =
      IsFloatConstant(network, node.inputs[1]) && (bias.empty() || IsFloatConstant(network, bias));
  if (node.op == "Conv") return plain && weights->shape().size() >= 3;
  // Gemms that could be normalized have transB = 1 and a vector as bias.
  return node.op == "Gemm" && plain && node.Int("transA", 0) == 0 && node.Int("transB", 0) == 1 &&
         node.Float("alpha", 1.0F) == 1.0F && node.Float("beta", 1.0F) == 1.0F &&
         (bias.empty() || network.Constant(bias)->shape() == Shape{weights->shape()[0]});
}

/// The tensors that a moving node only moves: all inputs of Concat, the first of the others.
std::vector<std::string> MovedInputs(const Node& node) {
  if (node.op == "Concat") return node.inputs;
  return {node.inputs.at(0)};
}

bool IsMovingNode(const Network& network, const Node& node) {
  if (!node.domain.empty() || node.inputs.empty()) return false;
  if (!MovesElements(node.op) && node.op != "Relu") return false;
  const bool one_output = std::count_if(node.outputs.begin(), node.outputs.end(),
                                        [](const auto& name) { return !name.empty(); }) == 1;
  const std::vector<std::string> inputs = MovedInputs(node);
  return one_output && std::none_of(inputs.begin(), inputs.end(), [&](const auto& name) {
           return network.Constant(name) != nullptr;
         });
}

class Planner {
 public:
  Planner(const Network& network, const std::set<std::string>& keep_float)
      : network_(network), keep_float_(keep_float), index_(network) {}

  QuantPlan Run() {
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      if (!keep_float_.contains(node.name) && IsArrayNode(network_, node)) AddArrayNode(i);
    }
    while (SpreadOnce()) {
    }
    for (auto& [name, group] : plan_.group) group = Find(name);
    return std::move(plan_);
  }

 private:
  void AddArrayNode(std::size_t i) {
    const Node& node = network_.nodes[i];
    plan_.array_nodes.insert(i);
    AddTensor(node.inputs[0]);
    if (node.op == "MatMul" && network_.Constant(node.inputs[1]) == nullptr) {
      AddTensor(node.inputs[1]);
    }
    std::string output = node.outputs[0];
    const auto reader = index_.SoleReader(output);
    if (reader && IsClampNode(network_, network_.nodes[*reader]) &&
        !keep_float_.contains(network_.nodes[*reader].name)) {
      output = network_.nodes[*reader].outputs[0];
      clamps_.insert(*reader);
    }
    AddTensor(output);
    plan_.made_of_integers.insert(output);
  }

  bool AddTensor(const std::string& name) { return plan_.group.emplace(name, name).second; }

  /// Lets integers flow through moving nodes: on from tensors that are integers anyway, and back
  /// from tensors that must become integers. True when something changed.
  bool SpreadOnce() {
    bool changed = false;
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const Node& node = network_.nodes[i];
      if (plan_.moving_nodes.contains(i) || clamps_.contains(i) ||
          keep_float_.contains(node.name) || !IsMovingNode(network_, node)) {
        continue;
      }
      const std::vector<std::string> inputs = MovedInputs(node);
      const bool from_integers = std::all_of(
          inputs.begin(), inputs.end(),
          [&](const std::string& name) { return plan_.made_of_integers.contains(name); });
      // A Relu before the conversion to integers may as well stay float.
      const bool to_integers = node.op != "Relu" && plan_.group.contains(node.outputs[0]);
      if (!from_integers && !to_integers) continue;
      AddTensor(node.outputs[0]);
      for (const std::string& name : inputs) {
        AddTensor(name);
        plan_.group[Find(name)] = Find(node.outputs[0]);
      }
      plan_.moving_nodes.insert(i);
      plan_.made_of_integers.insert(node.outputs[0]);
      changed = true;
    }
    return changed;
  }

  std::string Find(const std::string& name) const {
    std::string root = name;
    while (plan_.group.at(root) != root) root = plan_.group.at(root);
    return root;
  }

  const Network& network_;
  const std::set<std::string>& keep_float_;
  const GraphIndex index_;
  std::set<std::size_t> clamps_;
  QuantPlan plan_;
};

}  // namespace

QuantPlan PlanQuantization(const Network& network, const std::set<std::string>& keep_float) {
  return Planner(network, keep_float).Run();
}

bool IsClampNode(const Network& network, const Node& node) {
  if (!node.domain.empty()) return false;
  if (node.op == "Relu") return true;
  if (node.op != "Clip") return false;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (!node.inputs[i].empty() && !ScalarOf(network.Constant(node.inputs[i]))) return false;
  }
  return true;
}

}  // namespace systole::quant
