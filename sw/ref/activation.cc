// SPDX-License-Identifier: Apache-2.0
// Functions of one element. Where ONNX Runtime's result is a matter of order, the expression is its
// own; docs/numerics.md has the list.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "sw/ref/kernel.h"

namespace systole::ref {
namespace {

template <typename T, typename Function>
Tensor Map(const Tensor& x, Function function) {
  Tensor y(x.type(), x.shape());
  const auto in = x.As<T>();
  const auto out = y.As<T>();
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<T>(function(in[i]));
  return y;
}

template <typename T>
struct ReluOf {
  T operator()(T x) const { return x < T{0} ? T{0} : x; }
};

std::vector<Tensor> Relu(const Call& call) {
  const Tensor& x = call.In(0);
  return {Dispatch<float, double, std::int8_t, std::int32_t, std::int64_t>(
      x.type(), [&]<typename T>() { return Map<T>(x, ReluOf<T>()); })};
}

std::vector<Tensor> LeakyRelu(const Call& call) {
  const float alpha = call.node.Float("alpha", 0.01F);
  return {Map<float>(call.In(0), [alpha](float x) { return x >= 0.0F ? x : alpha * x; })};
}

/// A bound of Clip: an input with one element, an attribute (before operator set 11), or none.
template <typename T>
T ClipBound(const Call& call, std::size_t input, const char* attribute, T fallback) {
  if (call.opset < 11) {
    if constexpr (std::is_same_v<T, float>) return call.node.Float(attribute, fallback);
    Fail("Clip of this type needs operator set 12");
  }
  const Tensor* bound = call.Optional(input);
  if (bound == nullptr) return fallback;
  Require(bound->size() == 1, "a bound must have one element");
  return bound->As<T>()[0];
}

std::vector<Tensor> Clip(const Call& call) {
  const Tensor& x = call.In(0);
  return {Dispatch<float, double, std::int8_t, std::uint8_t, std::int32_t, std::int64_t>(
      x.type(), [&]<typename T>() {
        const T low = ClipBound<T>(call, 1, "min", std::numeric_limits<T>::lowest());
        const T high = ClipBound<T>(call, 2, "max", std::numeric_limits<T>::max());
        return Map<T>(x, [low, high](T value) {
          const T raised = value < low ? low : value;
          return high < raised ? high : raised;
        });
      })};
}

float HardSigmoidOf(float x, float alpha, float beta) {
  const float line = x * alpha + beta;
  const float capped = line > 1.0F ? 1.0F : line;
  return capped < 0.0F ? 0.0F : capped;
}

std::vector<Tensor> HardSigmoid(const Call& call) {
  const float alpha = call.node.Float("alpha", 0.2F), beta = call.node.Float("beta", 0.5F);
  return {Map<float>(call.In(0), [alpha, beta](float x) { return HardSigmoidOf(x, alpha, beta); })};
}

std::vector<Tensor> HardSwish(const Call& call) {
  return {Map<float>(call.In(0), [](float x) { return x * HardSigmoidOf(x, 1.0F / 6.0F, 0.5F); })};
}

std::vector<Tensor> Sigmoid(const Call& call) {
  return {Map<float>(call.In(0), [](float x) { return 1.0 / (1.0 + std::exp(-double{x})); })};
}

std::vector<Tensor> Exp(const Call& call) {
  return {Map<float>(call.In(0), [](float x) { return std::exp(double{x}); })};
}

std::vector<Tensor> Sqrt(const Call& call) {
  return {Map<float>(call.In(0), [](float x) { return std::sqrt(x); })};
}

template <typename T>
T Negated(T x) {
  if constexpr (std::is_integral_v<T>) return static_cast<T>(0 - static_cast<std::uint64_t>(x));
  return -x;
}

std::vector<Tensor> Neg(const Call& call) {
  const Tensor& x = call.In(0);
  return {Dispatch<float, double, std::int8_t, std::int32_t, std::int64_t>(
      x.type(), [&]<typename T>() { return Map<T>(x, Negated<T>); })};
}

template <typename T>
T Magnitude(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::fabs(x);
  if constexpr (std::is_unsigned_v<T>) return x;
  return x < 0 ? Negated(x) : x;
}

std::vector<Tensor> Abs(const Call& call) {
  const Tensor& x = call.In(0);
  return {Dispatch<float, double, std::int8_t, std::uint8_t, std::int32_t, std::int64_t>(
      x.type(), [&]<typename T>() { return Map<T>(x, Magnitude<T>); })};
}

/// Inference only: the statistics are inputs.
std::vector<Tensor> BatchNormalization(const Call& call) {
  const Tensor& x = call.In(0);
  Require(call.node.Int("training_mode", 0) == 0, "training mode is not supported");
  Require(call.node.Int("spatial", 1) == 1, "spatial = 0 is not supported");
  Require(x.shape().size() >= 2, "the input needs a batch and a channel dimension");
  const std::int64_t batch = x.shape()[0], channels = x.shape()[1];
  const std::int64_t area = CountBetween(x.shape(), 2, x.shape().size());
  for (std::size_t i = 1; i <= 4; ++i) {
    Require(call.In(i).size() == channels, "a parameter has not one value a channel");
  }
  const float epsilon = call.node.Float("epsilon", 1e-5F);
  const auto gamma = call.In(1).As<float>(), beta = call.In(2).As<float>();
  const auto mean = call.In(3).As<float>(), variance = call.In(4).As<float>();
  Tensor y(ElementType::kFloat32, x.shape());
  const float* in = x.As<float>().data();
  float* out = y.As<float>().data();
  for (std::int64_t image = 0; image < batch; ++image) {
    for (std::size_t c = 0; c < gamma.size(); ++c, in += area, out += area) {
      const float scale = (1.0F / std::sqrt(variance[c] + epsilon)) * gamma[c];
      const float shift = beta[c] - mean[c] * scale;
      for (std::int64_t i = 0; i < area; ++i) out[i] = in[i] * scale + shift;
    }
  }
  return {std::move(y)};
}

}  // namespace

std::span<const KernelEntry> ActivationKernels() {
  static constexpr KernelEntry kEntries[] = {{"Abs", Abs},
                                             {"BatchNormalization", BatchNormalization},
                                             {"Clip", Clip},
                                             {"Exp", Exp},
                                             {"HardSigmoid", HardSigmoid},
                                             {"HardSwish", HardSwish},
                                             {"LeakyRelu", LeakyRelu},
                                             {"Neg", Neg},
                                             {"Relu", Relu},
                                             {"Sigmoid", Sigmoid},
                                             {"Sqrt", Sqrt}};
  return kEntries;
}

}  // namespace systole::ref
