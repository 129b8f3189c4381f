// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/fold.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sw/ir/graph.h"

namespace systole::quant {
namespace {

/// y = scale[c] * x + shift[c] for every channel c.
struct ChannelAffine {
  std::vector<double> scale;
  std::vector<double> shift;
};

/// The constant as one value a channel, when it broadcasts so against a tensor of rank `rank` whose
/// dimension 1 are the channels.
std::optional<std::vector<double>> PerChannel(const Tensor* constant, std::int64_t channels,
                                              std::size_t rank) {
  if (constant == nullptr || constant->type() != ElementType::kFloat32) return std::nullopt;
  const Shape& shape = constant->shape();
  if (shape.size() > rank) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_channel = i + rank - shape.size() == 1;
    if (shape[i] != 1 && !(is_channel && shape[i] == channels)) return std::nullopt;
  }
  const auto values = constant->As<float>();
  std::vector<double> result(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < result.size(); ++c) result[c] = values[values.size() == 1 ? 0 : c];
  return result;
}

std::optional<ChannelAffine> FromBatchNorm(const Network& network, const Node& node,
                                           std::int64_t channels) {
  const bool sole_output =
      std::count_if(node.outputs.begin(), node.outputs.end(),
                    [](const std::string& name) { return !name.empty(); }) == 1;
  if (!sole_output || node.Int("training_mode", 0) != 0 || node.inputs.size() != 5) {
    return std::nullopt;
  }
  std::optional<std::vector<double>> values[4];
  for (std::size_t i = 0; i < 4; ++i) {
    // A vector of `channels` values: the last of two dimensions.
    values[i] = PerChannel(network.Constant(node.inputs[i + 1]), channels, 2);
    if (!values[i]) return std::nullopt;
  }
  const double epsilon = node.Float("epsilon", 1e-5F);
  ChannelAffine result;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const double gamma = (*values[0])[c], beta = (*values[1])[c];
    const double mean = (*values[2])[c], variance = (*values[3])[c];
    result.scale.push_back(gamma / std::sqrt(variance + epsilon));
    result.shift.push_back(beta - mean * result.scale.back());
  }
  return result;
}

/// What `node` does to its input `value`, if that is one multiplication and addition a channel.
std::optional<ChannelAffine> AffineOf(const Network& network, const Node& node,
                                      const std::string& value, std::int64_t channels,
                                      std::size_t rank) {
  if (node.op == "BatchNormalization") {
    if (node.inputs.at(0) != value) return std::nullopt;
    return FromBatchNorm(network, node, channels);
  }
  const bool commutes = node.op == "Add" || node.op == "Mul";
  if ((!commutes && node.op != "Sub" && node.op != "Div") || node.inputs.size() != 2) {
    return std::nullopt;
  }
  if (node.inputs[0] != value && !commutes) return std::nullopt;
  const std::string& other = node.inputs[node.inputs[0] == value ? 1 : 0];
  const auto constant = PerChannel(network.Constant(other), channels, rank);
  if (!constant) return std::nullopt;
  ChannelAffine result{std::vector<double>(constant->size(), 1.0),
                       std::vector<double>(constant->size(), 0.0)};
  for (std::size_t c = 0; c < constant->size(); ++c) {
    const double k = (*constant)[c];
    if (node.op == "Add") result.shift[c] = k;
    if (node.op == "Sub") result.shift[c] = -k;
    if (node.op == "Mul") result.scale[c] = k;
    if (node.op == "Div") result.scale[c] = 1.0 / k;
  }
  return result;
}

/// Weights [channels, ...] and bias of a Conv, or of a Gemm as MakeGemms leaves them.
bool HasPlainWeights(const Network& network, const Node& node) {
  if (node.op != "Conv" && node.op != "Gemm") return false;
  const Tensor* weights = network.Constant(InputOrEmpty(node, 1));
  if (weights == nullptr || weights->type() != ElementType::kFloat32) return false;
  if (weights->shape().size() < 2) return false;
  const std::string bias_name = InputOrEmpty(node, 2);
  if (!bias_name.empty()) {
    const Tensor* bias = network.Constant(bias_name);
    if (bias == nullptr || bias->type() != ElementType::kFloat32 ||
        bias->shape() != Shape{weights->shape()[0]}) {
      return false;
    }
  }
  return node.op == "Conv" ||
         (node.Int("transB", 0) == 1 && node.Int("transA", 0) == 0 &&
          node.Float("alpha", 1.0F) == 1.0F && node.Float("beta", 1.0F) == 1.0F);
}

