// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fully connected layers, functions of elements, copies, Softmax and quantization.

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sw/trace/pool_kernels.h"

namespace systole {

inline constexpr std::int64_t kUnitElements = 4096;

/// Outputs [begin, end), at most four, of one row: their dot products share the loads of x.
template <typename X, typename M>
[[gnu::noinline]] void DenseOutputs(M& m, const DenseOp& op, std::int64_t row, std::int64_t begin,
                                    std::int64_t end) {
  using W = WeightOf<X>;
  using C = SumType<X>;
  const Results<X, C> results(op.bias, op.requantize);
  const std::int64_t count = end - begin;
  const Address line = Elements<W>(op.depth);
  const Address w1 = count > 1 ? line : 0, w2 = count > 2 ? 2 * line : w1,
                w3 = count > 3 ? 3 * line : w2;
  Address x = op.x + Elements<X>(row * op.depth);
  Address weight = op.weights + static_cast<Address>(begin) * line;
  TileRow<C> sums;
  m.template Execute<X>(Loop::kDenseOutput);
  for (const Address last = weight + line; weight < last; x += sizeof(X), weight += sizeof(W)) {
    const C value = m.template Load<X>(x);
    const C f0 = m.template Load<W>(weight), f1 = m.template Load<W>(weight + w1);
    const C f2 = m.template Load<W>(weight + w2), f3 = m.template Load<W>(weight + w3);
    sums.Add(value, f0, f1, f2, f3);
    m.template Execute<X>(Loop::kDenseStep);
  }
  const Address y = op.y + Elements<X>(row * op.features + begin);
  results.Store(m, begin, sums.c0, y);
  if (count > 1) results.Store(m, begin + 1, sums.c1, y + sizeof(X));
  if (count > 2) results.Store(m, begin + 2, sums.c2, y + 2 * sizeof(X));
  if (count > 3) results.Store(m, begin + 3, sums.c3, y + 3 * sizeof(X));
}

template <typename X, typename Runner>
void Dense(Runner& run, const DenseOp& op) {
  for (std::int64_t row = 0; row < op.rows; ++row) {
    InUnits(run, Phase::kMain, op.features, kTile,
            [&](auto& m, auto begin, auto end) { DenseOutputs<X>(m, op, row, begin, end); });
  }
}

/// e^x in float32: 2^n * p(r), |r| <= ln 2 / 2; within 2 ulp for results that are normal, 0 below
/// -87.3 and the largest power above 88.7. No table: its accesses would be data of the C library.
inline float Exponential(float x) {
  if (x < -87.3F) return 0.0F;
  const float bounded = x > 88.7F ? 88.7F : x;
  const float n = static_cast<float>(RoundToEven(bounded * 1.44269504F));
  const float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = (p * r * r + r) + 1.0F;
  const auto exponent = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
  if (exponent >= 255U << 23) return p * 1.7014118e38F * 2.0F;
  float power;
  std::memcpy(&power, &exponent, sizeof(power));
  return p * power;
}

inline float HardSigmoidOf(float x, float a, float b) {
  const float line = x * a + b;
  const float capped = line > 1.0F ? 1.0F : line;
  return capped < 0.0F ? 0.0F : capped;
}

/// y[i] = function(x[i]).
template <typename T, typename Runner, typename Function>
void Map(Runner& run, const UnaryOp& op, Loop loop, Function function) {
  InUnits(run, Phase::kMain, op.count, kUnitElements, [&](auto& m, auto begin, auto end) {
    const Function local = function;
    Address x = op.x + Elements<T>(begin), y = op.y + Elements<T>(begin);
    for (const Address last = op.x + Elements<T>(end); x < last; x += sizeof(T), y += sizeof(T)) {
      m.template Store<T>(y, static_cast<T>(local(m.template Load<T>(x))));
      m.template Execute<T>(loop);
    }
  });
}

template <typename T, typename Runner>
void Clip(Runner& run, const UnaryOp& op) {
  using C = SumType<T>;
  const C low = static_cast<C>(op.a), high = static_cast<C>(op.b);
  if (!op.upper) return Map<T>(run, op, Loop::kUnaryStep, [low](C x) { return x < low ? low : x; });
  Map<T>(run, op, Loop::kHardStep, [low, high](C x) {
    const C raised = x < low ? low : x;
    return high < raised ? high : raised;
  });
}

template <typename T, typename Runner>
void Unary(Runner& run, const UnaryOp& op) {
  if constexpr (!std::is_same_v<T, float>) {
    Clip<T>(run, op);
  } else {
    const float a = op.a, b = op.b;
    switch (op.kind) {
      case UnaryKind::kClip:
        return Clip<float>(run, op);
      case UnaryKind::kLeakyRelu:
        return Map<float>(run, op, Loop::kUnaryStep,
                          [a](float x) { return x >= 0.0F ? x : a * x; });
      case UnaryKind::kHardSigmoid:
        return Map<float>(run, op, Loop::kHardStep,
                          [a, b](float x) { return HardSigmoidOf(x, a, b); });
      case UnaryKind::kHardSwish:
        return Map<float>(run, op, Loop::kHardStep,
                          [](float x) { return x * HardSigmoidOf(x, 1.0F / 6.0F, 0.5F); });
      case UnaryKind::kSigmoid:
        return Map<float>(run, op, Loop::kExponential,
                          [](float x) { return 1.0F / (1.0F + Exponential(-x)); });
    }
  }
}

template <typename Runner, typename Function>
void MapPairs(Runner& run, const BinaryOp& op, Function function) {
  const auto first = [](const BinaryOp::Operand& operand, std::int64_t plane) {
    return operand.at + Elements<float>(plane % operand.period * operand.plane);
  };
  for (std::int64_t plane = 0; plane < op.planes; ++plane) {
    InUnits(run, Phase::kMain, op.area, kUnitElements, [&](auto& m, auto begin, auto end) {
      const Address a_step = Elements<float>(op.a.step), b_step = Elements<float>(op.b.step);
      Address a = first(op.a, plane) + static_cast<Address>(begin) * a_step;
      Address b = first(op.b, plane) + static_cast<Address>(begin) * b_step;
      Address y = op.y + Elements<float>(plane * op.area + begin);
      m.template Execute<float>(Loop::kBinaryLine);
      for (const Address last = y + Elements<float>(end - begin); y < last; y += sizeof(float)) {
        const float left = m.template Load<float>(a), right = m.template Load<float>(b);
        m.template Store<float>(y, function(left, right));
        a += a_step;
        b += b_step;
        m.template Execute<float>(Loop::kBinaryStep);
      }
    });
  }
}

template <typename Runner>
void Binary(Runner& run, const BinaryOp& op) {
  switch (op.kind) {
    case BinaryKind::kAdd:
      return MapPairs(run, op, [](float a, float b) { return a + b; });
    case BinaryKind::kSub:
      return MapPairs(run, op, [](float a, float b) { return a - b; });
    case BinaryKind::kMul:
      return MapPairs(run, op, [](float a, float b) { return a * b; });
    case BinaryKind::kDiv:
      return MapPairs(run, op, [](float a, float b) { return a / b; });
    case BinaryKind::kMax:
      return MapPairs(run, op, [](float a, float b) { return a < b ? b : a; });
    case BinaryKind::kMin:
      return MapPairs(run, op, [](float a, float b) { return b < a ? b : a; });
  }
}

template <typename T, typename Runner>
void Copy(Runner& run, const CopyOp& op) {
  constexpr auto kUnit = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t piece = 0; piece < op.count; ++piece) {
    InUnits(run, Phase::kMain, op.bytes / kUnit, kUnitElements, [&](auto& m, auto begin, auto end) {
      Address from = op.from + static_cast<Address>(piece * op.from_step + begin * kUnit);
      Address to = op.to + static_cast<Address>(piece * op.to_step + begin * kUnit);
      m.template Execute<T>(Loop::kCopyLine);
      for (const Address last = to + Elements<T>(end - begin); to < last; to += sizeof(T)) {
        m.template Store<T>(to, m.template Load<T>(from));
        from += sizeof(T);
        m.template Execute<T>(Loop::kCopyStep);
      }
    });
  }
}

