// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Instructions that touch no data, of the loops of the kernels.

namespace systole::cost {

// One step of the 4x4 inner kernel: 16 products, 16 sums, pointers and branch.
inline constexpr std::uint32_t kGemmStepPacked = 35, kGemmStepUnpacked = 38;
inline constexpr std::uint32_t kGemmTile = 24;   ///< around a tile: addresses, zeros, loops
inline constexpr std::uint32_t kGemmFrame = 13;  ///< registers that the inner kernel saves
inline constexpr std::uint32_t kRowStep = 4;     ///< one column of kRows
inline constexpr std::uint32_t kRowLoop = 6;
inline constexpr std::uint32_t kPackStep = 3;  ///< one element of a panel
inline constexpr std::uint32_t kPackLoop = 6;
inline constexpr std::uint32_t kColumnStep = 4;  ///< one element of the column buffer
inline constexpr std::uint32_t kColumnLoop = 10;
inline constexpr std::uint32_t kBiasStep = 3, kBiasLoop = 6;
inline constexpr std::uint32_t kRequantizeStep = 9;
inline constexpr std::uint32_t kDirectTap = 10, kDirectLoop = 8, kDirectOutput = 24;
inline constexpr std::uint32_t kDepthwiseTap = 4, kDepthwiseLoop = 5, kDepthwiseOutput = 16;
inline constexpr std::uint32_t kDenseStep = 11, kDenseOutput = 16;
inline constexpr std::uint32_t kPoolTap = 3, kPoolLoop = 4, kPoolOutput = 14;
inline constexpr std::uint32_t kUnaryStep = 4, kBinaryStep = 5, kCopyStep = 3;
inline constexpr std::uint32_t kExponential = 24, kSoftmaxLoop = 8;
inline constexpr std::uint32_t kQuantizeStep = 8, kDequantizeStep = 5;

}  // namespace systole::cost
