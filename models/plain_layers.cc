// SPDX-License-Identifier: Apache-2.0
// The layers of networks before BatchNormalization: LayerWriter's part for AlexNet, VGG and
// SqueezeNet.
#include <algorithm>
#include <cmath>

#include "models/layer_writer.h"

namespace systole::models {
namespace {

/// Spread of the scales of the outputs and of the inputs of a layer: the standard deviation of
/// their logarithms, which is 0.04 to 0.4 in trained networks (docs/networks.md, "Weights").
constexpr double kScaleSpread = 0.25;
/// How much the means of the outputs differ from channel to channel, in standard deviations.
constexpr double kBiasSpread = 0.5;

/// exp(x) for |x| < 1, within 2 %, from products only: the same bits everywhere.
double Exponential(double x) {
  double power = 1 + x / 16;
  for (int i = 0; i < 4; ++i) power *= power;
  return power;
}

/// Variance of the sum of weights times values of variance 1 in a window of `extent` x `extent`,
/// which are correlated by r to the power of their distance in both dimensions.
class WindowVariance {
 public:
  WindowVariance(std::int64_t extent, double r)
      : extent_(extent), r_(r), spread_(static_cast<std::size_t>(extent * extent)) {
    before_.resize(static_cast<std::size_t>(extent));
  }

  double Of(const std::vector<double>& weights) {
    if (extent_ == 1) return weights[0] * weights[0];
    spread_ = weights;
    for (std::int64_t i = 0; i < extent_; ++i) Spread(spread_.data() + i * extent_, 1);
    for (std::int64_t i = 0; i < extent_; ++i) Spread(spread_.data() + i, extent_);
    double variance = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) variance += weights[i] * spread_[i];
    return variance;
  }

 private:
  /// Adds to each of the values, `stride` apart, the others times powers of r by distance.
  void Spread(double* values, std::int64_t stride) {
    double carried = 0;
    for (std::int64_t i = 0; i < extent_; ++i) {
      before_[static_cast<std::size_t>(i)] = carried;
      carried = r_ * (carried + values[i * stride]);
    }
    carried = 0;
    for (std::int64_t i = extent_ - 1; i >= 0; --i) {
      const double value = values[i * stride];
      values[i * stride] += carried + before_[static_cast<std::size_t>(i)];
      carried = r_ * (carried + value);
    }
  }

  std::int64_t extent_;
  double r_;
  std::vector<double> spread_, before_;
};

/// Foretells mean and variance of outputs.
class Foretelling {
 public:
  Foretelling(const Signal& in, std::int64_t window)
      : in_(in),
        window_(window, in.neighbours),
        together_(in.channels_alike),
        one_(static_cast<std::size_t>(window * window)),
        sum_(one_.size()) {
    for (const double variance : in.variance) deviation_.push_back(std::sqrt(variance));
  }

  /// Adds the output with these weights of `inputs` channels from `first`.
  void Add(const float* weights, std::size_t first, std::size_t inputs, Signal& out) {
    double mean = 0, apart = 0;
    std::fill(sum_.begin(), sum_.end(), 0.0);
    for (std::size_t c = first; c < first + inputs; ++c) {
      for (std::size_t i = 0; i < one_.size(); ++i, ++weights) {
        mean += *weights * in_.mean[c];
        one_[i] = *weights * deviation_[c];
        sum_[i] += one_[i];
      }
      apart += window_.Of(one_);
    }
    out.mean.push_back(mean);
    out.variance.push_back((1 - together_) * apart + together_ * window_.Of(sum_));
  }

 private:
  const Signal& in_;
  WindowVariance window_;
  double together_;
  std::vector<double> deviation_, one_, sum_;
};

}  // namespace