template <typename M>
[[gnu::noinline]] void SoftmaxRow(M& m, Address x, std::int64_t length, Address y) {
  const Address bytes = Elements<float>(length);
  float highest = m.template Load<float>(x);
  m.template Execute<float>(Loop::kSoftmaxRow);
  for (Address at = sizeof(float); at < bytes; at += sizeof(float)) {
    const float value = m.template Load<float>(x + at);
    highest = highest < value ? value : highest;
  }
  float sum = 0.0F;
  for (Address at = 0; at < bytes; at += sizeof(float)) {
    const float power = Exponential(m.template Load<float>(x + at) - highest);
    sum += power;
    m.template Store<float>(y + at, power);
    m.template Execute<float>(Loop::kExponential);
  }
  for (Address at = 0; at < bytes; at += sizeof(float)) {
    m.template Store<float>(y + at, m.template Load<float>(y + at) / sum);
    m.template Execute<float>(Loop::kSoftmaxStep);
  }
}

template <typename Runner>
void Softmax(Runner& run, const SoftmaxOp& op) {
  InUnits(run, Phase::kMain, op.rows, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const Address at = Elements<float>(row * op.length);
      SoftmaxRow(m, op.x + at, op.length, op.y + at);
    }
  });
}

/// s^-0.75 for s > 0: two square roots and a division, no table of the C library.
inline float PowerOfLrn(float s) {
  const float root = __builtin_sqrtf(s);
  return 1.0F / (root * __builtin_sqrtf(root));
}

