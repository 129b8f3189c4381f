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
/// Panels of a unit: of copies, and of B in the product (500,000 accesses with the default blocks).
inline constexpr std::int64_t kCopyPanels = 32, kProductPanels = 8;

/// A row of a tile of sums.
template <typename C>
struct TileRow {
  C c0{}, c1{}, c2{}, c3{};

  template <typename M>
  void Read(M& m, Address at, std::int64_t columns) {
    c0 = m.template Load<C>(at);
    if (columns == 1) return;
    c1 = m.template Load<C>(at + sizeof(C));
    if (columns == 2) return;
    c2 = m.template Load<C>(at + 2 * sizeof(C));
    if (columns == 3) return;
    c3 = m.template Load<C>(at + 3 * sizeof(C));
  }
  template <typename M>
  void Write(M& m, Address at, std::int64_t columns) const {
    m.template Store<C>(at, c0);
    if (columns == 1) return;
    m.template Store<C>(at + sizeof(C), c1);
    if (columns == 2) return;
    m.template Store<C>(at + 2 * sizeof(C), c2);
    if (columns == 3) return;
    m.template Store<C>(at + 3 * sizeof(C), c3);
  }
  void Add(C a, C b0, C b1, C b2, C b3) {
    c0 += a * b0;
    c1 += a * b1;
    c2 += a * b2;
    c3 += a * b3;
  }
};

/// What all tiles of a block have in common.
struct TileShape {
  std::int64_t depth;
  Address a_row, b_step, c_row;  ///< bytes
  bool first;                    ///< sums begin at 0 instead of at C
};

/// A tile of rows x columns, at most 4x4, of C += A * B. Rows and columns beyond the matrix repeat
/// the last one (unpacked) or are the panel's zeros (packed).
template <bool Packed, typename A, typename B, typename C, typename M>
[[gnu::noinline]] void MultiplyTile(M& m, Address a, Address b, Address c, std::int64_t rows,
                                    std::int64_t columns, const TileShape& shape) {
  m.Call(TileFrame<A>());
  m.template Execute<A>(Loop::kTile);
  const Address c_row = shape.c_row;
  const std::int64_t depth = shape.depth;
  TileRow<C> r0, r1, r2, r3;
  if (!shape.first && rows == kTile && columns == kTile) {
    r0.Read(m, c, kTile);
    r1.Read(m, c + c_row, kTile);
    r2.Read(m, c + 2 * c_row, kTile);
    r3.Read(m, c + 3 * c_row, kTile);
  } else if (!shape.first) {
    r0.Read(m, c, columns);
    if (rows > 1) r1.Read(m, c + c_row, columns);
    if (rows > 2) r2.Read(m, c + 2 * c_row, columns);
    if (rows > 3) r3.Read(m, c + 3 * c_row, columns);
  }
  const Address a_row = shape.a_row;
  const Address a1 = Packed ? sizeof(A) : rows > 1 ? a_row : 0;
  const Address a2 = Packed ? 2 * sizeof(A) : rows > 2 ? 2 * a_row : a1;
  const Address a3 = Packed ? 3 * sizeof(A) : rows > 3 ? 3 * a_row : a2;
  const Address b1 = Packed || columns > 1 ? sizeof(B) : 0;
  const Address b2 = Packed || columns > 2 ? 2 * sizeof(B) : b1;
  const Address b3 = Packed || columns > 3 ? 3 * sizeof(B) : b2;
  const Address a_step = Packed ? kTile * sizeof(A) : sizeof(A);
  const Address b_step = Packed ? kTile * sizeof(B) : shape.b_step;
  for (std::int64_t k = 0; k < depth; ++k, a += a_step, b += b_step) {
    const C v0 = m.template Load<B>(b), v1 = m.template Load<B>(b + b1);
    const C v2 = m.template Load<B>(b + b2), v3 = m.template Load<B>(b + b3);
    r0.Add(m.template Load<A>(a), v0, v1, v2, v3);
    r1.Add(m.template Load<A>(a + a1), v0, v1, v2, v3);
    r2.Add(m.template Load<A>(a + a2), v0, v1, v2, v3);
    r3.Add(m.template Load<A>(a + a3), v0, v1, v2, v3);
    m.template Execute<A>(Packed ? Loop::kTileStep : Loop::kTileStepPlain);
  }
  if (rows == kTile && columns == kTile) {
    r0.Write(m, c, kTile);
    r1.Write(m, c + c_row, kTile);
    r2.Write(m, c + 2 * c_row, kTile);
    r3.Write(m, c + 3 * c_row, kTile);
    return m.Return(TileFrame<A>());
  }
  r0.Write(m, c, columns);
  if (rows > 1) r1.Write(m, c + c_row, columns);
  if (rows > 2) r2.Write(m, c + 2 * c_row, columns);
  if (rows > 3) r3.Write(m, c + 3 * c_row, columns);
  m.Return(TileFrame<A>());
}

