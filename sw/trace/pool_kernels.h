// SPDX-License-Identifier: Apache-2.0
#pragma once

// Maxima and means of windows.

#include <cstdint>
#include <type_traits>

#include "sw/trace/conv_kernels.h"

namespace systole {

/// Maxima of a plane.
template <typename T, typename M>
[[gnu::noinline]] void MaxPlane(M& m, const PlaneWindow& window, Address plane, Address y) {
  using C = SumType<T>;
  constexpr C kLowest = std::is_same_v<T, float> ? static_cast<C>(-3.40282347e38F)
                        : std::is_signed_v<T>    ? C{-128}
                                                 : C{0};
  const PlaneWindow w = window;
  const Address step = Elements<T>(w.dilation_x);
  for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
    const std::int64_t y0 = oy * w.stride_y - w.pad_top;
    const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
    for (std::int64_t ox = 0; ox < w.out_width; ++ox, y += sizeof(T)) {
      const std::int64_t x0 = ox * w.stride_x - w.pad_left;
      const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
      C best = kLowest;
      m.template Execute<T>(Loop::kMaxOutput);
      for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
        const std::int64_t line = (y0 + ky * w.dilation_y) * w.in_width + x0;
        Address at = plane + Elements<T>(line + columns.first * w.dilation_x);
        m.template Execute<T>(Loop::kMaxLine);
        for (std::int64_t kx = columns.first; kx < columns.last; ++kx, at += step) {
          const C value = m.template Load<T>(at);
          best = value > best ? value : best;
          m.template Execute<T>(Loop::kMaxTap);
        }
      }
      m.template Store<T>(y, static_cast<T>(best));
    }
  }
}

/// Means of a plane.
template <typename M>
[[gnu::noinline]] void AveragePlane(M& m, const PoolOp& op, Address plane, Address y) {
  const PlaneWindow w = op.window;
  const Address step = Elements<float>(w.dilation_x);
  // Where padding counts, the window is counted in the padded plane.
  const std::int64_t top = op.count_padding ? w.pad_top : 0,
                     left = op.count_padding ? w.pad_left : 0;
  const std::int64_t height = w.in_height + top + (op.count_padding ? op.pad_bottom : 0);
  const std::int64_t width = w.in_width + left + (op.count_padding ? op.pad_right : 0);
  for (std::int64_t oy = 0; oy < w.out_height; ++oy) {
    const std::int64_t y0 = oy * w.stride_y - w.pad_top;
    const Taps rows = TapsInside(y0, w.kernel_height, w.dilation_y, w.in_height);
    const Taps counted_rows = TapsInside(y0 + top, w.kernel_height, w.dilation_y, height);
    for (std::int64_t ox = 0; ox < w.out_width; ++ox, y += sizeof(float)) {
      const std::int64_t x0 = ox * w.stride_x - w.pad_left;
      const Taps columns = TapsInside(x0, w.kernel_width, w.dilation_x, w.in_width);
      const Taps counted = TapsInside(x0 + left, w.kernel_width, w.dilation_x, width);
      const std::int64_t taps =
          (counted_rows.last - counted_rows.first) * (counted.last - counted.first);
      float sum = 0.0F;
      m.template Execute<float>(Loop::kAverageOutput);
      for (std::int64_t ky = rows.first; ky < rows.last; ++ky) {
        const std::int64_t line = (y0 + ky * w.dilation_y) * w.in_width + x0;
        Address at = plane + Elements<float>(line + columns.first * w.dilation_x);
        m.template Execute<float>(Loop::kAverageLine);
        for (std::int64_t kx = columns.first; kx < columns.last; ++kx, at += step) {
          sum += m.template Load<float>(at);
          m.template Execute<float>(Loop::kAverageTap);
        }
      }
      m.template Store<float>(y, taps == 0 ? 0.0F : sum / static_cast<float>(taps));
    }
  }
}

/// The mean of a plane from four sums of every fourth element, as sw/ref adds them.
template <typename M>
[[gnu::noinline]] void MeanOfPlane(M& m, Address plane, std::int64_t count, Address y) {
  float s0 = 0.0F, s1 = 0.0F, s2 = 0.0F, s3 = 0.0F;
  const std::int64_t whole = count - count % 4;
  m.template Execute<float>(Loop::kPlane);
  for (std::int64_t i = 0; i < whole; i += 4, plane += 4 * sizeof(float)) {
    s0 += m.template Load<float>(plane);
    s1 += m.template Load<float>(plane + sizeof(float));
    s2 += m.template Load<float>(plane + 2 * sizeof(float));
    s3 += m.template Load<float>(plane + 3 * sizeof(float));
    m.template Execute<float>(Loop::kPlaneStep);
  }
  float sum = (s0 + s2) + (s1 + s3);
  for (std::int64_t i = whole; i < count; ++i, plane += sizeof(float)) {
    sum += m.template Load<float>(plane);
    m.template Execute<float>(Loop::kAverageTap);
  }
  m.template Store<float>(y, sum / static_cast<float>(count));
}

template <typename T, typename Runner>
void Pool(Runner& run, const PoolOp& op) {
  InUnits(run, Phase::kMain, op.planes, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const Address plane = op.x + Elements<T>(p * op.window.InCount());
      const Address y = op.y + Elements<T>(p * op.window.OutCount());
      if (op.kind == PoolKind::kMax) {
        MaxPlane<T>(m, op.window, plane, y);
      } else if constexpr (std::is_same_v<T, float>) {
        if (op.kind == PoolKind::kGlobalAverage) {
          MeanOfPlane(m, plane, op.window.InCount(), y);
        } else {
          AveragePlane(m, op, plane, y);
        }
      }
    }
  });
}

}  // namespace systole
