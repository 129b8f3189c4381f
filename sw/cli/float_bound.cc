// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/float_bound.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "sw/ref/execute.h"

namespace systole {
namespace {

std::vector<double> ForEach(const Tensor& tensor, const std::function<double(double)>& bound) {
  std::vector<double> bounds;
  for (const float value : tensor.As<float>()) bounds.push_back(bound(std::abs(double{value})));
  return bounds;
}

/// The largest absolute value.
double Largest(const Tensor& tensor) {
  double largest = 0;
  for (const float value : tensor.As<float>()) largest = std::max(largest, std::abs(double{value}));
  return largest;
}

/// Terms of one sum of Conv, Gemm or MatMul, the bias counted.
double Terms(const Node& node, const Tensor& a, const Tensor& b) {
  if (node.op == "Conv") {
    return 1 + std::accumulate(b.shape().begin() + 1, b.shape().end(), 1.0, std::multiplies<>());
  }
  if (a.shape().empty()) return 1;
  const bool turned = node.op == "Gemm" && node.Int("transA", 0) != 0;
  return 1 + static_cast<double>(turned ? a.shape().front() : a.shape().back());
}

/// Any order of the sum stays within 2 (K + 1) 2^-24 sum |a b|: that sum is the same node's output
/// on the absolute values.
std::vector<double> ProductBound(const Node& node, const std::vector<const Tensor*>& inputs,
                                 int opset) {
  std::vector<Tensor> absolute;
  for (const Tensor* input : inputs) {
    absolute.push_back(input == nullptr ? Tensor() : *input);
    if (input == nullptr) continue;
    for (float& value : absolute.back().As<float>()) value = std::abs(value);
  }
  std::vector<const Tensor*> pointers;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    pointers.push_back(inputs[i] == nullptr ? nullptr : &absolute[i]);
  }
  Node positive = node;
  for (const char* factor : {"alpha", "beta"}) {
    if (node.op == "Gemm") positive.attributes[factor] = std::abs(node.Float(factor, 1));
  }
  const double share = 2 * (Terms(node, *inputs[0], *inputs[1]) + 1) * 0x1p-24;
  return ForEach(ExecuteNode(positive, pointers, opset).front(),
                 [share](double sum) { return share * sum; });
}

/// A sum of squares that slides over the channels gathers the rounding of all C of them; the power
/// divides by at least bias^beta.
std::vector<double> LrnBound(const Node& node, const Tensor& x, const Tensor& theirs) {
  std::vector<double> bounds = ForEach(theirs, [](double value) { return value; });
  const std::int64_t channels = x.shape().at(1);
  const std::int64_t plane = x.size() / std::max<std::int64_t>(1, x.shape()[0] * channels);
  const auto in = x.As<float>();
  const double share = std::abs(double{node.Float("beta", 0.75F)} * node.Float("alpha", 1e-4F)) /
                       static_cast<double>(node.Int("size", 1)) / node.Float("bias", 1.0F) *
                       (static_cast<double>(channels) + 1) * 0x1p-23;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::int64_t first = i / (channels * plane) * channels * plane + i % plane;
    double squares = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float value = in[static_cast<std::size_t>(first + c * plane)];
      squares += double{value} * value;
    }
    bounds[static_cast<std::size_t>(i)] *= 1e-6 + share * squares;
  }
  return bounds;
}

}  // namespace

std::vector<double> FloatBound(const Node& node, const std::vector<const Tensor*>& inputs,
                               const Tensor& theirs, int opset) {
  if (theirs.type() != ElementType::kFloat32) return {};
  if (node.op == "Sigmoid") return ForEach(theirs, [](double) { return 2.5e-7; });
  if (node.op == "Softmax" || node.op == "Exp" || node.op == "Pow") {
    return ForEach(theirs, [](double value) { return 1e-6 * value; });
  }
  if (node.op == "ReduceMean") {
    return ForEach(theirs, [](double value) { return 1e-6 + 1e-6 * value; });
  }
  if (node.op == "Resize" && node.String("mode", "nearest") == "linear") {
    const double largest = Largest(*inputs[0]);
    return ForEach(theirs, [largest](double) { return 1e-6 * largest; });
  }
  if (node.op == "LRN") return LrnBound(node, *inputs[0], theirs);
  if (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul") {
    return ProductBound(node, inputs, opset);
  }
  return {};
}

}  // namespace systole