/// A block of A times a block of B.
struct BlockArgs {
  Address a, b, c;
  std::int64_t rows, columns;
  TileShape shape;
};

/// All tiles of the columns of B's panels [begin, end): a panel of B stays in the cache while those
/// of A pass by.
template <bool Packed, typename A, typename B, typename C, typename M>
[[gnu::noinline]] void MultiplyPanels(M& m, const BlockArgs& block, std::int64_t begin,
                                      std::int64_t end) {
  const TileShape shape = block.shape;
  const std::int64_t rows = block.rows, columns = block.columns;
  const auto panel = static_cast<Address>(kTile * shape.depth);
  const Address a_step = Packed ? panel * sizeof(A) : kTile * shape.a_row;
  const Address b_step = Packed ? panel * sizeof(B) : kTile * sizeof(B);
  const Address c_step = kTile * shape.c_row;
  for (std::int64_t q = begin; q < end; ++q) {
    const std::int64_t left = columns - q * kTile, width = left < kTile ? left : kTile;
    const Address b = block.b + static_cast<Address>(q) * b_step;
    Address a = block.a, c = block.c + static_cast<Address>(q * kTile) * sizeof(C);
    for (std::int64_t height = rows; height > 0; height -= kTile, a += a_step, c += c_step) {
      MultiplyTile<Packed, A, B, C>(m, a, b, c, height < kTile ? height : kTile, width, shape);
    }
  }
}

/// Copies `lines` lines (rows of A, columns of B) of `depth` elements into a panel of four lines,
/// the four elements of one k side by side; lines that are missing are zeros.
template <typename T, typename M>
[[gnu::noinline]] void PackPanel(M& m, Address from, Address line_step, Address depth_step,
                                 std::int64_t lines, std::int64_t depth, Address to) {
  m.template Execute<T>(Loop::kPackPanel);
  if (lines == kTile) {
    Address f0 = from, f1 = f0 + line_step, f2 = f1 + line_step, f3 = f2 + line_step;
    for (std::int64_t k = 0; k < depth; ++k, to += kTile * sizeof(T)) {
      m.template Store<T>(to, m.template Load<T>(f0));
      m.template Store<T>(to + sizeof(T), m.template Load<T>(f1));
      m.template Store<T>(to + 2 * sizeof(T), m.template Load<T>(f2));
      m.template Store<T>(to + 3 * sizeof(T), m.template Load<T>(f3));
      f0 += depth_step;
      f1 += depth_step;
      f2 += depth_step;
      f3 += depth_step;
      m.template Execute<T>(Loop::kPackStep);
    }
    return;
  }
  for (std::int64_t k = 0; k < depth; ++k, from += depth_step) {
    Address at = from;
    for (std::int64_t i = 0; i < kTile; ++i, at += line_step, to += sizeof(T)) {
      m.template Store<T>(to, i < lines ? m.template Load<T>(at) : T{0});
      m.template Execute<T>(Loop::kPackEdge);
    }
  }
}

