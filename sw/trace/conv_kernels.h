// SPDX-License-Identifier: Apache-2.0
#pragma once

// Convolutions. What a loop reads often stands in local variables, as in any kernel that is meant
// to be fast: a compiler cannot keep fields of a structure in registers across stores.

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "sw/trace/gemm_kernel.h"
#include "sw/trace/requantize_kernel.h"

namespace systole {

/// Types of weights and sums beside inputs X.
template <typename X>
using WeightOf = std::conditional_t<std::is_same_v<X, float>, float, std::int8_t>;
template <typename X>
using SumType = std::conditional_t<std::is_same_v<X, float>, float, std::int32_t>;

template <typename T>
inline Address Elements(std::int64_t count) {
  return static_cast<Address>(count) * sizeof(T);
}

/// Taps [first, last) of a window that lie inside [0, size), for a window that begins at `at`.
struct Taps {
  std::int64_t first, last;
};
inline Taps TapsInside(std::int64_t at, std::int64_t taps, std::int64_t step, std::int64_t size) {
  std::int64_t first = at < 0 ? -at : 0, last = size - at;
  if (step != 1) {
    first = (first + step - 1) / step;
    last = (last + step - 1) / step;
  }
  first = first < taps ? first : taps;
  last = last < taps ? last : taps;
  return {first, last < first ? first : last};
}

/// One row of the column buffer: what tap (ky, kx) of a plane sees at every output position, as
/// Caffe's im2col_cpu.
template <typename T, typename M>
[[gnu::noinline]] void FillColumnRow(M& m, const PlaneWindow& window, Address plane,
                                     std::int64_t ky, std::int64_t kx, T padding, Address to) {
  const std::int64_t in_height = window.in_height, in_width = window.in_width;
  const std::int64_t out_width = window.out_width, stride_x = window.stride_x;
  const std::int64_t stride_y = window.stride_y;
  const std::int64_t left = kx * window.dilation_x - window.pad_left;
  std::int64_t iy = ky * window.dilation_y - window.pad_top;
  for (std::int64_t oy = window.out_height; oy > 0; --oy, iy += stride_y) {
    const Address end = to + Elements<T>(out_width);
    m.template Execute<T>(Loop::kColumnRow);
    if (static_cast<std::uint64_t>(iy) >= static_cast<std::uint64_t>(in_height)) {
      for (; to < end; to += sizeof(T)) {
        m.template Store<T>(to, padding);
        m.template Execute<T>(Loop::kColumnEmpty);
      }
      continue;
    }
    const Address line = plane + Elements<T>(iy * in_width);
    for (std::int64_t ix = left; to < end; ix += stride_x, to += sizeof(T)) {
      const bool inside = static_cast<std::uint64_t>(ix) < static_cast<std::uint64_t>(in_width);
      m.template Store<T>(to, inside ? m.template Load<T>(line + Elements<T>(ix)) : padding);
      m.template Execute<T>(Loop::kColumnStep);
    }
  }
}

/// A 1x1 convolution of every position multiplies the planes themselves.
inline bool NeedsColumns(const PlaneWindow& w) {
  return !(w.kernel_height == 1 && w.kernel_width == 1 && w.stride_y == 1 && w.stride_x == 1 &&
           w.pad_top == 0 && w.pad_left == 0 && w.out_height == w.in_height &&
           w.out_width == w.in_width);
}

/// The column buffer of the planes at `x`.
template <typename X, typename Runner>
void FillColumns(Runner& run, const ConvOp& op, Address x) {
  const std::int64_t taps = op.window.KernelCount(), width = op.window.kernel_width;
  const std::int64_t depth = op.channels / op.group * taps;
  InUnits(run, Phase::kColumns, depth, taps, [&](auto& m, auto begin, auto end) {
    for (std::int64_t row = begin; row < end; ++row) {
      FillColumnRow<X>(m, op.window, x + Elements<X>(row / taps * op.window.InCount()),
                       row % taps / width, row % width, static_cast<X>(op.x_zero),
                       op.column + Elements<X>(row * op.window.OutCount()));
    }
  });
}

/// im2col and matrix product of one group of one image, then the bias or the requantization.
template <typename X, typename Runner>
void ConvolveColumns(Runner& run, const ConvOp& op, std::int64_t image, std::int64_t group) {
  using W = WeightOf<X>;
  using C = SumType<X>;
  constexpr bool kFloat = std::is_same_v<X, float>;
  const std::int64_t channels = op.channels / op.group, features = op.features / op.group;
  const std::int64_t depth = channels * op.window.KernelCount(), outs = op.window.OutCount();
  const std::int64_t first = group * features;
  const Address x =
      op.x + Elements<X>((image * op.channels + group * channels) * op.window.InCount());
  const Address y = op.y + Elements<X>((image * op.features + first) * outs);
  const bool columns = NeedsColumns(op.window);
  if (columns) FillColumns<X>(run, op, x);
  Multiply<W, X, C>(run, {.a = op.weights + Elements<W>(first * depth),
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
      const Address bias = op.bias == 0 ? 0 : op.bias + Elements<C>(first + f);
      if constexpr (kFloat) {
        AddBias(m, bias, y + Elements<X>(f * outs), outs);
      } else {
        RequantizeLine(m, op.requantize, first + f, bias, op.sums + Elements<C>(f * outs),
                       y + Elements<X>(f * outs), outs);
      }
    }
  });
}

