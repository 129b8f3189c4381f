// SPDX-License-Identifier: Apache-2.0
#pragma once

// Convolutions.

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "sw/trace/gemm_kernel.h"
#include "sw/trace/requantize_kernel.h"

namespace systole {

/// Taps [first, last) of a window that lie inside [0, size), for a window that begins at `at`.
struct Taps {
  std::int64_t first, last;
};
inline Taps TapsInside(std::int64_t at, std::int64_t taps, std::int64_t step, std::int64_t size) {
  const std::int64_t first = at >= 0 ? 0 : (-at + step - 1) / step;
  const std::int64_t last = at >= size ? 0 : (size - at + step - 1) / step;
  return {std::min(first, taps), std::max(std::min(last, taps), std::min(first, taps))};
}

/// One row of the column buffer: what tap (ky, kx) of a plane sees at every output position, as
/// Caffe's im2col_cpu.
template <typename T, typename M>
void FillColumnRow(M& m, const PlaneWindow& w, Address plane, std::int64_t ky, std::int64_t kx,
                   T padding, Address to) {
  for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
    const std::int64_t iy = oy * w.stride_y - w.pad_top + ky * w.dilation_y;
    const bool inside = iy >= 0 && iy < w.in_height;
    const Address line = plane + static_cast<Address>(inside ? iy * w.in_width : 0) * sizeof(T);
    std::int64_t ix = kx * w.dilation_x - w.pad_left;
    m.Execute(cost::kColumnLoop);
    for (std::int64_t ox = 0; ox < w.out_width; ++ox, ix += w.stride_x, to += sizeof(T)) {
      const T value = inside && ix >= 0 && ix < w.in_width
                          ? m.template Load<T>(line + static_cast<Address>(ix) * sizeof(T))
                          : padding;
      m.template Store<T>(to, value);
      m.Execute(cost::kColumnStep);
    }
  }
}

/// A 1x1 convolution of every position multiplies the planes themselves.
inline bool NeedsColumns(const PlaneWindow& w) {
  return !(w.kernel_height == 1 && w.kernel_width == 1 && w.stride_y == 1 && w.stride_x == 1 &&
           w.pad_top == 0 && w.pad_left == 0 && w.out_height == w.in_height &&
           w.out_width == w.in_width);
}

/// im2col and matrix product of one group of one image, then the bias or the requantization.
template <typename X, typename Runner>
void ConvolveColumns(Runner& run, const ConvOp& op, std::int64_t image, std::int64_t group) {
  using W = std::conditional_t<std::is_same_v<X, float>, float, std::int8_t>;
  using C = std::conditional_t<std::is_same_v<X, float>, float, std::int32_t>;
  const PlaneWindow& w = op.window;
  const std::int64_t channels = op.channels / op.group, features = op.features / op.group;
  const std::int64_t taps = w.KernelCount(), depth = channels * taps, outs = w.OutCount();
  const Address x =
      op.x +
      static_cast<Address>((image * op.channels + group * channels) * w.InCount()) * sizeof(X);
  const bool columns = NeedsColumns(w);
  if (columns) {
    InUnits(run, Phase::kColumns, depth, taps, [&](auto& m, auto begin, auto end) {
      for (std::int64_t row = begin; row < end; ++row) {
        FillColumnRow<X>(m, w, x + static_cast<Address>(row / taps * w.InCount()) * sizeof(X),
                         row % taps / w.kernel_width, row % w.kernel_width,
                         static_cast<X>(op.x_zero),
                         op.column + static_cast<Address>(row * outs) * sizeof(X));
      }
    });
  }
  const std::int64_t first = group * features;
  const Address y = op.y + static_cast<Address>((image * op.features + first) * outs) * sizeof(X);
  constexpr bool kFloat = std::is_same_v<X, float>;
  Multiply<W, X, C>(run, {.a = op.weights + static_cast<Address>(first * depth) * sizeof(W),
                          .b = columns ? op.column : x,
                          .c = kFloat ? y : op.sums,
                          .a_stride = depth,
                          .b_stride = outs,
                          .c_stride = outs,
                          .rows = features,
                          .depth = depth,
                          .columns = outs,
                          .packed_a = op.packed_a,
                          .packed_b = op.packed_b,
                          .blocks = op.blocks,
                          .kind = op.gemm});
  InUnits(run, Phase::kResults, features, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t f = begin; f < end; ++f) {
      const Address line = static_cast<Address>(f * outs);
      const Address bias = op.bias == 0 ? 0 : op.bias + static_cast<Address>(first + f) * sizeof(C);
      if constexpr (kFloat) {
        AddBias(m, bias, y + line * sizeof(X), outs);
      } else {
        RequantizeLine(m, op.requantize, first + f, bias, op.sums + line * sizeof(C), y + line,
                       outs);
      }
    }
  });
}