/// C += A * B (C = A * B where `first`) by blocks as in K. Goto, R. van de Geijn, "Anatomy of
/// high-performance matrix multiplication", ACM TOMS 34(3), 2008.
template <bool Packed, typename A, typename B, typename C, typename Runner>
void MultiplyBlocks(Runner& run, const GemmArgs& g) {
  const GemmBlocking& blocks = g.blocks;
  for (std::int64_t n0 = 0; n0 < g.columns; n0 += blocks.columns) {
    const std::int64_t columns = std::min(blocks.columns, g.columns - n0);
    const std::int64_t b_panels = (columns + kTile - 1) / kTile;
    for (std::int64_t k0 = 0; k0 < g.depth; k0 += blocks.depth) {
      const std::int64_t depth = std::min(blocks.depth, g.depth - k0);
      const Address b_step = static_cast<Address>(g.b_stride) * sizeof(B);
      const Address b =
          g.b + static_cast<Address>(k0) * b_step + static_cast<Address>(n0) * sizeof(B);
      if constexpr (Packed) {
        InUnits(run, Phase::kPackB, b_panels, kCopyPanels, [&](auto& m, auto begin, auto end) {
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
          InUnits(run, Phase::kPackA, a_panels, kCopyPanels, [&](auto& m, auto begin, auto end) {
            for (std::int64_t p = begin; p < end; ++p) {
              PackPanel<A>(m, a + static_cast<Address>(p * kTile) * a_row, a_row, sizeof(A),
                           std::min(kTile, rows - p * kTile), depth,
                           g.packed_a + static_cast<Address>(p * kTile * depth) * sizeof(A));
            }
          });
        }
        const Address c_row = static_cast<Address>(g.c_stride) * sizeof(C);
        const BlockArgs block = {
            .a = Packed ? g.packed_a : a,
            .b = Packed ? g.packed_b : b,
            .c = g.c + static_cast<Address>(m0) * c_row + static_cast<Address>(n0) * sizeof(C),
            .rows = rows,
            .columns = columns,
            .shape = {.depth = depth,
                      .a_row = a_row,
                      .b_step = b_step,
                      .c_row = c_row,
                      .first = k0 == 0}};
        InUnits(run, Phase::kMain, b_panels, kProductPanels, [&](auto& m, auto begin, auto end) {
          MultiplyPanels<Packed, A, B, C>(m, block, begin, end);
        });
      }
    }
  }
}

/// Row by row: c[i][j] += a[i][k] * b[k][j], j innermost.
template <typename A, typename B, typename C, typename Runner>
void MultiplyRows(Runner& run, const GemmArgs& g) {
  InUnits(run, Phase::kMain, g.rows, 1, [&](auto& m, auto begin, auto end) {
    const std::int64_t depth = g.depth, columns = g.columns;
    const Address b_row = static_cast<Address>(g.b_stride) * sizeof(B);
    for (std::int64_t i = begin; i < end; ++i) {
      const Address c = g.c + static_cast<Address>(i * g.c_stride) * sizeof(C);
      const Address c_end = c + static_cast<Address>(columns) * sizeof(C);
      for (Address to = c; to < c_end; to += sizeof(C)) {
        m.template Store<C>(to, C{0});
        m.template Execute<A>(Loop::kRowsZero);
      }
      Address a = g.a + static_cast<Address>(i * g.a_stride) * sizeof(A), b = g.b;
      for (std::int64_t k = 0; k < depth; ++k, a += sizeof(A), b += b_row) {
        const C value = m.template Load<A>(a);
        Address from = b;
        m.template Execute<A>(Loop::kRowsRow);
        for (Address to = c; to < c_end; from += sizeof(B), to += sizeof(C)) {
          const C other = m.template Load<B>(from);
          m.template Store<C>(to, m.template Load<C>(to) + value * other);
          m.template Execute<A>(Loop::kRowsStep);
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
