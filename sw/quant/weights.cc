// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/error.h"

namespace systole::quant {
namespace {

constexpr double kLargestWeight = 127;
constexpr double kLargestBias = 1 << 30;
constexpr double kZeroChannelBias = 1 << 20;  // far finer than any output scale
// A channel's scale relative to the output's below which no 32-bit sum reaches half a step.
constexpr double kNegligible = 1.0 / (std::int64_t{1} << 40);

void CheckFinite(std::span<const float> values, const std::string& who, const char* what) {
  for (const float value : values) {
    if (!std::isfinite(value)) {
      throw RequestError(fmt::format("{}: a {} is {}: it cannot be quantized", who, what, value));
    }
  }
}

/// Scale of a channel whose largest absolute weight is `largest`.
float ChannelScale(float largest, float bias, float input_scale, float output_scale) {
  const double bias_steps = std::abs(double{bias}) / input_scale;
  const double unit = double{output_scale} / input_scale;  // makes the combined scale 1
  double scale = unit;
  if (largest > 0) {
    scale = std::max({largest / kLargestWeight, bias_steps / kLargestBias, unit * kNegligible});
  } else if (bias_steps > 0) {
    scale = bias_steps / kZeroChannelBias;
  }
  return static_cast<float>(scale);
}

void CheckChannel(float product, float output_scale, std::int64_t sum, std::int64_t bias,
                  const std::string& who, std::int64_t channel) {
  if (!std::isnormal(product) || !std::isnormal(product / output_scale)) {
    throw RequestError(
        fmt::format("{}: channel {} has the scale {} / {}, which float32 cannot hold", who, channel,
                    product, output_scale),
        "leave the node float");
  }
  // |activation - zero point| is at most 255.
  if (255 * sum + std::abs(bias) > std::numeric_limits<std::int32_t>::max()) {
    throw RequestError(fmt::format("{}: the sum of channel {} can overflow 32 bits", who, channel),
                       "leave the node float");
  }
}

}  // namespace

QuantizedWeights QuantizeWeights(const Tensor& weights, const Tensor* bias, float input_scale,
                                 float output_scale, bool channels_last, const std::string& who) {
  const auto w = weights.As<float>();
  CheckFinite(w, who, "weight");
  if (bias != nullptr) CheckFinite(bias->As<float>(), who, "bias");
  const std::int64_t channels = channels_last ? weights.shape().back() : weights.shape().front();
  const std::int64_t each = weights.size() / channels;
  const auto at = [&](std::int64_t channel, std::int64_t i) {
    return static_cast<std::size_t>(channels_last ? i * channels + channel : channel * each + i);
  };
  QuantizedWeights result{
      Tensor(ElementType::kInt8, weights.shape()), Tensor(ElementType::kFloat32, {channels}),
      Tensor(ElementType::kInt8, {channels}), Tensor(), Tensor(ElementType::kFloat32, {channels})};
  if (bias != nullptr) result.bias = Tensor(ElementType::kInt32, {channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    float largest = 0;
    for (std::int64_t i = 0; i < each; ++i) largest = std::max(largest, std::abs(w[at(c, i)]));
    const float b = bias != nullptr ? bias->As<float>()[channel] : 0.0F;
    const float scale = ChannelScale(largest, b, input_scale, output_scale);
    const float product = input_scale * scale;
    std::int64_t sum = 0, bias_steps = 0;
    for (std::int64_t i = 0; i < each; ++i) {
      const double rounded = std::nearbyint(w[at(c, i)] / scale);
      const auto q = static_cast<std::int8_t>(std::clamp(rounded, -kLargestWeight, kLargestWeight));
      result.weights.As<std::int8_t>()[at(c, i)] = q;
      sum += std::abs(static_cast<std::int64_t>(q));
    }
    if (std::isnormal(product)) bias_steps = std::llrint(double{b} / product);
    CheckChannel(product, output_scale, sum, bias_steps, who, c);
    if (bias != nullptr) {
      result.bias.As<std::int32_t>()[channel] = static_cast<std::int32_t>(bias_steps);
    }
    result.scale.As<float>()[channel] = scale;
    result.bias_scale.As<float>()[channel] = product;
  }
  return result;
}

}  // namespace systole::quant
