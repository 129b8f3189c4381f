// SPDX-License-Identifier: Apache-2.0
#include "tests/fuse/block.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

using Kernel = TestBlock::Kernel;

bool Holds(Kernel kind, bool on_row, bool on_column) {
  switch (kind) {
    case Kernel::kWhole:
      return true;
    case Kernel::kMiddleRow:
      return on_row;
    case Kernel::kMiddleColumn:
      return on_column;
    case Kernel::kCross:
      return on_row || on_column;
    case Kernel::kMiddle:
      break;
  }
  return on_row && on_column;
}

Tensor DepthwiseWeights(const TestBlock& block, Stimulus& random) {
  const std::int64_t rows = block.kernel_height, cols = block.kernel_width;
  Tensor weights(ElementType::kFloat32, {block.channels * block.multiplier, 1, rows, cols});
  auto values = weights.As<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) % (rows * cols);
    const float value = static_cast<float>(random.Between(-8, 8)) / 8;
    if (Holds(block.kernel, at / cols == rows / 2, at % cols == cols / 2)) values[i] = value;
  }
  return weights;
}

/// Adds the parts of a block one behind the other.
class BlockBuilder : public GraphBuilder {
 public:
  BlockBuilder(const TestBlock& block, std::uint64_t seed)
      : block_(block), random_(seed), channels_(block.channels * block.multiplier) {
    network_.opset = block.opset;
    Input("x", {1, block.channels, block.height, block.width});
  }

  Network Run() {
    AddDepthwise();
    if (block_.normalization) AddNormalization();
    if (!block_.activation.empty()) AddActivation();
    if (block_.squeeze) AddSqueeze();
    if (!block_.pointwise) {
      Append("Identity", {}, "y");
      return Build({"y"});
    }
    std::vector<std::string> outputs;
    const std::string in = at_;
    for (std::int64_t i = 0; i < block_.consumers; ++i) {
      const std::string number = i == 0 ? "" : fmt::format("{}", i + 1);
      Random("w_pw" + number, {3, channels_, 1, 1}, random_);
      at_ = in;
      Append("Conv", {"w_pw" + number}, "y" + number);
      network_.nodes.back().name = "pw" + number;
      outputs.push_back("y" + number);
    }
    return Build(outputs);
  }

 private:
  void Append(const std::string& op, const std::vector<std::string>& constants,
              const std::string& output, std::map<std::string, Attribute> attributes = {}) {
    std::vector<std::string> inputs = {at_};
    inputs.insert(inputs.end(), constants.begin(), constants.end());
    Add(op, inputs, output, std::move(attributes));
    at_ = output;
  }

  void AddDepthwise() {
    std::vector<std::string> constants = {"w_dw"};
    Constant("w_dw", DepthwiseWeights(block_, random_));
    if (block_.bias) {
      Random("b_dw", {channels_}, random_);
      constants.emplace_back("b_dw");
    }
    std::map<std::string, Attribute> attributes = {
        {"group", block_.channels}, {"strides", block_.strides}, {"dilations", block_.dilations}};
    if (block_.auto_pad.empty()) {
      attributes["pads"] = block_.pads;
    } else {
      attributes["auto_pad"] = block_.auto_pad;
    }
    Append("Conv", constants, "dw_out", std::move(attributes));
    network_.nodes.back().name = "dw";
  }

  void AddNormalization() {
    const std::vector<std::string> names = {"bn_scale", "bn_offset", "bn_mean", "bn_variance"};
    for (const std::string& name : names) Random(name, {channels_}, random_);
    for (float& variance : network_.initializers["bn_variance"].As<float>()) {
      variance = 0.5F + std::abs(variance);
    }
    Append("BatchNormalization", names, "bn_out");
  }

  void AddActivation() {
    if (block_.activation != "decomposed") return Append(block_.activation, {}, "act_out");
    Floats("three", {}, {3.0F}).Floats("zero", {}, {0.0F}).Floats("six", {}, {6.0F});
    const std::string in = at_;
    Append("Add", {"three"}, "act_add");
    Append("Clip", {"zero", "six"}, "act_clip");
    Append("Mul", {in}, "act_mul");
    Append("Div", {"six"}, "act_out");
  }

  void AddSqueeze() {
    const std::string in = at_;
    Random("w_reduce", {2, channels_, 1, 1}, random_).Random("b_reduce", {2}, random_);
    Random("w_expand", {channels_, 2, 1, 1}, random_).Random("b_expand", {channels_}, random_);
    Append("GlobalAveragePool", {}, "se_pool");
    Append("Conv", {"w_reduce", "b_reduce"}, "se_reduce");
    network_.nodes.back().name = "reduce";
    Append("Relu", {}, "se_relu");
    Append("Conv", {"w_expand", "b_expand"}, "se_expand");
    network_.nodes.back().name = "expand";
    Append("HardSigmoid", {}, "se_gate");
    Append("Mul", {in}, "se_out");
  }

  const TestBlock block_;
  Stimulus random_;
  std::int64_t channels_;
  std::string at_ = "x";
};

}  // namespace

Network BuildBlock(const TestBlock& block, std::uint64_t seed) {
  return BlockBuilder(block, seed).Run();
}

Tensors InputsFor(const Network& network, std::uint64_t seed) {
  Stimulus random(seed);
  Tensors inputs;
  for (const std::string& name : network.inputs) {
    Tensor tensor(ElementType::kFloat32, network.values.at(name).shape);
    for (float& value : tensor.As<float>()) value = static_cast<float>(random.Between(-8, 8)) / 8;
    inputs.emplace(name, std::move(tensor));
  }
  return inputs;
}

const Node& NodeNamed(const Network& network, const std::string& name) {
  for (const Node& node : network.nodes) {
    if (node.name == name) return node;
  }
  ADD_FAILURE() << "no node " << name;
  static const Node none;
  return none;
}

double LargestDifference(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.size()); ++i) {
    largest = std::max(largest, std::abs(double{a.As<float>()[i]} - double{b.As<float>()[i]}));
  }
  return largest;
}

}  // namespace systole