/// The outputs of one channel; `first` and `last` are the channels that its squares come from.
template <typename M>
[[gnu::noinline]] void NormalizePlane(M& m, const LrnOp& op, Address x, std::int64_t channel,
                                      std::int64_t first, std::int64_t last, Address y) {
  const Address plane = Elements<float>(op.area);
  const Address center = static_cast<Address>(channel - first) * plane;
  const Address span = static_cast<Address>(last - first + 1) * plane;
  const float scale = op.scale, bias = op.bias;
  Address from = x + static_cast<Address>(first) * plane;
  Address to = y + static_cast<Address>(channel) * plane;
  for (const Address end = to + plane; to < end; to += sizeof(float), from += sizeof(float)) {
    float sum = 0.0F;
    for (Address at = from; at < from + span; at += plane) {
      const float value = m.template Load<float>(at);
      sum += value * value;
      m.template Execute<float>(Loop::kLrnTap);
    }
    const float value = m.template Load<float>(from + center);
    m.template Store<float>(to, value * PowerOfLrn(bias + scale * sum));
    m.template Execute<float>(Loop::kLrnOutput);
  }
}

template <typename Runner>
void NormalizeResponses(Runner& run, const LrnOp& op) {
  const std::int64_t before = (op.size - 1) / 2, after = op.size - 1 - before;
  for (std::int64_t image = 0; image < op.batch; ++image) {
    const Address at = Elements<float>(image * op.channels * op.area);
    InUnits(run, Phase::kMain, op.channels, 1, [&](auto& m, auto begin, auto end) {
      for (std::int64_t c = begin; c < end; ++c) {
        const std::int64_t first = c > before ? c - before : 0;
        const std::int64_t last = c + after < op.channels ? c + after : op.channels - 1;
        NormalizePlane(m, op, op.x + at, c, first, last, op.y + at);
      }
    });
  }
}

template <typename Q, typename Runner>
void Quantize(Runner& run, const QuantizeOp& op) {
  constexpr std::int32_t kMin = std::is_signed_v<Q> ? -128 : 0;
  InUnits(run, Phase::kMain, op.count, kUnitElements, [&](auto& m, auto begin, auto end) {
    const std::int32_t zero = op.zero;
    const float scale = op.scale;
    const float low = static_cast<float>(kMin - zero), high = static_cast<float>(kMin + 255 - zero);
    Address x = op.x + Elements<float>(begin);
    const Address last = op.y + Elements<Q>(end);
    for (Address y = op.y + Elements<Q>(begin); y < last; y += sizeof(Q), x += sizeof(float)) {
      const float scaled = m.template Load<float>(x) / scale;
      const float capped = high < scaled ? high : scaled;
      m.template Store<Q>(y, static_cast<Q>(RoundToEven(scaled > low ? capped : low) + zero));
      m.template Execute<Q>(Loop::kQuantizeStep);
    }
  });
}

template <typename Q, typename Runner>
void Dequantize(Runner& run, const QuantizeOp& op) {
  InUnits(run, Phase::kMain, op.count, kUnitElements, [&](auto& m, auto begin, auto end) {
    const std::int32_t zero = op.zero;
    const float scale = op.scale;
    Address y = op.y + Elements<float>(begin);
    const Address last = op.x + Elements<Q>(end);
    for (Address x = op.x + Elements<Q>(begin); x < last; x += sizeof(Q), y += sizeof(float)) {
      const std::int32_t value = m.template Load<Q>(x);
      m.template Store<float>(y, static_cast<float>(value - zero) * scale);
      m.template Execute<Q>(Loop::kDequantizeStep);
    }
  });
}

}  // namespace systole
