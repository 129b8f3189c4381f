// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sw/ref/kernel.h"
#include "sw/ref/requantize.h"

namespace systole::ref {

/// The elements of an int8 or uint8 tensor less its zero point (null: 0), -255 to 255. The zero
/// point has one element, or `channels` of them: then the tensor is made of `slices` equal,
/// contiguous slices, a multiple of `channels`, and slice s belongs to channel s % channels.
std::vector<std::int16_t> LessZero(const Tensor& tensor, const Tensor* zero, std::int64_t channels,
                                   std::int64_t slices, const char* what);

/// Scales and output zero point of QLinearConv and QLinearMatMul.
class Requantizer {
 public:
  /// `w_scale` and `y_zero` as the operators define them: `w_scale` has one element or `channels`.
  Requantizer(const Tensor& x_scale, const Tensor& w_scale, const Tensor& y_scale,
              const Tensor& y_zero, std::int64_t channels);

  /// int8 or uint8: the type of the output.
  ElementType type() const { return type_; }
  /// The sum wraps to 32 bits, as ONNX defines the accumulator.
  template <typename T>
  void Store(T* out, std::int64_t index, std::int64_t sum, std::size_t channel) const {
    out[index] =
        static_cast<T>(Requantize(static_cast<std::int32_t>(sum), scales_[channel], zero_,
                                  std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  /// Calls fill(pointer to the elements) with the output's C++ type.
  template <typename Function>
  void Fill(Tensor& out, Function fill) const {
    if (type_ == ElementType::kInt8) {
      fill(out.As<std::int8_t>().data());
    } else {
      fill(out.As<std::uint8_t>().data());
    }
  }

 private:
  ElementType type_;
  std::int32_t zero_;
  std::vector<float> scales_;
};

}  // namespace systole::ref
