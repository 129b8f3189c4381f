// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/macs.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace systole {
namespace {

/// Where an operator has its two factors among its inputs.
struct Factors {
  enum Kind { kConv, kGemm, kMatMul } kind;
  std::size_t a, b;
};

const Factors* FindFactors(const std::string& op) {
  static const std::map<std::string, Factors> factors = {
      {"Conv", {Factors::kConv, 0, 1}},
      {"ConvInteger", {Factors::kConv, 0, 1}},
      {"QLinearConv", {Factors::kConv, 0, 3}},
      {"Gemm", {Factors::kGemm, 0, 1}},
      {"MatMul", {Factors::kMatMul, 0, 1}},
      {"MatMulInteger", {Factors::kMatMul, 0, 1}},
      {"QLinearMatMul", {Factors::kMatMul, 0, 3}},
  };
  const auto found = factors.find(op);
  return found == factors.end() ? nullptr : &found->second;
}

/// Where an operator with factors has its bias; beyond the inputs if it takes none.
std::size_t BiasPlace(const std::string& op) {
  if (op == "Conv" || op == "Gemm") return 2;
  return op == "QLinearConv" ? 8 : std::numeric_limits<std::size_t>::max();
}

/// The shape if every dimension is known.
std::optional<Shape> KnownShape(const Network& network, const std::string& value) {
  const std::optional<ValueType> type = FindValue(network, value);
  if (!type || !type->has_shape) return std::nullopt;
  if (std::any_of(type->shape.begin(), type->shape.end(), [](auto dim) { return dim < 0; })) {
    return std::nullopt;
  }
  return type->shape;
}

}  // namespace

std::optional<ValueType> FindValue(const Network& network, const std::string& value) {
  if (const Tensor* constant = network.Constant(value)) {
    return ValueType{constant->type(), constant->shape(), true, {}};
  }
  const auto found = network.values.find(value);
  if (found == network.values.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> CountMacs(const Network& network, const Node& node) {
  const Factors* factors = FindFactors(node.op);
  if (factors == nullptr) return 0;
  if (node.outputs.empty() || node.inputs.size() <= std::max(factors->a, factors->b)) {
    return std::nullopt;
  }
  const auto a = KnownShape(network, node.inputs[factors->a]);
  const auto b = KnownShape(network, node.inputs[factors->b]);
  const auto out = KnownShape(network, node.outputs[0]);
  if (!a || !b || !out) return std::nullopt;
  switch (factors->kind) {
    case Factors::kConv:  // weights are output channels x input channels of a group x kernel
      if (b->empty()) return std::nullopt;
      return ElementCount(*out) * ElementCount(Shape(b->begin() + 1, b->end()));
    case Factors::kGemm:
      if (a->size() != 2) return std::nullopt;
      return ElementCount(*out) * (*a)[node.Int("transA", 0) != 0 ? 0 : 1];
    case Factors::kMatMul:
      if (a->empty()) return std::nullopt;
      return ElementCount(*out) * a->back();
  }
  return std::nullopt;
}

std::int64_t CountParameters(const Network& network) {
  std::set<std::string> names;
  for (const Node& node : network.nodes) {
    std::vector<std::size_t> places;
    if (node.op == "BatchNormalization") {
      places = {1, 2};
    } else if (const Factors* factors = FindFactors(node.op)) {
      places = {factors->a, factors->b, BiasPlace(node.op)};
    }
    for (const std::size_t place : places) {
      if (place < node.inputs.size()) names.insert(node.inputs[place]);
    }
  }
  std::int64_t count = 0;
  for (const std::string& name : names) {
    if (const Tensor* constant = network.Constant(name)) count += constant->size();
  }
  return count;
}

}  // namespace systole
