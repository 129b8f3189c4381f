// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the plans of sw/map share: the values of a node as the array takes them. Internal to sw/map.

#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/ir/network.h"
#include "sw/map/layer.h"
#include "sw/map/pass.h"
#include "sw/map/weight_code.h"

namespace systole {

/// The inputs of an array node by role; null where absent.
struct NodeInputs {
  const Tensor *x = nullptr, *x_scale = nullptr, *x_zero = nullptr;
  const Tensor *w = nullptr, *w_scale = nullptr, *w_zero = nullptr;
  const Tensor *y_scale = nullptr, *y_zero = nullptr, *bias = nullptr;
};
NodeInputs SortInputs(const Node& node, const std::vector<const Tensor*>& inputs);

/// Throws RequestError that names the node.
[[noreturn]] void FailNode(const Node& node, const std::string& what);

/// Activations as streamed: int8 (uint8 less 128), inverted (-1 - x) if the weights' code says so.
/// Both are one exclusive or of the byte.
std::vector<std::int8_t> CodeActivations(const Tensor& x, const WeightCode& code);
/// Zero points in the same code; one member where `zero` is absent or has one.
std::vector<int> CodeZeros(const Node& node, const Tensor& x, const Tensor* zero,
                           const WeightCode& code);

/// Weights less their zero points, split into int8 terms. The tensor is `matrices` times `channels`
/// times `depth` with the given strides; a zero point is one for all, one a channel, or one a
/// channel and matrix.
struct CodedWeights {
  std::int64_t matrices = 1, channels = 1, depth = 1;
  std::vector<std::int8_t> terms;   ///< [matrix][part][depth][channel]
  std::vector<std::int64_t> sums;   ///< [matrix][channel]: sum of all terms
  std::vector<std::int64_t> norms;  ///< [matrix][channel]: sum of absolute weights
};
struct WeightLayout {
  std::int64_t matrices, channels, depth;
  std::int64_t matrix_stride, channel_stride, depth_stride;
  bool zeros_repeat;  ///< as many zero points as channels may stand for all matrices alike
};
CodedWeights CodeWeightValues(const Node& node, const Tensor& w, const Tensor* zero,
                              const WeightCode& code, const WeightLayout& layout);

/// From sums to results: bias and scale of each channel, output zero point and bounds.
class ResultCode {
 public:
  /// `channels` are all output channels of a convolution, or the columns of a product.
  ResultCode(const Node& node, const NodeInputs& inputs, std::int64_t channels,
             const ArrayConfig& config);

  ElementType type() const { return type_; }
  std::int64_t Bias(std::int64_t channel) const {
    return bias_.empty() ? 0 : bias_[static_cast<std::size_t>(channel)];
  }
  /// Parameters of `channel` whose weights sum to `sum` with activations of zero point `zero`.
  ChannelParam Param(std::int64_t channel, std::int64_t sum, int zero) const;

 private:
  ElementType type_;
  int acc_width_;
  ChannelParam common_;
  std::vector<std::int32_t> bias_;
  std::vector<float> scales_;  ///< one for all, or one a channel
};

/// Throws RequestError when a sum could leave the accumulator of an array whose width is not 32
/// bits (at 32 bits sums wrap as those of the operator do).
void CheckAccumulator(const Node& node, const ArrayConfig& config, const CodedWeights& weights,
                      const std::vector<int>& zeros, const ResultCode& results);

/// Drained values into an output tensor: Store(tensor, index, value) for each, with the conversion
/// that the output's type needs.
template <typename Body>
void WithOutput(Tensor& output, Body body) {
  if (output.type() == ElementType::kInt32) {
    std::int32_t* out = output.As<std::int32_t>().data();
    body([out](std::int64_t i, std::int32_t value) { out[i] = value; });
  } else if (output.type() == ElementType::kUint8) {
    std::uint8_t* out = output.As<std::uint8_t>().data();
    body([out](std::int64_t i, std::int32_t value) {
      out[i] = static_cast<std::uint8_t>(value + 128);
    });
  } else {
    std::int8_t* out = output.As<std::int8_t>().data();
    body([out](std::int64_t i, std::int32_t value) { out[i] = static_cast<std::int8_t>(value); });
  }
}

/// Appends the passes of `taps` taps, `spacing` steps apart, that follow `fill` steps: several
/// where the counter is too short. `first` and `last` hold for the whole.
void AppendPasses(const Pass& form, std::int64_t fill, std::int64_t taps, std::int64_t most,
                  bool first, bool last, std::vector<Pass>& passes);

}  // namespace systole
