// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything that is no convolution.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sw/trace/conv_kernels.h"

namespace systole {

inline constexpr std::int64_t kUnitElements = 4096;

/// Fully connected: four dot products share the loads of x.
template <typename X, typename Runner>
void Dense(Runner& run, const DenseOp& op) {
  using W = std::conditional_t<std::is_same_v<X, float>, float, std::int8_t>;
  using C = std::conditional_t<std::is_same_v<X, float>, float, std::int32_t>;
  const Address line = static_cast<Address>(op.depth) * sizeof(W);
  for (std::int64_t row = 0; row < op.rows; ++row) {
    InUnits(run, Phase::kMain, op.features, kTile, [&](auto& m, auto begin, auto end) {
      Address x = op.x + static_cast<Address>(row * op.depth) * sizeof(X);
      Address w0 = op.weights + static_cast<Address>(begin) * line;
      const std::int64_t count = end - begin;
      const Address w1 = count > 1 ? line : 0, w2 = count > 2 ? 2 * line : w1,
                    w3 = count > 3 ? 3 * line : w2;
      TileRow<C> sums;
      m.Execute(cost::kDenseOutput);
      for (std::int64_t k = 0; k < op.depth; ++k, x += sizeof(X), w0 += sizeof(W)) {
        const C value = m.template Load<X>(x);
        const C f0 = m.template Load<W>(w0), f1 = m.template Load<W>(w0 + w1);
        const C f2 = m.template Load<W>(w0 + w2), f3 = m.template Load<W>(w0 + w3);
        sums.Add(value, f0, f1, f2, f3);
        m.Execute(cost::kDenseStep);
      }
      const C values[] = {sums.c0, sums.c1, sums.c2, sums.c3};
      for (std::int64_t i = 0; i < count; ++i) {
        StoreResult<X>(m, op.bias, op.requantize, begin + i, values[i],
                       op.y + static_cast<Address>(row * op.features + begin + i) * sizeof(X));
      }
    });
  }
}

/// Max or mean of one window.
template <typename T, typename M>
void PoolPosition(M& m, const PoolOp& op, Address plane, std::int64_t oy, std::int64_t ox,
                  Address y) {
  const PlaneWindow& w = op.window;
  const std::int64_t y0 = oy * w.stride_y - w.pad_top, x0 = ox * w.stride_x - w.pad_left;
  const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
  const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
  T best{}, sum{};
  bool any = false;
  m.Execute(cost::kPoolOutput);
  for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
    const std::int64_t at = (y0 + ky * w.dilation_y) * w.in_width + x0;
    m.Execute(cost::kPoolLoop);
    for (std::int64_t kx = columns.first; kx < columns.last; ++kx) {
      const T value =
          m.template Load<T>(plane + static_cast<Address>(at + kx * w.dilation_x) * sizeof(T));
      if (op.kind == PoolKind::kMax) {
        if (!any || value > best) best = value;
        any = true;
      } else {
        sum = static_cast<T>(sum + value);
      }
      m.Execute(cost::kPoolTap);
    }
  }
  if (op.kind == PoolKind::kMax) return m.template Store<T>(y, best);
  std::int64_t taps = (rows.last - rows.first) * (columns.last - columns.first);
  if (op.count_padding) {
    const Taps all_rows = TapsInside(y0 + w.pad_top, w.kernel_height, w.dilation_y,
                                     w.in_height + w.pad_top + op.pad_bottom);
    const Taps all_columns = TapsInside(x0 + w.pad_left, w.kernel_width, w.dilation_x,
                                        w.in_width + w.pad_left + op.pad_right);
    taps = (all_rows.last - all_rows.first) * (all_columns.last - all_columns.first);
  }
  m.template Store<T>(
      y, taps == 0 ? T{} : static_cast<T>(static_cast<float>(sum) / static_cast<float>(taps)));
}

