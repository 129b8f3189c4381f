// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// Geometry of one spatial axis of a convolution.
struct ConvAxis {
  std::int64_t input = 1, output = 1, kernel = 1, stride = 1, dilation = 1;
  std::int64_t pad_before = 0, pad_after = 0;  ///< explicit: auto_pad is resolved

  friend bool operator==(const ConvAxis&, const ConvAxis&) = default;
};

/// Geometry of array work: all that tiling and cycles depend on, no values.
struct ArrayLayer {
  enum class Kind { kConvolution, kMatMul };
  Kind kind = Kind::kConvolution;

  /// Convolution, NCHW; a 1-D convolution has height 1. All >= 1, `group` divides both channels.
  std::int64_t batch = 1, in_channels = 1, out_channels = 1, group = 1;
  ConvAxis height{}, width{};

  /// Matrix product: `products` independent ones of m x k by k x n. Products that share their right
  /// matrix are one product of more rows; rows of A with zero points or scales of their own are
  /// products of one row each.
  std::int64_t products = 1, m = 1, k = 1, n = 1;

  /// The result is int32 without requantization (ConvInteger, MatMulInteger).
  bool raw = false;
  /// int8 terms that a weight minus its zero point is split into; the reduction is streamed as
  /// often. 1 where all weight zero points are 0 (uint8: 128), else 2, or 3 where channels with the
  /// lowest and with the highest possible zero point meet.
  int weight_parts = 1;

  /// Multiply-accumulates of one output, without weight parts.
  std::int64_t Depth() const;
  /// Multiply-accumulates of the layer as the operator defines it: padding counts, weight parts do
  /// not.
  std::int64_t Macs() const;
  /// Elements of the output tensor.
  std::int64_t Outputs() const;
  /// One input channel a group.
  bool Depthwise() const { return kind == Kind::kConvolution && group == in_channels && group > 1; }

  friend bool operator==(const ArrayLayer&, const ArrayLayer&) = default;
};

/// "1x8x56x56 * 16x8x3x3 s2" or "4x (16x64 * 64x10)"
std::string ToString(const ArrayLayer& layer);

/// The array work of a node whose types and shapes are known (InferShapes), or nothing when the
/// node is the host's work. Weight zero points that are no initializers count as not 0. Array work:
/// QLinearConv and ConvInteger of one or two spatial axes, QLinearMatMul, MatMulInteger. Throws
/// RequestError, naming the node, for such a node with an unknown shape, shapes or attributes that
/// do not fit each other, or a dimension of 0.
std::optional<ArrayLayer> DescribeArrayLayer(const Network& network, const Node& node);

/// The same, and for a float Conv, Gemm or MatMul the array work that it becomes when it is
/// quantized (symmetric int8 weights, requantized result). Throws as DescribeArrayLayer does.
std::optional<ArrayLayer> DescribeQuantizedLayer(const Network& network, const Node& node);

/// What DescribeArrayLayer needs to know of one input: type, shape, and its value if that is known.
struct InputFacts {
  bool present = false;
  ElementType type = ElementType::kUndefined;
  Shape shape;
  const Tensor* value = nullptr;
};

/// The same from the facts of the node's inputs, in the node's order.
std::optional<ArrayLayer> DescribeArrayLayer(const Node& node,
                                             const std::vector<InputFacts>& inputs);

}  // namespace systole
