// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole::models {

enum class Activation { kRelu, kRelu6, kHardSwish };

/// A tensor of the network under construction, with what its values are expected to be: mean and
/// variance, one a channel, for inputs of mean 0 and variance 1.
struct Signal {
  std::string value;
  std::vector<double> mean, variance;

  std::int64_t channels() const { return static_cast<std::int64_t>(mean.size()); }
};

struct ConvShape {
  std::int64_t channels = 0;  ///< of the output
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

/// Writes layers one behind the other into a network. The tensor a node makes has the node's name.
class LayerWriter {
 public:
  LayerWriter(std::string name, std::int64_t size, std::uint64_t seed);

  const Signal& input() const { return input_; }
  /// Convolution without bias, padded by kernel / 2, and its BatchNormalization `NAME/bn`.
  Signal Conv(const std::string& name, const Signal& in, const ConvShape& shape);
  /// Convolution 1x1 with a bias and without BatchNormalization, scaled to a variance near 1.
  Signal PointwiseWithBias(const std::string& name, const Signal& in, std::int64_t channels);
  /// `NAME/relu`, `NAME/relu6` or `NAME/hardswish`, where NAME is the layer that it belongs to.
  Signal Activate(const std::string& name, const Signal& in, Activation activation);
  /// Squeeze-and-excite: `NAME/pool`, `/reduce` (to `squeezed` channels), `/relu`, `/expand`,
  /// `/gate` (HardSigmoid) and `/scale`; its convolutions have no bias.
  Signal SqueezeExcite(const std::string& name, const Signal& in, std::int64_t squeezed);
  Signal Add(const std::string& name, const Signal& a, const Signal& b);
  Signal MaxPool(const std::string& name, const Signal& in, std::int64_t kernel,
                 std::int64_t stride);
  Signal GlobalAveragePool(const std::string& name, const Signal& in);
  /// `NAME/flatten` and the Gemm NAME, whose output is the network's output "logits".
  void Classify(const std::string& name, const Signal& in, std::int64_t classes);
  /// The finished network; the writer is empty then.
  Network Take();

 private:
  Node& AddNode(const std::string& op, const std::string& name, std::vector<std::string> inputs);
  std::string AddFloats(const std::string& name, Shape shape, const std::vector<float>& values);
  /// Random weights of that standard deviation.
  std::vector<float> Weights(const std::string& name, std::int64_t count, double deviation) const;
  Node& AddConv(const std::string& name, const Signal& in, const ConvShape& shape,
                const std::vector<float>& weights);
  /// Convolution 1x1 without bias and BatchNormalization, scaled to a variance of 1.
  Signal Pointwise(const std::string& name, const Signal& in, std::int64_t channels);
  Signal Normalize(const std::string& name, const Signal& in);

  Network network_;
  Signal input_;
  std::uint64_t seed_;
};

}  // namespace systole::models