/// The mean of a plane from four sums of every fourth element, as sw/ref adds them.
template <typename M>
void AveragePlane(M& m, Address plane, std::int64_t count, Address y) {
  float s0 = 0.0F, s1 = 0.0F, s2 = 0.0F, s3 = 0.0F;
  const std::int64_t whole = count - count % 4;
  std::int64_t i = 0;
  for (; i < whole; i += 4, plane += 4 * sizeof(float)) {
    s0 += m.template Load<float>(plane);
    s1 += m.template Load<float>(plane + sizeof(float));
    s2 += m.template Load<float>(plane + 2 * sizeof(float));
    s3 += m.template Load<float>(plane + 3 * sizeof(float));
    m.Execute(6);
  }
  float sum = (s0 + s2) + (s1 + s3);
  for (; i < count; ++i, plane += sizeof(float)) {
    sum += m.template Load<float>(plane);
    m.Execute(3);
  }
  m.template Store<float>(y, sum / static_cast<float>(count));
  m.Execute(cost::kPoolOutput);
}

template <typename T, typename Runner>
void Pool(Runner& run, const PoolOp& op) {
  const PlaneWindow& w = op.window;
  InUnits(run, Phase::kMain, op.planes, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const Address plane = op.x + static_cast<Address>(p * w.InCount()) * sizeof(T);
      Address y = op.y + static_cast<Address>(p * w.OutCount()) * sizeof(T);
      if constexpr (std::is_same_v<T, float>) {
        if (op.kind == PoolKind::kGlobalAverage) {
          AveragePlane(m, plane, w.InCount(), y);
          continue;
        }
      }
      for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
        for (std::int64_t ox = 0; ox < w.out_width; ++ox, y += sizeof(T)) {
          PoolPosition<T>(m, op, plane, oy, ox, y);
        }
      }
    }
  });
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

template <typename T>
T UnaryOf(const UnaryOp& op, T x) {
  if constexpr (std::is_same_v<T, float>) {
    if (op.kind == UnaryKind::kLeakyRelu) return x >= 0.0F ? x : op.a * x;
    if (op.kind == UnaryKind::kHardSigmoid) return HardSigmoidOf(x, op.a, op.b);
    if (op.kind == UnaryKind::kHardSwish) return x * HardSigmoidOf(x, 1.0F / 6.0F, 0.5F);
    if (op.kind == UnaryKind::kSigmoid) return 1.0F / (1.0F + Exponential(-x));
  }
  const T low = static_cast<T>(op.a), high = static_cast<T>(op.b);
  const T raised = x < low ? low : x;
  return op.upper && high < raised ? high : raised;
}

template <typename T, typename Runner>
void Unary(Runner& run, const UnaryOp& op) {
  const std::uint32_t extra = op.kind == UnaryKind::kSigmoid ? cost::kExponential : 0;
  InUnits(run, Phase::kMain, op.count, kUnitElements, [&](auto& m, auto begin, auto end) {
    Address x = op.x + static_cast<Address>(begin) * sizeof(T);
    Address y = op.y + static_cast<Address>(begin) * sizeof(T);
    for (std::int64_t i = begin; i < end; ++i, x += sizeof(T), y += sizeof(T)) {
      m.template Store<T>(y, UnaryOf<T>(op, m.template Load<T>(x)));
      m.Execute(cost::kUnaryStep + extra);
    }
  });
}

inline float BinaryOf(BinaryKind kind, float a, float b) {
  switch (kind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSub:
      return a - b;
    case BinaryKind::kMul:
      return a * b;
    case BinaryKind::kDiv:
      return a / b;
    case BinaryKind::kMax:
      return a < b ? b : a;
    case BinaryKind::kMin:
      return b < a ? b : a;
  }
  return a;
}

