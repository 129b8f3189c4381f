// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// One command of the systolic core (docs/systolic-core.md, "Passes"): `fill` steps that only shift
/// activations in, then `taps` multiply-accumulate steps, `spacing` steps apart.
/// Steps = fill + (taps - 1) * spacing + 1.
/// Plain C layout: the struct crosses the border to the compiled model (tb/harness).
struct Pass {
  std::uint32_t fill = 0;     ///< ST-OS only; 0 for GEMM
  std::uint32_t taps = 1;     ///< multiply-accumulate steps, >= 1; GEMM: the reduction length K
  std::uint32_t spacing = 1;  ///< ST-OS: distance of two taps in steps (the dilation); GEMM: 1
  std::uint32_t rows = 1;     ///< rows to drain if `last`: the bottom ones, 1 to Rows
  std::uint8_t stos = 0;      ///< 1: weights are broadcast along the rows
  std::uint8_t first = 1;     ///< the first tap starts a new sum; else sums go on, drained or not
  std::uint8_t last = 1;      ///< the last tap ends the sum: the results drain
  std::uint8_t raw = 0;  ///< results leave on the accumulator stream, bias added, not requantized
  std::uint8_t params = 0;  ///< switch to the next bank of channel parameters before draining
  std::uint8_t by_row = 0;  ///< GEMM, core with ST-OS: row r takes channel Rows-1-r, as in ST-OS
};

/// Parameters of one output channel; a bank of them is sent, one a beat, channel 0 first.
struct ChannelParam {
  std::int64_t bias = 0;    ///< added to the accumulator, AccW bits
  float scale = 1.0F;       ///< positive, finite, normal
  std::int32_t zero = 0;    ///< output zero point; the last beat's holds for the bank
  std::int32_t min = -128;  ///< clamp bounds after the zero point was added; likewise
  std::int32_t max = 127;
  std::uint32_t end = 0;  ///< 1 on the last beat of a bank
};

/// Steps of a pass: how many activation beats it takes.
constexpr std::uint64_t Steps(const Pass& pass) {
  return std::uint64_t{pass.fill} + std::uint64_t{pass.taps - 1} * pass.spacing + 1;
}

}  // namespace systole
