// SPDX-License-Identifier: Apache-2.0
#pragma once

// The matrix product. Sums are added in the order of k from 0, as those of sw/ref are: blocks of
// the depth go on from the sums that C holds.

#include <algorithm>
#include <cstdint>

#include "sw/trace/instruction_costs.h"
#include "sw/trace/operation.h"
#include "sw/trace/unit.h"

namespace systole {

/// 4x4 sums need 16 registers, 4 more for a row of B and one for an element of A: what 31 integer
/// or 32 float registers hold without spilling.
inline constexpr std::int64_t kTile = 4;
/// Panels of a unit of the product.
inline constexpr std::int64_t kUnitPanels = 32;

/// A row of a tile of sums.
template <typename C>
struct TileRow {
  C c0{}, c1{}, c2{}, c3{};

  template <typename M>
  void Read(M& m, Address at, std::int64_t columns) {
    c0 = m.template Load<C>(at);
    if (columns > 1) c1 = m.template Load<C>(at + sizeof(C));
    if (columns > 2) c2 = m.template Load<C>(at + 2 * sizeof(C));
    if (columns > 3) c3 = m.template Load<C>(at + 3 * sizeof(C));
  }
  template <typename M>
  void Write(M& m, Address at, std::int64_t columns) const {
    m.template Store<C>(at, c0);
    if (columns > 1) m.template Store<C>(at + sizeof(C), c1);
    if (columns > 2) m.template Store<C>(at + 2 * sizeof(C), c2);
    if (columns > 3) m.template Store<C>(at + 3 * sizeof(C), c3);
  }
  void Add(C a, C b0, C b1, C b2, C b3) {
    c0 += a * b0;
    c1 += a * b1;
    c2 += a * b2;
    c3 += a * b3;
  }
};

/// Where the inner kernel finds its operands. Rows and columns beyond the matrix repeat the last
/// one (unpacked) or are the panel's zeros (packed).
struct TileArgs {
  Address a, b, c;
  std::int64_t depth, rows, columns;
  Address a_row, b_step, c_row;  ///< bytes
  bool first;                    ///< sums begin at 0 instead of at C
};

/// A tile of at most 4x4 of C += A * B.
template <bool Packed, typename A, typename B, typename C, typename M>
[[gnu::noinline]] void MultiplyTile(M& m, const TileArgs& t) {
  m.Call(cost::kGemmFrame);
  m.Execute(cost::kGemmTile);
  TileRow<C> r0, r1, r2, r3;
  if (!t.first) {
    r0.Read(m, t.c, t.columns);
    if (t.rows > 1) r1.Read(m, t.c + t.c_row, t.columns);
    if (t.rows > 2) r2.Read(m, t.c + 2 * t.c_row, t.columns);
    if (t.rows > 3) r3.Read(m, t.c + 3 * t.c_row, t.columns);
  }
  const auto row = [&](std::int64_t i) {
    return t.a_row * static_cast<Address>(std::min(i, t.rows - 1));
  };
  const auto column = [&](std::int64_t i) {
    return sizeof(B) * static_cast<Address>(std::min(i, t.columns - 1));
  };
  Address a0 = t.a, b0 = t.b;
  const Address a1 = Packed ? sizeof(A) : row(1), a2 = Packed ? 2 * sizeof(A) : row(2),
                a3 = Packed ? 3 * sizeof(A) : row(3);
  const Address b1 = Packed ? sizeof(B) : column(1), b2 = Packed ? 2 * sizeof(B) : column(2),
                b3 = Packed ? 3 * sizeof(B) : column(3);
  const Address b_step = Packed ? kTile * sizeof(B) : t.b_step;
  for (std::int64_t k = 0; k < t.depth; ++k) {
    const C v0 = m.template Load<B>(b0), v1 = m.template Load<B>(b0 + b1);
    const C v2 = m.template Load<B>(b0 + b2), v3 = m.template Load<B>(b0 + b3);
    r0.Add(m.template Load<A>(a0), v0, v1, v2, v3);
    r1.Add(m.template Load<A>(a0 + a1), v0, v1, v2, v3);
    r2.Add(m.template Load<A>(a0 + a2), v0, v1, v2, v3);
    r3.Add(m.template Load<A>(a0 + a3), v0, v1, v2, v3);
    a0 += Packed ? kTile * sizeof(A) : sizeof(A);
    b0 += b_step;
    m.Execute(Packed ? cost::kGemmStepPacked : cost::kGemmStepUnpacked);
  }
  r0.Write(m, t.c, t.columns);
  if (t.rows > 1) r1.Write(m, t.c + t.c_row, t.columns);
  if (t.rows > 2) r2.Write(m, t.c + 2 * t.c_row, t.columns);
  if (t.rows > 3) r3.Write(m, t.c + 3 * t.c_row, t.columns);
  m.Return(cost::kGemmFrame);
}

/// Copies `lines` lines (rows of A, columns of B) of `depth` elements into panels of four lines,
/// the four elements of one k side by side; lines that are missing in the last panel are zeros.
template <typename T, typename M>
void PackPanel(M& m, Address from, Address line_step, Address depth_step, std::int64_t lines,
               std::int64_t depth, Address to) {
  m.Execute(cost::kPackLoop);
  for (std::int64_t k = 0; k < depth; ++k, from += depth_step) {
    for (std::int64_t i = 0; i < kTile; ++i, to += sizeof(T)) {
      const T value =
          i < lines ? m.template Load<T>(from + static_cast<Address>(i) * line_step) : T{0};
      m.template Store<T>(to, value);
      m.Execute(cost::kPackStep);
    }
  }
}

/// C += A * B (C = A * B where `first`) by blocks as in K. Goto, R. van de Geijn, "Anatomy of
/// high-performance matrix multiplication", ACM TOMS 34(3), 2008.
template <bool Packed, typename A, typename B, typename C, typename Runner>
void MultiplyBlocks(Runner& run, const GemmArgs& g) {
  const GemmBlocks& blocks = g.blocks;
  for (std::int64_t n0 = 0; n0 < g.columns; n0 += blocks.columns) {
    const std::int64_t columns = std::min(blocks.columns, g.columns - n0);
    const std::int64_t b_panels = (columns + kTile - 1) / kTile;
    for (std::int64_t k0 = 0; k0 < g.depth; k0 += blocks.depth) {
      const std::int64_t depth = std::min(blocks.depth, g.depth - k0);
      const Address b_step = static_cast<Address>(g.b_stride) * sizeof(B);
      const Address b =
          g.b + static_cast<Address>(k0) * b_step + static_cast<Address>(n0) * sizeof(B);
      if constexpr (Packed) {
        InUnits(run, Phase::kPackB, b_panels, kUnitPanels, [&](auto& m, auto begin, auto end) {
          for (std::int64_t p = begin; p < end; ++p) {
            PackPanel<B>(m, b + static_cast<Address>(p * kTile) * sizeof(B), sizeof(B), b_step,
                         std::min(kTile, columns - p * kTile), depth,
                         g.packed_b + static_cast<Address>(p * kTile * depth) * sizeof(B));
          }
        });
      }
      for (std::int64_t m0 = 0; m0 < g.rows; m0 += blocks.rows) {
        const std::int64_t rows = std::min(blocks.rows, g.rows - m0);
        const std::int64_t a_panels = (rows + kTile - 1) / kTile;
        const Address a_row = static_cast<Address>(g.a_stride) * sizeof(A);
        const Address a =
            g.a + static_cast<Address>(m0) * a_row + static_cast<Address>(k0) * sizeof(A);
        if constexpr (Packed) {
          InUnits(run, Phase::kPackA, a_panels, kUnitPanels, [&](auto& m, auto begin, auto end) {
            for (std::int64_t p = begin; p < end; ++p) {
              PackPanel<A>(m, a + static_cast<Address>(p * kTile) * a_row, a_row, sizeof(A),
                           std::min(kTile, rows - p * kTile), depth,
                           g.packed_a + static_cast<Address>(p * kTile * depth) * sizeof(A));
            }
          });
        }
        const Address c_row = static_cast<Address>(g.c_stride) * sizeof(C);
        const Address c =
            g.c + static_cast<Address>(m0) * c_row + static_cast<Address>(n0) * sizeof(C);
        InUnits(run, Phase::kMain, b_panels, kUnitPanels, [&](auto& m, auto begin, auto end) {
          for (std::int64_t q = begin; q < end; ++q) {
            for (std::int64_t p = 0; p < a_panels; ++p) {
              const auto n = static_cast<Address>(q * kTile), r = static_cast<Address>(p * kTile);
              const auto length = static_cast<Address>(depth);
              MultiplyTile<Packed, A, B, C>(
                  m, {.a = Packed ? g.packed_a + r * length * sizeof(A) : a + r * a_row,
                      .b = Packed ? g.packed_b + n * length * sizeof(B) : b + n * sizeof(B),
                      .c = c + r * c_row + n * sizeof(C),
                      .depth = depth,
                      .rows = std::min(kTile, rows - p * kTile),
                      .columns = std::min(kTile, columns - q * kTile),
                      .a_row = a_row,
                      .b_step = b_step,
                      .c_row = c_row,
                      .first = k0 == 0});
            }
          }
        });
      }
    }
  }
}

/// Row by row: c[i][j] += a[i][k] * b[k][j], j innermost.
template <typename A, typename B, typename C, typename Runner>
void MultiplyRows(Runner& run, const GemmArgs& g) {
  InUnits(run, Phase::kMain, g.rows, 1, [&](auto& m, auto begin, auto end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Address c = g.c + static_cast<Address>(i * g.c_stride) * sizeof(C);
      m.Execute(cost::kRowLoop);
      for (std::int64_t j = 0; j < g.columns; ++j) {
        m.template Store<C>(c + static_cast<Address>(j) * sizeof(C), C{0});
        m.Execute(cost::kRowStep - 2);
      }
      for (std::int64_t k = 0; k < g.depth; ++k) {
        const C a = m.template Load<A>(g.a + static_cast<Address>(i * g.a_stride + k) * sizeof(A));
        Address from = g.b + static_cast<Address>(k * g.b_stride) * sizeof(B), to = c;
        m.Execute(cost::kRowLoop);
        for (std::int64_t j = 0; j < g.columns; ++j, from += sizeof(B), to += sizeof(C)) {
          const C b = m.template Load<B>(from);
          m.template Store<C>(to, m.template Load<C>(to) + a * b);
          m.Execute(cost::kRowStep);
        }
      }
    }
  });
}

template <typename A, typename B, typename C, typename Runner>
void Multiply(Runner& run, const GemmArgs& g) {
  switch (g.kind) {
    case GemmKind::kPacked:
      return MultiplyBlocks<true, A, B, C>(run, g);
    case GemmKind::kUnpacked:
      return MultiplyBlocks<false, A, B, C>(run, g);
    case GemmKind::kRows:
      return MultiplyRows<A, B, C>(run, g);
  }
}

}  // namespace systole