std::vector<float> LayerWriter::TrainedWeights(const std::string& name, const Signal& in,
                                               std::int64_t outputs, std::int64_t groups,
                                               std::int64_t window, Signal& out) const {
  const std::int64_t inputs = in.channels() / groups, area = window * window;
  const std::int64_t fan_in = inputs * area;
  std::vector<float> weights =
      Weights(name + "/weight", outputs * fan_in, std::sqrt(2.0 / static_cast<double>(fan_in)));
  std::vector<float> scale_out = Weights(name + "/outputs", outputs, kScaleSpread);
  std::vector<float> scale_in = Weights(name + "/inputs", in.channels(), kScaleSpread);
  for (std::vector<float>* scales : {&scale_out, &scale_in}) {
    for (float& scale : *scales) scale = static_cast<float>(Exponential(scale));
  }
  Foretelling foretelling(in, window);
  const std::int64_t outputs_a_group = outputs / groups;
  double power = 0;
  for (std::int64_t m = 0; m < outputs; ++m) {
    const std::int64_t first = m / outputs_a_group * inputs;
    float* row = weights.data() + m * fan_in;
    for (std::int64_t i = 0; i < fan_in; ++i) {
      row[i] *= scale_out[static_cast<std::size_t>(m)] *
                scale_in[static_cast<std::size_t>(first + i / area)];
    }
    foretelling.Add(row, static_cast<std::size_t>(first), static_cast<std::size_t>(inputs), out);
    power += out.variance.back();
  }
  const auto factor = static_cast<float>(std::sqrt(static_cast<double>(outputs) / power));
  for (float& weight : weights) weight *= factor;
  for (double& mean : out.mean) mean *= factor;
  for (double& variance : out.variance) variance *= double{factor} * factor;
  return weights;
}

std::string LayerWriter::AddBias(const std::string& name, double lift, Signal& out) {
  std::vector<float> biases = Weights(name, out.channels(), kBiasSpread);
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const double mean = std::sqrt(out.variance[i]) * (lift + biases[i]);
    biases[i] = static_cast<float>(mean - out.mean[i]);
    out.mean[i] = mean;
  }
  return AddFloats(name, {out.channels()}, biases);
}

Signal LayerWriter::ConvBiasRelu(const std::string& name, const Signal& in, const PlainShape& shape,
                                 double lift) {
  Signal out{name, {}, {}};
  const std::vector<float> weights =
      TrainedWeights(name, in, shape.channels, shape.groups, shape.kernel, out);
  Node& node =
      AddConv(name, in, {shape.channels, shape.kernel, shape.stride, shape.groups}, weights);
  node.attributes["pads"] = std::vector<std::int64_t>(4, shape.pad);
  node.inputs.push_back(AddBias(name + "/bias", lift, out));
  return Activate(name, out, Activation::kRelu);
}

Signal LayerWriter::Linear(const std::string& name, const Signal& in, std::int64_t outputs,
                           std::int64_t extent, double lift) {
  Signal out{name, {}, {}};
  const std::string weights = name + "/weight";
  const std::string bias = name + "/bias";
  AddFloats(weights, {outputs, in.channels() * extent * extent},
            TrainedWeights(name, in, outputs, 1, extent, out));
  AddBias(bias, lift, out);
  AddNode("Gemm", name, {in.value, weights, bias}).attributes["transB"] = std::int64_t{1};
  return out;
}

Signal LayerWriter::PlainMaxPool(const std::string& name, const Signal& in, std::int64_t kernel,
                                 std::int64_t stride) {
  Node& node = AddNode("MaxPool", name, {in.value});
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel, kernel};
  node.attributes["strides"] = std::vector<std::int64_t>{stride, stride};
  Signal out = in;
  out.value = name;
  // As measured on AlexNet and VGG-16: the pixels of a window are alike.
  const double lift = kernel == 2 ? 0.6 : 1.1;
  for (std::size_t i = 0; i < out.mean.size(); ++i) {
    out.mean[i] += lift * std::sqrt(out.variance[i]);
    out.variance[i] *= 1.1;
  }
  out.neighbours = 0.85;
  return out;
}

Signal LayerWriter::Lrn(const std::string& name, const Signal& in, std::int64_t size) {
  Node& node = AddNode("LRN", name, {in.value});
  node.attributes["size"] = size;
  node.attributes["alpha"] = 1e-4F;
  node.attributes["beta"] = 0.75F;
  node.attributes["bias"] = 1.0F;
  Signal out = in;
  out.value = name;
  return out;
}

Signal LayerWriter::Concat(const std::string& name, const Signal& a, const Signal& b) {
  AddNode("Concat", name, {a.value, b.value}).attributes["axis"] = std::int64_t{1};
  Signal out = a;
  out.value = name;
  out.mean.insert(out.mean.end(), b.mean.begin(), b.mean.end());
  out.variance.insert(out.variance.end(), b.variance.begin(), b.variance.end());
  return out;
}

Signal LayerWriter::Flatten(const std::string& name, const Signal& in) {
  AddNode("Flatten", name, {in.value});
  Signal out = in;
  out.value = name;
  return out;
}

void LayerWriter::Finish(std::int64_t classes) {
  network_.nodes.back().outputs = {"logits"};
  network_.outputs = {"logits"};
  network_.values["logits"] = {ElementType::kFloat32, {-1, classes}, true, {"batch", ""}};
}

}  // namespace systole::models
