// SPDX-License-Identifier: Apache-2.0
#pragma once

// Shape inference of single operators. Internal to sw/onnx.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// What a rule may ask about one node. Every input that is present has a known type and shape;
/// `constants` are those whose value is known before the network runs.
struct NodeContext {
  const Node& node;
  int opset;
  std::vector<const ValueType*> types;   ///< by input; null where absent
  std::vector<const Tensor*> constants;  ///< by input; null where absent or not known

  bool Has(std::size_t input) const { return input < types.size() && types[input] != nullptr; }
  /// Throws RequestError naming the node.
  [[noreturn]] void Fail(const std::string& what) const;
  void Require(bool good, const std::string& what) const {
    if (!good) Fail(what);
  }
  /// Type and shape of an input; fails when it is absent.
  ElementType TypeOf(std::size_t input) const;
  const Shape& ShapeOf(std::size_t input) const;
  /// Elements of a constant int64 or int32 input; nothing when it is not known. Fails when the
  /// input is absent or has another type or more than one dimension.
  std::optional<std::vector<std::int64_t>> IntsOf(std::size_t input) const;
  /// The list from input `input` or, in older operator sets, from attribute `key`: `from_input`
  /// tells which. `absent` is true when neither is there.
  struct List {
    bool absent = false;
    std::optional<std::vector<std::int64_t>> values;
  };
  List ListOf(std::size_t input, const std::string& key, bool from_input) const;
  /// `axis` in [0, rank); negative ones count from the end. Fails outside [-rank, rank).
  std::size_t Axis(std::int64_t axis, std::size_t rank) const;
  /// The same for a list, whose members must differ: a flag per dimension.
  std::vector<bool> AxisSet(const std::vector<std::int64_t>& axes, std::size_t rank) const;
};

/// Types and shapes of a node's outputs, in order. A shape that depends on the network's input data
/// is left out (has_shape false).
using ShapeRule = std::vector<ValueType> (*)(const NodeContext& context);
using ShapeRules = std::map<std::string, ShapeRule>;

/// The rule of an operator of ai.onnx; null for operators that have none.
ShapeRule FindShapeRule(const std::string& op);

// The rules, by the file they stand in.
void AddWindowRules(ShapeRules& rules);   ///< convolutions, pooling
void AddProductRules(ShapeRules& rules);  ///< matrix products, quantization
void AddElementwiseRules(
    ShapeRules& rules);                    ///< one or more operands of broadcast shape, reduction
void AddMovementRules(ShapeRules& rules);  ///< reshaping, slicing, joining
void AddResizeRules(ShapeRules& rules);    ///< padding, tiling, resampling

inline ValueType KnownValue(ElementType type, Shape shape) {
  return {type, std::move(shape), true, {}};
}
inline ValueType UnknownShape(ElementType type) { return {type, {}, false, {}}; }

/// The common shape by ONNX's multidirectional (NumPy's) rule; nothing if there is none.
std::optional<Shape> Broadcast(const Shape& a, const Shape& b);

/// One dimension of a Slice with bounds clamped as ONNX says: `count` elements from `start`.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};
/// The ranges of a Slice by dimension, from inputs or (before operator set 10) attributes; nothing
/// when bounds are not constant.
std::optional<std::vector<SliceRange>> SliceRanges(const NodeContext& context);

}  // namespace systole
