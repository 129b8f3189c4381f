// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/gemm.h"

#include <algorithm>
#include <cstring>

// The bodies are compiled twice on x86-64: for the baseline and for AVX2, chosen at run time. Both
// give the same bits, as integers are exact and floats are added in one order without contraction.
#if defined(__x86_64__) && defined(__GNUC__)
#define SYSTOLE_HAVE_AVX2 1
#endif

namespace systole::ref {
namespace {

// Products are below 2^16 in magnitude, so 2^14 of them fit in 32 bits.
constexpr std::int64_t kExactBlock = std::int64_t{1} << 14;

/// Sums of one row of `left` with four of `right`.
[[gnu::always_inline]] inline void Dot4(const std::int16_t* __restrict left,
                                        const std::int16_t* __restrict right, std::int64_t stride,
                                        std::int64_t depth, std::int64_t* out) {
  const std::int16_t* __restrict r0 = right;
  const std::int16_t* __restrict r1 = right + stride;
  const std::int16_t* __restrict r2 = right + 2 * stride;
  const std::int16_t* __restrict r3 = right + 3 * stride;
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (std::int64_t k = 0; k < depth; ++k) {
    s0 += left[k] * r0[k];
    s1 += left[k] * r1[k];
    s2 += left[k] * r2[k];
    s3 += left[k] * r3[k];
  }
  out[0] += s0;
  out[1] += s1;
  out[2] += s2;
  out[3] += s3;
}

[[gnu::always_inline]] inline std::int32_t Dot1(const std::int16_t* __restrict left,
                                                const std::int16_t* __restrict right,
                                                std::int64_t depth) {
  std::int32_t sum = 0;
  for (std::int64_t k = 0; k < depth; ++k) sum += left[k] * right[k];
  return sum;
}

[[gnu::always_inline]] inline void ExactBody(const std::int16_t* left, std::int64_t rows,
                                             const std::int16_t* right, std::int64_t columns,
                                             std::int64_t depth, std::int64_t* out) {
  std::fill(out, out + rows * columns, 0);
  for (std::int64_t k = 0; k < depth; k += kExactBlock) {
    const std::int64_t length = std::min(kExactBlock, depth - k);
    for (std::int64_t n = 0; n < columns; n += 4) {
      const std::int16_t* r = right + n * depth + k;
      for (std::int64_t m = 0; m < rows; ++m) {
        const std::int16_t* l = left + m * depth + k;
        std::int64_t* o = out + m * columns + n;
        if (n + 4 <= columns) {
          Dot4(l, r, depth, length, o);
        } else {
          for (std::int64_t i = 0; i < columns - n; ++i) o[i] += Dot1(l, r + i * depth, length);
        }
      }
    }
  }
}

constexpr std::int64_t kFloatColumns = 8;
constexpr std::int64_t kFloatRows = 4;

/// Four sums side by side, in the portable vectors of GCC and Clang: as loops over an array the
/// sums are not kept in registers (1.8 against 5 GMAC/s). Wider ones are split before the AVX2 body
/// is made, and then do not fit into the registers.
using Lanes [[gnu::vector_size(16)]] = float;
constexpr std::int64_t kLanes = 4;

/// kFloatRows x kFloatColumns sums, held in registers.
[[gnu::always_inline]] inline void FloatTile(const float* left, const float* right,
                                             std::int64_t columns, std::int64_t depth, float* out) {
  constexpr std::int64_t kVectors = kFloatColumns / kLanes;
  Lanes sum[kFloatRows][kVectors] = {};
  for (std::int64_t k = 0; k < depth; ++k) {
    Lanes r[kVectors];
    std::memcpy(r, right + k * columns, sizeof(r));
#pragma GCC unroll 4
    for (std::int64_t m = 0; m < kFloatRows; ++m) {
      const float l = left[m * depth + k];
#pragma GCC unroll 2
      for (std::int64_t v = 0; v < kVectors; ++v) sum[m][v] += l * r[v];
    }
  }
  for (std::int64_t m = 0; m < kFloatRows; ++m) {
    std::memcpy(out + m * columns, sum[m], sizeof(sum[m]));
  }
}

[[gnu::always_inline]] inline void FloatBody(const float* left, std::int64_t rows,
                                             const float* right, std::int64_t columns,
                                             std::int64_t depth, float* out) {
  const std::int64_t tiled_rows = rows - rows % kFloatRows;
  const std::int64_t tiled_columns = columns - columns % kFloatColumns;
  for (std::int64_t n = 0; n < tiled_columns; n += kFloatColumns) {
    for (std::int64_t m = 0; m < tiled_rows; m += kFloatRows) {
      FloatTile(left + m * depth, right + n, columns, depth, out + m * columns + n);
    }
  }
  for (std::int64_t m = 0; m < rows; ++m) {
    const std::int64_t begin = m < tiled_rows ? tiled_columns : 0;
    float* __restrict o = out + m * columns;
    std::fill(o + begin, o + columns, 0.0F);
    for (std::int64_t k = 0; k < depth; ++k) {
      const float l = left[m * depth + k];
      const float* __restrict r = right + k * columns;
      for (std::int64_t n = begin; n < columns; ++n) o[n] += l * r[n];
    }
  }
}

#ifdef SYSTOLE_HAVE_AVX2
[[gnu::target("avx2")]] void ExactAvx2(const std::int16_t* left, std::int64_t rows,
                                       const std::int16_t* right, std::int64_t columns,
                                       std::int64_t depth, std::int64_t* out) {
  ExactBody(left, rows, right, columns, depth, out);
}
[[gnu::target("avx2")]] void FloatAvx2(const float* left, std::int64_t rows, const float* right,
                                       std::int64_t columns, std::int64_t depth, float* out) {
  FloatBody(left, rows, right, columns, depth, out);
}
#endif

}  // namespace

void ExactProducts(const std::int16_t* left, std::int64_t rows, const std::int16_t* right,
                   std::int64_t columns, std::int64_t depth, std::int64_t* out) {
#ifdef SYSTOLE_HAVE_AVX2
  if (__builtin_cpu_supports("avx2")) return ExactAvx2(left, rows, right, columns, depth, out);
#endif
  ExactBody(left, rows, right, columns, depth, out);
}

void FloatProducts(const float* left, std::int64_t rows, const float* right, std::int64_t columns,
                   std::int64_t depth, float* out) {
#ifdef SYSTOLE_HAVE_AVX2
  if (__builtin_cpu_supports("avx2")) return FloatAvx2(left, rows, right, columns, depth, out);
#endif
  FloatBody(left, rows, right, columns, depth, out);
}

}  // namespace systole::ref
