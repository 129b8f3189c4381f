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
  /// How alike values are: neighbours in a plane, and channels in the same place.
  double neighbours = 0.7, channels_alike = 0.1;

  std::int64_t channels() const { return static_cast<std::int64_t>(mean.size()); }
};

struct ConvShape {
  std::int64_t channels = 0;  ///< of the output
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
};

/// A convolution of the networks before BatchNormalization.
struct PlainShape {
  std::int64_t channels = 0;  ///< of the output
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  std::int64_t pad = 0;
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
  /// The same without padding, for planes whose neighbours are alike; windows that do not fit are
  /// left out. Kernel 2 or 3.
  Signal PlainMaxPool(const std::string& name, const Signal& in, std::int64_t kernel,
                      std::int64_t stride);
  Signal GlobalAveragePool(const std::string& name, const Signal& in);
  /// `NAME/flatten` and the Gemm NAME, whose output is the network's output "logits".
  void Classify(const std::string& name, const Signal& in, std::int64_t classes);

  // Layers of the networks before BatchNormalization (models/plain_layers.cc). Their weights look
  // like those of trained layers, and their biases put the mean of the outputs about `lift`
  // standard deviations above 0; docs/networks.md, "Weights", has the distributions.

  /// Convolution with bias, and behind it `NAME/relu`.
  Signal ConvBiasRelu(const std::string& name, const Signal& in, const PlainShape& shape,
                      double lift);
  /// Gemm with bias on planes of `extent` x `extent` that are flattened already, without ReLU. The
  /// signal is that of the planes.
  Signal Linear(const std::string& name, const Signal& in, std::int64_t outputs,
                std::int64_t extent, double lift);
  /// Local response normalization over `size` channels, with AlexNet's constants.
  Signal Lrn(const std::string& name, const Signal& in, std::int64_t size);
  Signal Concat(const std::string& name, const Signal& a, const Signal& b);
  /// The same signal, its planes laid out in one dimension.
  Signal Flatten(const std::string& name, const Signal& in);
  /// Makes the last node's tensor the network's output "logits", batch x classes.
  void Finish(std::int64_t classes);

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
  /// Weights as a trained layer has them, of shape outputs x inputs of a group x window, scaled so
  /// that the outputs have a variance of 1 on average, and the signal of their outputs.
  std::vector<float> TrainedWeights(const std::string& name, const Signal& in, std::int64_t outputs,
                                    std::int64_t groups, std::int64_t window, Signal& out) const;
  /// Biases that put the signal's channels about `lift` standard deviations above 0.
  std::string AddBias(const std::string& name, double lift, Signal& out);
  Signal Normalize(const std::string& name, const Signal& in);

  Network network_;
  Signal input_;
  std::uint64_t seed_;
};

}  // namespace systole::models
