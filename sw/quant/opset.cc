// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/opset.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sw/ir/graph.h"

namespace systole::quant {
namespace {

constexpr int kTarget = 13;

class Upgrader {
 public:
  Upgrader(Network& network, const std::map<std::string, std::size_t>& ranks)
      : network_(network), ranks_(ranks), names_(network) {}

  void Run() {
    std::vector<Node> nodes = std::move(network_.nodes);
    network_.nodes.clear();
    for (Node& node : nodes) Upgrade(std::move(node));
    network_.opset = kTarget;
  }

 private:
  void Upgrade(Node node) {
    const std::string& op = node.op;
    const int from = network_.opset;
    if (!node.domain.empty()) {
      network_.nodes.push_back(std::move(node));
    } else if (op == "Softmax" || op == "LogSoftmax" || op == "Hardmax") {
      UpgradeSoftmax(std::move(node));
    } else {
      if (op == "Clip" && from < 11) {
        UpgradeClip(node);
      } else if (op == "Slice" && from < 10) {
        UpgradeSlice(node);
      } else if (op == "Pad" && from < 11) {
        MoveInts(node, "pads", 1);
        MoveFloat(node, "value", 2);
      } else if (op == "Squeeze" || op == "Unsqueeze" || op == "ReduceSum") {
        MoveInts(node, "axes", 1);
      } else if (op == "Split") {
        MoveInts(node, "split", 1);
      } else if (op == "Upsample" || (op == "Resize" && from < 11)) {
        UpgradeResize(node);
      } else {
        DropOldAttributes(node);
      }
      network_.nodes.push_back(std::move(node));
    }
  }

  std::string Constant(const Node& node, const std::string& what, Tensor tensor) {
    return AddConstant(network_, names_, fmt::format("{}_{}", node.name, what), std::move(tensor));
  }

  static void SetInput(Node& node, std::size_t index, std::string name) {
    if (node.inputs.size() <= index) node.inputs.resize(index + 1);
    node.inputs[index] = std::move(name);
  }

  void MoveInts(Node& node, const std::string& key, std::size_t index) {
    if (!node.attributes.contains(key)) return;
    const std::vector<std::int64_t> values = node.Ints(key, {});
    node.attributes.erase(key);
    const auto count = static_cast<std::int64_t>(values.size());
    SetInput(node, index, Constant(node, key, Tensor::Of<std::int64_t>({count}, values)));
  }

  void MoveFloat(Node& node, const std::string& key, std::size_t index) {
    if (!node.attributes.contains(key)) return;
    const float value = node.Float(key, 0);
    node.attributes.erase(key);
    SetInput(node, index, Constant(node, key, Tensor::Scalar(value)));
  }

  void UpgradeClip(Node& node) {
    MoveFloat(node, "min", 1);
    MoveFloat(node, "max", 2);
  }

  void UpgradeSlice(Node& node) {
    MoveInts(node, "starts", 1);
    MoveInts(node, "ends", 2);
    MoveInts(node, "axes", 3);
  }

  void UpgradeResize(Node& node) {
    const std::string mode = node.String("mode", "nearest");
    std::string scales = InputOrEmpty(node, 1);
    if (scales.empty()) {
      const std::vector<float> values = node.Floats("scales", {});
      scales = Constant(node, "scales",
                        Tensor::Of<float>({static_cast<std::int64_t>(values.size())}, values));
    }
    node.op = "Resize";
    node.inputs = {node.inputs.at(0), "", scales};
    node.attributes = {{"mode", mode},
                       {"coordinate_transformation_mode", std::string("asymmetric")},
                       {"nearest_mode", std::string("floor")}};
  }

  // Before version 13 the axes from `axis` on are taken as one.
  void UpgradeSoftmax(Node node) {
    const std::int64_t axis = node.Int("axis", 1);
    const auto rank = ranks_.find(node.inputs.at(0));
    if (axis == -1 ||
        (rank != ranks_.end() && axis + 1 == static_cast<std::int64_t>(rank->second))) {
      node.attributes["axis"] = std::int64_t{-1};
      network_.nodes.push_back(std::move(node));
      return;
    }
    const std::string input = node.inputs[0], output = node.outputs.at(0);
    const std::string flat = names_.Fresh(input + "_flat");
    const std::string soft = names_.Fresh(output + "_flat");
    const std::string shape = names_.Fresh(input + "_shape");
    Add("Shape", names_.Fresh(node.name + "_shape"), {input}, {shape}, {});
    Add("Flatten", names_.Fresh(node.name + "_flatten"), {input}, {flat}, {{"axis", axis}});
    Add(node.op, node.name, {flat}, {soft}, {{"axis", std::int64_t{-1}}});
    Add("Reshape", names_.Fresh(node.name + "_reshape"), {soft, shape}, {output}, {});
  }

  void Add(const std::string& op, const std::string& name, std::vector<std::string> inputs,
           std::vector<std::string> outputs, std::map<std::string, Attribute> attributes) {
    network_.nodes.push_back(
        {name, op, "", std::move(inputs), std::move(outputs), std::move(attributes)});
  }

  void DropOldAttributes(Node& node) {
    if (node.op == "BatchNormalization") {
      if (node.Int("spatial", 1) != 1) {
        throw RequestError(
            fmt::format("{}: spatial=0 has no equal in operator set {}", Describe(node), kTarget));
      }
      node.attributes.erase("spatial");
      node.attributes.erase("is_test");
    } else if (node.op == "Dropout") {
      node.attributes.clear();  // the ratio matters only in training
    } else if (node.Int("broadcast", 0) != 0 && node.attributes.contains("axis")) {
      throw RequestError(fmt::format(
          "{}: broadcasting along an axis (operator set 6) has no equal in operator set {}",
          Describe(node), kTarget));
    } else {
      node.attributes.erase("broadcast");
    }
    node.attributes.erase("consumed_inputs");
  }

  Network& network_;
  const std::map<std::string, std::size_t>& ranks_;
  NameSource names_;
};

}  // namespace

void UpgradeOpset(Network& network, const std::map<std::string, std::size_t>& ranks) {
  if (network.opset < kTarget) Upgrader(network, ranks).Run();
}

}  // namespace systole::quant
