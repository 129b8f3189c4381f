// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::fuse {

/// Weights and bias of a convolution or matrix product in one of the forms that a network has them:
///   kFloat    Conv or Gemm with float constants
///   kQLinear  QLinearConv with constants
///   kQdq      Conv or Gemm whose weights (and bias) pass a DequantizeLinear
/// The weights are [outputs, inputs of a group, ...]; those of a Gemm or MatMul that are stored the
/// other way round are turned on reading and on writing.
///
/// Functions that change the values return an empty string, or why they cannot.
class ConvConstants {
 public:
  /// The constants of `node`, or nothing and the reason.
  static std::optional<ConvConstants> Read(const Network& network, const GraphIndex& index,
                                           const Node& node, std::string& reason);

  std::int64_t outputs() const { return weights_.shape()[0]; }
  std::int64_t inputs() const { return weights_.shape()[1]; }
  const Shape& shape() const { return weights_.shape(); }
  bool quantized_operator() const { return form_ == Form::kQLinear; }
  bool has_bias() const { return bias_.type() != ElementType::kUndefined; }
  /// The weight at a flat index, as a real number.
  double Real(std::int64_t index) const;

  /// The constants of the outputs `begin` to `end` (excluded) alone.
  ConvConstants Outputs(std::int64_t begin, std::int64_t end) const;
  /// Other kernels of `height` x `width` in place of these, as real numbers, outputs and inputs as
  /// before. Quantized: with their old scale where they are integers in it, else with the scale
  /// that spreads the largest over all integers.
  std::string SetKernels(std::int64_t height, std::int64_t width, const std::vector<double>& real);
  /// For inputs that come twice: the weights twice, each of half their value, so that two equal
  /// copies of the old input give the old output.
  std::string RepeatInputs();
  /// Two copies side by side: twice the inputs, twice the outputs, nothing between the copies.
  void TwoBlocks();

  /// `pattern` (the node that was read, or one like it) with these constants under fresh names near
  /// `name`; the DequantizeLinear nodes that they need are appended to `before`.
  Node Write(Network& network, NameSource& names, const Node& pattern, const std::string& name,
             std::vector<Node>& before) const;

 private:
  enum class Form { kFloat, kQLinear, kQdq };

  std::string ReadFloat(const Network& network, const Node& node);
  std::string ReadQLinear(const Network& network, const Node& node);
  std::string ReadQdq(const Network& network, const GraphIndex& index, const Node& node);
  std::string ReadQdqBias(const Network& network, const GraphIndex& index, const std::string& name);
  std::string ReadScales(const Tensor* scales, const Tensor* zeros);
  std::string CheckShapes(const Node& node);
  /// Index of the scale that holds for a weight.
  std::size_t GroupOf(std::size_t weight) const;
  std::int64_t IntegerAt(std::size_t index) const;
  void SetInteger(std::size_t index, std::int64_t value);
  /// A zero point that leaves room on both sides.
  void CenterZeros();
  std::vector<double> RatiosFor(const std::vector<double>& real) const;
  /// Multiplies the scales by `ratios` and brings the bias to them.
  std::string Rescale(const std::vector<double>& ratios);

  Form form_ = Form::kFloat;
  bool transposed_ = false;  ///< stored as [inputs, outputs]
  Tensor weights_;
  std::vector<float> scales_;        ///< one, or one an output; empty for kFloat
  std::vector<std::int64_t> zeros_;  ///< likewise
  Tensor bias_;                      ///< float, or int32; undefined without one
  std::vector<float> bias_scales_;   ///< of an int32 bias of kQdq: one, or one an output
};

}  // namespace systole::fuse
