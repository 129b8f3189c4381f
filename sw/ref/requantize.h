// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace systole {

/// The requantizer's arithmetic (docs/systolic-core.md, "Requantizer"), bit for bit that of ONNX
/// Runtime's CPU kernels for QLinearConv: float32(acc), rounded to nearest even, times `scale` in
/// one float32 multiplication, clamped to [min - zero, max - zero], rounded half to even, plus
/// `zero`. `scale` is finite and not negative; min <= zero <= max is not needed.
inline std::int32_t Requantize(std::int64_t acc, float scale, std::int32_t zero, std::int32_t min,
                               std::int32_t max) {
  const float scaled = static_cast<float>(acc) * scale;
  const float low = static_cast<float>(min - zero), high = static_cast<float>(max - zero);
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(scaled, low, high))) + zero;
}

/// The scale of QLinearConv and QLinearMatMul: (input * weight) / output, each step in float32.
inline float RequantizeScale(float input, float weight, float output) {
  return (input * weight) / output;
}

}  // namespace systole
