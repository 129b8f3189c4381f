// SPDX-License-Identifier: Apache-2.0
// QuantizeLinear and DequantizeLinear, per tensor and per axis.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sw/ref/kernel.h"

namespace systole::ref {
namespace {

/// Scales and zero points of the elements: element i belongs to channel (i / inner) % channels.
struct Scales {
  std::vector<float> scale;
  std::vector<std::int32_t> zero;
  std::int64_t inner;
  std::size_t Channel(std::int64_t index) const {
    return static_cast<std::size_t>(index / inner) % scale.size();
  }
};

Scales ReadScales(const Call& call, const Tensor& x) {
  const Tensor& scale = call.In(1);
  const Tensor* zero = call.Optional(2);
  Scales scales;
  const auto values = scale.As<float>();
  scales.scale.assign(values.begin(), values.end());
  scales.inner = 1;
  if (scale.size() != 1 || scale.shape().size() == 1) {
    if (scale.shape().size() > 1) Fail("blocked scales " + ToString(scale.shape()));
    if (scale.size() != 1) {
      const std::size_t axis = NormalizeAxis(call.node.Int("axis", 1), x.shape().size());
      if (x.shape()[axis] != scale.size()) {
        Fail(fmt::format("{} scales for the input {} along axis {}", scale.size(),
                         ToString(x.shape()), axis));
      }
      scales.inner = CountBetween(x.shape(), axis + 1, x.shape().size());
    }
  }
  scales.zero.assign(values.size(), 0);
  if (zero != nullptr) {
    Require(zero->size() == scale.size(), "scale and zero point differ in size");
    scales.zero = ToInt32(*zero, "the zero point");
  }
  Require(call.node.Int("block_size", 0) == 0, "block_size is not supported");
  return scales;
}

template <typename In, typename Out>
void Quantize(const Tensor& x, const Scales& scales, Tensor& y) {
  constexpr std::int32_t kMin = std::numeric_limits<Out>::min();
  constexpr std::int32_t kMax = std::numeric_limits<Out>::max();
  const In* in = x.As<In>().data();
  Out* out = y.As<Out>().data();
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::size_t channel = scales.Channel(i);
    const std::int32_t zero = scales.zero[channel];
    const float low = static_cast<float>(kMin - zero), high = static_cast<float>(kMax - zero);
    const float scaled = static_cast<float>(in[i]) / scales.scale[channel];
    // Written so that NaN becomes the minimum instead of an undefined conversion.
    const float clamped = scaled > low ? std::min(scaled, high) : low;
    out[i] = static_cast<Out>(static_cast<std::int32_t>(std::nearbyint(clamped)) + zero);
  }
}

std::vector<Tensor> QuantizeLinear(const Call& call) {
  const Tensor& x = call.In(0);
  const Scales scales = ReadScales(call, x);
  const Tensor* zero = call.Optional(2);
  Tensor y(zero == nullptr ? ElementType::kUint8 : zero->type(), x.shape());
  return {Dispatch<float, std::int32_t>(x.type(), [&]<typename In>() {
    return Dispatch<std::int8_t, std::uint8_t>(y.type(), [&]<typename Out>() {
      Quantize<In, Out>(x, scales, y);
      return std::move(y);
    });
  })};
}

std::vector<Tensor> DequantizeLinear(const Call& call) {
  const Tensor& x = call.In(0);
  const Scales scales = ReadScales(call, x);
  const Tensor* zero = call.Optional(2);
  if (zero != nullptr && zero->type() != x.type()) Fail("the zero point's type is not the input's");
  Tensor y = MakeTensor(ElementType::kFloat32, x.shape());
  float* out = y.As<float>().data();
  return {Dispatch<std::int8_t, std::uint8_t, std::int32_t>(x.type(), [&]<typename T>() {
    const T* in = x.As<T>().data();
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const std::size_t channel = scales.Channel(i);
      const std::int64_t value = std::int64_t{in[i]} - scales.zero[channel];
      out[i] = static_cast<float>(static_cast<std::int32_t>(value)) * scales.scale[channel];
    }
    return std::move(y);
  })};
}

}  // namespace

std::span<const KernelEntry> QuantizeKernels() {
  static constexpr KernelEntry kEntries[] = {{"DequantizeLinear", DequantizeLinear},
                                             {"QuantizeLinear", QuantizeLinear}};
  return kEntries;
}

}  // namespace systole::ref
