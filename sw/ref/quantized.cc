// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/quantized.h"

#include <fmt/format.h>

#include <cmath>

namespace systole::ref {
namespace {

bool IsByte(ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUint8; }

template <typename T>
std::vector<std::int16_t> Subtract(const Tensor& tensor, const std::vector<std::int32_t>& zero,
                                   std::size_t slices) {
  const auto values = tensor.As<T>();
  std::vector<std::int16_t> result(values.size());
  const std::size_t length = values.size() / slices;
  for (std::size_t s = 0; s < slices; ++s) {
    const std::int32_t z = zero[s % zero.size()];
    for (std::size_t i = s * length; i < (s + 1) * length; ++i) {
      result[i] = static_cast<std::int16_t>(values[i] - z);
    }
  }
  return result;
}

float PositiveScale(float scale) {
  if (!std::isfinite(scale) || scale <= 0.0F) {
    Fail(fmt::format("the scale {} is not positive and finite", scale));
  }
  return scale;
}

}  // namespace

std::vector<std::int16_t> LessZero(const Tensor& tensor, const Tensor* zero, std::int64_t channels,
                                   std::int64_t slices, const char* what) {
  if (!IsByte(tensor.type())) {
    Fail(fmt::format("{} has the element type {}; int8 and uint8 are supported", what,
                     ToString(tensor.type())));
  }
  std::vector<std::int32_t> zeros = {0};
  if (zero != nullptr) {
    if (zero->type() != tensor.type() || (zero->size() != 1 && zero->size() != channels)) {
      Fail(fmt::format("the zero point {} of {} does not fit {}", ToString(zero->shape()),
                       ToString(zero->type()), what));
    }
    zeros = ToInt32(*zero, "the zero point");
  }
  if (tensor.size() == 0) return {};
  const auto count = static_cast<std::size_t>(slices);
  return tensor.type() == ElementType::kInt8 ? Subtract<std::int8_t>(tensor, zeros, count)
                                             : Subtract<std::uint8_t>(tensor, zeros, count);
}

Requantizer::Requantizer(const Tensor& x_scale, const Tensor& w_scale, const Tensor& y_scale,
                         const Tensor& y_zero, std::int64_t channels)
    : type_(y_zero.type()) {
  if (!IsByte(type_) || y_zero.size() != 1) Fail("the output zero point must be one int8 or uint8");
  zero_ = ToInt32(y_zero, "the output zero point")[0];
  const float x = PositiveScale(ToFloat(x_scale, "the input's scale"));
  const float y = PositiveScale(ToFloat(y_scale, "the output's scale"));
  const auto w = w_scale.As<float>();
  if (w_scale.size() != 1 && w_scale.size() != channels) {
    Fail(fmt::format("{} weight scales for {} channels", w_scale.size(), channels));
  }
  for (std::int64_t c = 0; c < channels; ++c) {
    const float weight = w[w.size() == 1 ? 0 : static_cast<std::size_t>(c)];
    scales_.push_back(PositiveScale(RequantizeScale(x, PositiveScale(weight), y)));
  }
}

}  // namespace systole::ref