/// Four outputs of one position: four filters share the loads of x.
template <typename X, typename M>
void ConvolvePosition(M& m, const ConvOp& op, Address x, std::int64_t feature, std::int64_t count,
                      std::int64_t oy, std::int64_t ox, Address y) {
  using W = std::conditional_t<std::is_same_v<X, float>, float, std::int8_t>;
  using C = std::conditional_t<std::is_same_v<X, float>, float, std::int32_t>;
  const PlaneWindow& w = op.window;
  const std::int64_t channels = op.channels / op.group;
  const Address filter = static_cast<Address>(channels * w.KernelCount()) * sizeof(W);
  const Address weights = op.weights + static_cast<Address>(feature) * filter;
  const Address w1 = count > 1 ? filter : 0, w2 = count > 2 ? 2 * filter : w1,
                w3 = count > 3 ? 3 * filter : w2;
  const std::int64_t y0 = oy * w.stride_y - w.pad_top, x0 = ox * w.stride_x - w.pad_left;
  const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
  const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
  const C zero = static_cast<C>(op.x_zero);
  TileRow<C> sums;
  m.Execute(cost::kDirectOutput);
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
      const std::int64_t at = (c * w.in_height + y0 + ky * w.dilation_y) * w.in_width + x0;
      Address from = x + static_cast<Address>(at + columns.first * w.dilation_x) * sizeof(X);
      Address weight = weights + static_cast<Address>((c * w.kernel_height + ky) * w.kernel_width +
                                                      columns.first) *
                                     sizeof(W);
      m.Execute(cost::kDirectLoop);
      for (std::int64_t kx = columns.first; kx < columns.last; ++kx) {
        const C value = static_cast<C>(m.template Load<X>(from)) - zero;
        const C f0 = m.template Load<W>(weight), f1 = m.template Load<W>(weight + w1);
        const C f2 = m.template Load<W>(weight + w2), f3 = m.template Load<W>(weight + w3);
        sums.Add(value, f0, f1, f2, f3);
        from += static_cast<Address>(w.dilation_x) * sizeof(X);
        weight += sizeof(W);
        m.Execute(cost::kDirectTap);
      }
    }
  }
  const C values[] = {sums.c0, sums.c1, sums.c2, sums.c3};
  for (std::int64_t i = 0; i < count; ++i) {
    StoreResult<X>(m, op.bias, op.requantize, feature + i, values[i],
                   y + static_cast<Address>(i * w.OutCount()) * sizeof(X));
  }
}

/// Direct convolution of one group of one image: filters by four, then positions.
template <typename X, typename Runner>
void ConvolveDirectly(Runner& run, const ConvOp& op, std::int64_t image, std::int64_t group) {
  const PlaneWindow& w = op.window;
  const std::int64_t channels = op.channels / op.group, features = op.features / op.group;
  const Address x =
      op.x +
      static_cast<Address>((image * op.channels + group * channels) * w.InCount()) * sizeof(X);
  for (std::int64_t f = 0; f < features; f += kTile) {
    const std::int64_t feature = group * features + f;
    const Address y =
        op.y + static_cast<Address>((image * op.features + feature) * w.OutCount()) * sizeof(X);
    InUnits(run, Phase::kMain, w.out_height, 4, [&](auto& m, auto begin, auto end) {
      for (std::int64_t oy = begin; oy < end; ++oy) {
        for (std::int64_t ox = 0; ox < w.out_width; ++ox) {
          ConvolvePosition<X>(m, op, x, feature, std::min(kTile, features - f), oy, ox,
                              y + static_cast<Address>(oy * w.out_width + ox) * sizeof(X));
        }
      }
    });
  }
}

/// One output of a convolution with one channel a group.
template <typename X, typename M>
void ConvolveChannel(M& m, const ConvOp& op, Address plane, std::int64_t feature, std::int64_t oy,
                     std::int64_t ox, Address y) {
  using W = std::conditional_t<std::is_same_v<X, float>, float, std::int8_t>;
  using C = std::conditional_t<std::is_same_v<X, float>, float, std::int32_t>;
  const PlaneWindow& w = op.window;
  const std::int64_t y0 = oy * w.stride_y - w.pad_top, x0 = ox * w.stride_x - w.pad_left;
  const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
  const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
  const C zero = static_cast<C>(op.x_zero);
  C sum{};
  m.Execute(cost::kDepthwiseOutput);
  for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
    const std::int64_t at = (y0 + ky * w.dilation_y) * w.in_width + x0;
    Address from = plane + static_cast<Address>(at + columns.first * w.dilation_x) * sizeof(X);
    Address weight =
        op.weights +
        static_cast<Address>((feature * w.kernel_height + ky) * w.kernel_width + columns.first) *
            sizeof(W);
    m.Execute(cost::kDepthwiseLoop);
    for (std::int64_t kx = columns.first; kx < columns.last; ++kx) {
      const C value = static_cast<C>(m.template Load<X>(from)) - zero;
      sum += value * static_cast<C>(m.template Load<W>(weight));
      from += static_cast<Address>(w.dilation_x) * sizeof(X);
      weight += sizeof(W);
      m.Execute(cost::kDepthwiseTap);
    }
  }
  StoreResult<X>(m, op.bias, op.requantize, feature, sum, y);
}

template <typename X, typename Runner>
void ConvolveDepthwise(Runner& run, const ConvOp& op, std::int64_t image) {
  const PlaneWindow& w = op.window;
  const std::int64_t per_channel = op.features / op.group;
  InUnits(run, Phase::kMain, op.features, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t f = begin; f < end; ++f) {
      const Address plane =
          op.x +
          static_cast<Address>((image * op.channels + f / per_channel) * w.InCount()) * sizeof(X);
      Address y = op.y + static_cast<Address>((image * op.features + f) * w.OutCount()) * sizeof(X);
      for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
        for (std::int64_t ox = 0; ox < w.out_width; ++ox, y += sizeof(X)) {
          ConvolveChannel<X>(m, op, plane, f, oy, ox, y);
        }
      }
    }
  });
}

template <typename X, typename Runner>
void Convolve(Runner& run, const ConvOp& op) {
  for (std::int64_t image = 0; image < op.batch; ++image) {
    if (op.kind == ConvKind::kDepthwise) {
      ConvolveDepthwise<X>(run, op, image);
      continue;
    }
    for (std::int64_t group = 0; group < op.group; ++group) {
      if (op.kind == ConvKind::kDirect) {
        ConvolveDirectly<X>(run, op, image, group);
      } else {
        ConvolveColumns<X>(run, op, image, group);
      }
    }
  }
}

}  // namespace systole