template <typename Runner>
void Binary(Runner& run, const BinaryOp& op) {
  const auto first = [](const BinaryOp::Operand& operand, std::int64_t plane) {
    return operand.at +
           static_cast<Address>(plane % operand.period * operand.plane) * sizeof(float);
  };
  for (std::int64_t plane = 0; plane < op.planes; ++plane) {
    InUnits(run, Phase::kMain, op.area, kUnitElements, [&](auto& m, auto begin, auto end) {
      const Address a_step = static_cast<Address>(op.a.step) * sizeof(float);
      const Address b_step = static_cast<Address>(op.b.step) * sizeof(float);
      Address a = first(op.a, plane) + static_cast<Address>(begin) * a_step;
      Address b = first(op.b, plane) + static_cast<Address>(begin) * b_step;
      Address y = op.y + static_cast<Address>(plane * op.area + begin) * sizeof(float);
      for (std::int64_t i = begin; i < end; ++i, a += a_step, b += b_step, y += sizeof(float)) {
        const float left = m.template Load<float>(a), right = m.template Load<float>(b);
        m.template Store<float>(y, BinaryOf(op.kind, left, right));
        m.Execute(cost::kBinaryStep);
      }
    });
  }
}

template <typename T, typename Runner>
void Copy(Runner& run, const CopyOp& op) {
  constexpr auto kUnit = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t piece = 0; piece < op.count; ++piece) {
    InUnits(run, Phase::kMain, op.bytes / kUnit, kUnitElements, [&](auto& m, auto begin, auto end) {
      Address from = op.from + static_cast<Address>(piece * op.from_step + begin * kUnit);
      Address to = op.to + static_cast<Address>(piece * op.to_step + begin * kUnit);
      for (std::int64_t i = begin; i < end; ++i, from += sizeof(T), to += sizeof(T)) {
        m.template Store<T>(to, m.template Load<T>(from));
        m.Execute(cost::kCopyStep);
      }
    });
  }
}

template <typename M>
void SoftmaxRow(M& m, Address x, std::int64_t length, Address y) {
  float highest = m.template Load<float>(x);
  for (std::int64_t i = 1; i < length; ++i) {
    const float value = m.template Load<float>(x + static_cast<Address>(i) * sizeof(float));
    highest = highest < value ? value : highest;
    m.Execute(3);
  }
  float sum = 0.0F;
  for (std::int64_t i = 0; i < length; ++i) {
    const Address at = static_cast<Address>(i) * sizeof(float);
    const float power = Exponential(m.template Load<float>(x + at) - highest);
    sum += power;
    m.template Store<float>(y + at, power);
    m.Execute(cost::kExponential + 4);
  }
  for (std::int64_t i = 0; i < length; ++i) {
    const Address at = y + static_cast<Address>(i) * sizeof(float);
    m.template Store<float>(at, m.template Load<float>(at) / sum);
    m.Execute(3);
  }
  m.Execute(cost::kSoftmaxLoop);
}

template <typename Runner>
void Softmax(Runner& run, const SoftmaxOp& op) {
  InUnits(run, Phase::kMain, op.rows, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const Address at = static_cast<Address>(row * op.length) * sizeof(float);
      SoftmaxRow(m, op.x + at, op.length, op.y + at);
    }
  });
}

template <typename Q, typename Runner>
void Quantization(Runner& run, const QuantizeOp& op) {
  constexpr std::int32_t kMin = std::is_same_v<Q, std::int8_t> ? -128 : 0;
  const float low = static_cast<float>(kMin - op.zero),
              high = static_cast<float>(kMin + 255 - op.zero);
  InUnits(run, Phase::kMain, op.count, kUnitElements, [&](auto& m, auto begin, auto end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Address real = static_cast<Address>(i) * sizeof(float), byte = static_cast<Address>(i);
      if (op.dequantize) {
        const std::int32_t value = m.template Load<Q>(op.x + byte);
        m.template Store<float>(op.y + real, static_cast<float>(value - op.zero) * op.scale);
        m.Execute(cost::kDequantizeStep);
      } else {
        const float scaled = m.template Load<float>(op.x + real) / op.scale;
        const float capped = high < scaled ? high : scaled;
        const float value = scaled > low ? capped : low;
        m.template Store<Q>(op.y + byte, static_cast<Q>(RoundToEven(value) + op.zero));
        m.Execute(cost::kQuantizeStep);
      }
    }
  });
}

}  // namespace systole
