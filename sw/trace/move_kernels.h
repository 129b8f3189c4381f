// SPDX-License-Identifier: Apache-2.0
#pragma once

// Elements that change their places: Transpose, DepthToSpace, Resize.

#include <cstdint>

#include "sw/trace/conv_kernels.h"

namespace systole {

/// One line of the innermost dimension.
template <typename T, typename M>
[[gnu::noinline]] void MoveLine(M& m, Address from, Address step, std::int64_t count, Address to) {
  m.template Execute<T>(Loop::kMoveLine);
  for (const Address end = to + Elements<T>(count); to < end; to += sizeof(T), from += step) {
    m.template Store<T>(to, m.template Load<T>(from));
    m.template Execute<T>(Loop::kMoveStep);
  }
}

template <typename T, typename Runner>
void Move(Runner& run, const MoveOp& op) {
  const std::int64_t length = op.dims[MoveOp::kRank - 1];
  std::int64_t lines = 1;
  for (int d = 0; d + 1 < MoveOp::kRank; ++d) lines *= op.dims[d];
  InUnits(run, Phase::kMain, lines, 64, [&](auto& m, auto begin, auto end) {
    for (std::int64_t line = begin; line < end; ++line) {
      std::int64_t left = line, offset = 0;
      for (int d = MoveOp::kRank - 2; d >= 0; --d) {
        offset += left % op.dims[d] * op.strides[d];
        left /= op.dims[d];
      }
      MoveLine<T>(m, op.x + Elements<T>(offset), Elements<T>(op.strides[MoveOp::kRank - 1]), length,
                  op.y + Elements<T>(line * length));
    }
  });
}

/// Where an output position lies between two input positions, as the table in memory has it.
inline constexpr Address kResizeEntry = 12;
struct ResizeSource {
  std::int32_t lower, upper;
  float share;

  template <typename M>
  static ResizeSource Read(M& m, Address table, std::int64_t position) {
    const Address at = table + static_cast<Address>(position) * kResizeEntry;
    return {m.template Load<std::int32_t>(at), m.template Load<std::int32_t>(at + 4),
            m.template Load<float>(at + 8)};
  }
};

/// One plane: rows first, then columns, as sw/ref rounds.
template <typename M>
[[gnu::noinline]] void ResizePlane(M& m, const ResizeOp& op, Address x, Address y) {
  const std::int64_t in_width = op.in_width, out_width = op.out_width;
  const Address columns = op.columns;
  const bool linear = op.linear;
  for (std::int64_t oy = 0; oy < op.out_height; ++oy) {
    const ResizeSource row = ResizeSource::Read(m, op.rows, oy);
    const Address upper = x + Elements<float>(row.lower * in_width);
    const Address lower = x + Elements<float>(row.upper * in_width);
    m.template Execute<float>(Loop::kResizeRow);
    for (std::int64_t ox = 0; ox < out_width; ++ox, y += sizeof(float)) {
      const ResizeSource column = ResizeSource::Read(m, columns, ox);
      const Address left = Elements<float>(column.lower);
      const float a = m.template Load<float>(upper + left);
      if (!linear) {
        m.template Store<float>(y, a);
        m.template Execute<float>(Loop::kResizeNearest);
        continue;
      }
      const Address right = Elements<float>(column.upper);
      const float b = m.template Load<float>(upper + right);
      const float c = m.template Load<float>(lower + left);
      const float d = m.template Load<float>(lower + right);
      const float first = a + row.share * (c - a), second = b + row.share * (d - b);
      m.template Store<float>(y, first + column.share * (second - first));
      m.template Execute<float>(Loop::kResizeLinear);
    }
  }
}

template <typename Runner>
void Resize(Runner& run, const ResizeOp& op) {
  InUnits(run, Phase::kMain, op.planes, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t p = begin; p < end; ++p) {
      ResizePlane(m, op, op.x + Elements<float>(p * op.in_height * op.in_width),
                  op.y + Elements<float>(p * op.out_height * op.out_width));
    }
  });
}

}  // namespace systole
