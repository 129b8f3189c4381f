// SPDX-License-Identifier: Apache-2.0
#pragma once

// What turns sums into results.

#include <cstdint>
#include <type_traits>

#include "sw/trace/instruction_costs.h"
#include "sw/trace/operation.h"

namespace systole {

/// Rounds half to even, |value| below 2^22: adding 1.5 * 2^23 leaves no bits behind the point.
inline std::int32_t RoundToEven(float value) {
  constexpr float kMagic = 12582912.0F;
  return static_cast<std::int32_t>((value + kMagic) - kMagic);
}

/// The arithmetic of Requantize (sw/ref/requantize.h), without a call of the C library.
inline std::int32_t RequantizeSum(std::int32_t sum, float scale, const RequantizeArgs& args) {
  const float low = static_cast<float>(args.min - args.zero);
  const float high = static_cast<float>(args.max - args.zero);
  const float scaled = static_cast<float>(sum) * scale;
  const float raised = scaled < low ? low : scaled;
  return RoundToEven(high < raised ? high : raised) + args.zero;
}

/// Sums wrap around, as ONNX defines the accumulator.
inline std::int32_t WrappingSum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// y[i] += bias; nothing where the bias is absent.
template <typename M>
void AddBias(M& m, Address bias, Address y, std::int64_t count) {
  if (bias == 0) return;
  const float value = m.template Load<float>(bias);
  m.Execute(cost::kBiasLoop);
  for (std::int64_t i = 0; i < count; ++i, y += sizeof(float)) {
    m.template Store<float>(y, m.template Load<float>(y) + value);
    m.Execute(cost::kBiasStep);
  }
}

/// A line of bytes of one channel from its int32 sums.
template <typename M>
void RequantizeLine(M& m, const RequantizeArgs& args, std::int64_t channel, Address bias,
                    Address sums, Address y, std::int64_t count) {
  const std::int32_t add = bias == 0 ? 0 : m.template Load<std::int32_t>(bias);
  const float scale =
      m.template Load<float>(args.scales + static_cast<Address>(channel * args.scale_step));
  m.Execute(cost::kBiasLoop);
  for (std::int64_t i = 0; i < count; ++i, sums += sizeof(std::int32_t), ++y) {
    const std::int32_t sum = WrappingSum(m.template Load<std::int32_t>(sums), add);
    m.template Store<std::uint8_t>(y, static_cast<std::uint8_t>(RequantizeSum(sum, scale, args)));
    m.Execute(cost::kRequantizeStep);
  }
}

/// One result of channel `channel` from its sum: bias and requantization.
template <typename X, typename C, typename M>
void StoreResult(M& m, Address bias, const RequantizeArgs& args, std::int64_t channel, C sum,
                 Address y) {
  const Address at = bias + static_cast<Address>(channel) * sizeof(C);
  if constexpr (std::is_same_v<X, float>) {
    if (bias != 0) sum += m.template Load<float>(at);
    m.template Store<float>(y, sum);
    m.Execute(cost::kBiasStep);
  } else {
    const std::int32_t add = bias == 0 ? 0 : m.template Load<std::int32_t>(at);
    const float scale =
        m.template Load<float>(args.scales + static_cast<Address>(channel * args.scale_step));
    m.template Store<std::uint8_t>(
        y, static_cast<std::uint8_t>(RequantizeSum(WrappingSum(sum, add), scale, args)));
    m.Execute(cost::kRequantizeStep);
  }
}

}  // namespace systole