/// Lines [begin, end) of the outputs of `count` filters, at most four, that share the loads of x.
template <typename X, typename M>
[[gnu::noinline]] void ConvolveLines(M& m, const ConvOp& op, Address x, std::int64_t feature,
                                     std::int64_t count, std::int64_t begin, std::int64_t end,
                                     Address y) {
  using W = WeightOf<X>;
  using C = SumType<X>;
  const PlaneWindow w = op.window;
  const Results<X, C> results(op.bias, op.requantize);
  const std::int64_t channels = op.channels / op.group, out_width = w.out_width;
  const Address filter = Elements<W>(channels * w.KernelCount());
  const Address weights = op.weights + static_cast<Address>(feature) * filter;
  const Address w1 = count > 1 ? filter : 0, w2 = count > 2 ? 2 * filter : w1,
                w3 = count > 3 ? 3 * filter : w2;
  const Address x_step = Elements<X>(w.dilation_x), plane = Elements<X>(w.OutCount());
  const C zero = static_cast<C>(op.x_zero);
  for (std::int64_t oy = begin; oy < end; ++oy) {
    const std::int64_t y0 = oy * w.stride_y - w.pad_top;
    const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
    for (std::int64_t ox = 0; ox < out_width; ++ox, y += sizeof(X)) {
      const std::int64_t x0 = ox * w.stride_x - w.pad_left;
      const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
      TileRow<C> sums;
      m.template Execute<X>(Loop::kDirectOutput);
      for (std::int64_t c = 0; c < channels; ++c) {
        m.template Execute<X>(Loop::kDirectChannel);
        for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
          const std::int64_t line = (c * w.in_height + y0 + ky * w.dilation_y) * w.in_width;
          const std::int64_t tap = (c * w.kernel_height + ky) * w.kernel_width + columns.first;
          Address from = x + Elements<X>(line + x0 + columns.first * w.dilation_x);
          Address weight = weights + Elements<W>(tap);
          m.template Execute<X>(Loop::kDirectLine);
          for (std::int64_t kx = columns.first; kx < columns.last; ++kx) {
            const C value = static_cast<C>(m.template Load<X>(from)) - zero;
            const C f0 = m.template Load<W>(weight), f1 = m.template Load<W>(weight + w1);
            const C f2 = m.template Load<W>(weight + w2), f3 = m.template Load<W>(weight + w3);
            sums.Add(value, f0, f1, f2, f3);
            from += x_step;
            weight += sizeof(W);
            m.template Execute<X>(Loop::kDirectTap);
          }
        }
      }
      results.Store(m, feature, sums.c0, y);
      if (count > 1) results.Store(m, feature + 1, sums.c1, y + plane);
      if (count > 2) results.Store(m, feature + 2, sums.c2, y + 2 * plane);
      if (count > 3) results.Store(m, feature + 3, sums.c3, y + 3 * plane);
    }
  }
}

/// Direct convolution of one group of one image: filters by four, then positions.
template <typename X, typename Runner>
void ConvolveDirectly(Runner& run, const ConvOp& op, std::int64_t image, std::int64_t group) {
  const PlaneWindow& w = op.window;
  const std::int64_t channels = op.channels / op.group, features = op.features / op.group;
  const Address x = op.x + Elements<X>((image * op.channels + group * channels) * w.InCount());
  for (std::int64_t f = 0; f < features; f += kTile) {
    const std::int64_t feature = group * features + f;
    const Address y = op.y + Elements<X>((image * op.features + feature) * w.OutCount());
    InUnits(run, Phase::kMain, w.out_height, 4, [&](auto& m, auto begin, auto end) {
      ConvolveLines<X>(m, op, x, feature, std::min(kTile, features - f), begin, end,
                       y + Elements<X>(begin * w.out_width));
    });
  }
}

/// The outputs of one filter of a convolution with one channel a group.
template <typename X, typename M>
[[gnu::noinline]] void ConvolvePlane(M& m, const ConvOp& op, Address x, std::int64_t feature,
                                     Address y) {
  using W = WeightOf<X>;
  using C = SumType<X>;
  const PlaneWindow w = op.window;
  const Results<X, C> results(op.bias, op.requantize);
  const Address weights = op.weights + Elements<W>(feature * w.KernelCount());
  const Address x_step = Elements<X>(w.dilation_x);
  const C zero = static_cast<C>(op.x_zero);
  for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
    const std::int64_t y0 = oy * w.stride_y - w.pad_top;
    const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
    for (std::int64_t ox = 0; ox < w.out_width; ++ox, y += sizeof(X)) {
      const std::int64_t x0 = ox * w.stride_x - w.pad_left;
      const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
      C sum{};
      m.template Execute<X>(Loop::kDepthwiseOutput);
      for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
        const std::int64_t line = (y0 + ky * w.dilation_y) * w.in_width;
        Address from = x + Elements<X>(line + x0 + columns.first * w.dilation_x);
        Address weight = weights + Elements<W>(ky * w.kernel_width + columns.first);
        m.template Execute<X>(Loop::kDepthwiseLine);
        for (std::int64_t kx = columns.first; kx < columns.last; ++kx) {
          const C value = static_cast<C>(m.template Load<X>(from)) - zero;
          sum += value * static_cast<C>(m.template Load<W>(weight));
          from += x_step;
          weight += sizeof(W);
          m.template Execute<X>(Loop::kDepthwiseTap);
        }
      }
      results.Store(m, feature, sum, y);
    }
  }
}

template <typename X, typename Runner>
void ConvolveDepthwise(Runner& run, const ConvOp& op, std::int64_t image) {
  const PlaneWindow& w = op.window;
  const std::int64_t per_channel = op.features / op.group;
  InUnits(run, Phase::kMain, op.features, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t f = begin; f < end; ++f) {
      ConvolvePlane<X>(m, op,
                       op.x + Elements<X>((image * op.channels + f / per_channel) * w.InCount()), f,
                       op.y + Elements<X>((image * op.features + f) * w.OutCount()));
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
