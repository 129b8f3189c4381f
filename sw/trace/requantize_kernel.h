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
struct Rescale {
  explicit Rescale(const RequantizeArgs& args)
      : low(static_cast<float>(args.min - args.zero)),
        high(static_cast<float>(args.max - args.zero)),
        zero(args.zero) {}

  std::uint8_t operator()(std::int32_t sum, float scale) const {
    const float scaled = static_cast<float>(sum) * scale;
    const float raised = scaled < low ? low : scaled;
    return static_cast<std::uint8_t>(RoundToEven(high < raised ? high : raised) + zero);
  }

  float low, high;
  std::int32_t zero;
};

/// Sums wrap around, as ONNX defines the accumulator.
inline std::int32_t WrappingSum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// y[i] += bias; nothing where the bias is absent.
template <typename M>
[[gnu::noinline]] void AddBias(M& m, Address bias, Address y, std::int64_t count) {
  if (bias == 0) return;
  const float value = m.template Load<float>(bias);
  m.template Execute<float>(Loop::kLine);
  const Address end = y + static_cast<Address>(count) * sizeof(float);
  for (; y < end; y += sizeof(float)) {
    m.template Store<float>(y, m.template Load<float>(y) + value);
    m.template Execute<float>(Loop::kLineStep);
  }
}

/// A line of bytes of one channel from its int32 sums.
template <typename M>
[[gnu::noinline]] void RequantizeLine(M& m, const RequantizeArgs& args, std::int64_t channel,
                                      Address bias, Address sums, Address y, std::int64_t count) {
  const Rescale rescale(args);
  const std::int32_t add = bias == 0 ? 0 : m.template Load<std::int32_t>(bias);
  const float scale =
      m.template Load<float>(args.scales + static_cast<Address>(channel * args.scale_step));
  m.template Execute<std::int8_t>(Loop::kLine);
  for (const Address end = y + static_cast<Address>(count); y < end; ++y) {
    const std::int32_t sum = WrappingSum(m.template Load<std::int32_t>(sums), add);
    m.template Store<std::uint8_t>(y, rescale(sum, scale));
    sums += sizeof(std::int32_t);
    m.template Execute<std::int8_t>(Loop::kLineStep);
  }
}

/// Where results go that have no int32 or float buffer of sums: bias and requantization at once.
/// X is the type of the results, C that of the sums.
template <typename X, typename C>
struct Results {
  Results(Address bias_at, const RequantizeArgs& args)
      : bias(bias_at),
        scales(args.scales),
        scale_step(static_cast<Address>(args.scale_step)),
        rescale(args) {}

  template <typename M>
  void Store(M& m, std::int64_t channel, C sum, Address y) const {
    const auto index = static_cast<Address>(channel);
    m.template Execute<X>(Loop::kResult);
    if constexpr (std::is_same_v<X, float>) {
      if (bias != 0) sum += m.template Load<float>(bias + index * sizeof(float));
      m.template Store<float>(y, sum);
    } else {
      const std::int32_t add =
          bias == 0 ? 0 : m.template Load<std::int32_t>(bias + index * sizeof(std::int32_t));
      const float scale = m.template Load<float>(scales + index * scale_step);
      m.template Store<std::uint8_t>(y, rescale(WrappingSum(sum, add), scale));
    }
  }

  Address bias, scales, scale_step;
  Rescale rescale;
};

}  // namespace systole