void Apply(Network& network, NameSource& names, Node& node, const ChannelAffine& affine) {
  Tensor weights = *network.Constant(node.inputs[1]);
  const std::size_t channels = affine.scale.size();
  Tensor bias(ElementType::kFloat32, {static_cast<std::int64_t>(channels)});
  if (const Tensor* old = network.Constant(InputOrEmpty(node, 2))) bias = *old;
  auto w = weights.As<float>();
  auto b = bias.As<float>();
  const std::size_t each = w.size() / channels;
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = static_cast<float>(w[i] * affine.scale[i / each]);
  }
  for (std::size_t c = 0; c < channels; ++c) {
    b[c] = static_cast<float>(b[c] * affine.scale[c] + affine.shift[c]);
  }
  node.inputs.resize(3);
  node.inputs[1] = AddConstant(network, names, node.inputs[1] + "_folded", std::move(weights));
  node.inputs[2] = AddConstant(
      network, names, (node.inputs[2].empty() ? node.name + "_bias" : node.inputs[2]) + "_folded",
      std::move(bias));
}

/// Folds one reader into `network.nodes[i]`; false when there is nothing to fold.
bool FoldOneReader(Network& network, NameSource& names, std::size_t i) {
  Node& node = network.nodes[i];
  if (!HasPlainWeights(network, node)) return false;
  const GraphIndex index(network);
  const auto reader = index.SoleReader(node.outputs[0]);
  if (!reader) return false;
  const Shape& shape = network.Constant(node.inputs[1])->shape();
  if (shape[0] == 0) return false;
  const auto affine =
      AffineOf(network, network.nodes[*reader], node.outputs[0], shape[0], shape.size());
  if (!affine) return false;
  Apply(network, names, node, *affine);
  node.outputs[0] = network.nodes[*reader].outputs[0];
  network.nodes.erase(network.nodes.begin() + static_cast<std::ptrdiff_t>(*reader));
  return true;
}

Tensor Transposed(const Tensor& matrix) {
  const std::int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
  Tensor result(ElementType::kFloat32, {columns, rows});
  const auto in = matrix.As<float>();
  auto out = result.As<float>();
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      out[static_cast<std::size_t>(c * rows + r)] = in[static_cast<std::size_t>(r * columns + c)];
    }
  }
  return result;
}

bool IsMatrix(const Tensor* tensor) {
  return tensor != nullptr && tensor->type() == ElementType::kFloat32 &&
         tensor->shape().size() == 2 && tensor->size() > 0;
}

void MatMulWithBiasToGemm(Network& network, const std::map<std::string, std::size_t>& ranks) {
  const GraphIndex index(network);
  for (Node& node : network.nodes) {
    if (node.op != "MatMul" || !IsMatrix(network.Constant(InputOrEmpty(node, 1)))) continue;
    const auto rank = ranks.find(node.inputs[0]);
    if (rank == ranks.end() || rank->second != 2) continue;
    const auto reader = index.SoleReader(node.outputs[0]);
    if (!reader || network.nodes[*reader].op != "Add") continue;
    const std::int64_t channels = network.Constant(node.inputs[1])->shape()[1];
    if (AffineOf(network, network.nodes[*reader], node.outputs[0], channels, 2)) node.op = "Gemm";
  }
}

void NormalizeGemm(Network& network, NameSource& names, Node& node) {
  const Tensor* matrix = network.Constant(InputOrEmpty(node, 1));
  if (node.op != "Gemm" || !IsMatrix(matrix) || node.Int("transA", 0) != 0) return;
  const bool transposed = node.Int("transB", 0) != 0;
  const std::int64_t channels = matrix->shape()[transposed ? 0 : 1];
  const double alpha = node.Float("alpha", 1.0F), beta = node.Float("beta", 1.0F);
  const std::string bias_name = InputOrEmpty(node, 2);
  std::optional<std::vector<double>> bias;
  if (!bias_name.empty()) {
    bias = PerChannel(network.Constant(bias_name), channels, 2);
    if (!bias) return;
  }
  if (!transposed || alpha != 1.0) {
    Tensor weights = transposed ? *matrix : Transposed(*matrix);
    for (float& w : weights.As<float>()) w = static_cast<float>(w * alpha);
    node.inputs[1] = AddConstant(network, names, node.inputs[1] + "_rows", std::move(weights));
  }
  if (bias) {
    Tensor vector(ElementType::kFloat32, {channels});
    for (std::size_t c = 0; c < bias->size(); ++c) {
      vector.As<float>()[c] = static_cast<float>((*bias)[c] * beta);
    }
    if (vector != *network.Constant(bias_name)) {
      node.inputs[2] = AddConstant(network, names, bias_name + "_vector", std::move(vector));
    }
  }
  node.attributes = {{"transB", std::int64_t{1}}};
}

}  // namespace

void MakeGemms(Network& network, const std::map<std::string, std::size_t>& ranks) {
  MatMulWithBiasToGemm(network, ranks);
  NameSource names(network);
  for (Node& node : network.nodes) NormalizeGemm(network, names, node);
  RemoveUnused(network);
}

void FoldChannelArithmetic(Network& network) {
  NameSource names(network);
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    while (FoldOneReader(network, names, i)) {
    }
  }
  RemoveUnused(network);
}

}  // namespace systole::quant
