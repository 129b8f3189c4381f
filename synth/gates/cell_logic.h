// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "synth/liberty/library.h"

namespace systole {

/// A library cell as the simulator and the delay calculation see it. Bit k of a table's index is
/// the value of inputs[k]; of a flip-flop or latch, one bit more is the state.
struct CellLogic {
  using Table = std::vector<std::uint64_t>;  ///< bit i % 64 of word i / 64: the value at index i
  struct Output {
    std::uint32_t pin = 0;  ///< index in Cell::pins
    Table function;
    std::uint32_t reads = 0;  ///< bit k: the value depends on inputs[k], or on the state
  };
  std::vector<std::uint32_t> inputs;  ///< indices in Cell::pins
  std::vector<Output> outputs;
  bool sequential = false;
  bool latch = false;
  /// Of a flip-flop or latch: the edge or level that lets next_state in; what sets the state to 0
  /// and to 1. When clear and preset are both active the state is 0.
  Table clock, next_state, clear, preset;
  /// Bit k: inputs[k] matters to the clock; to clear or preset.
  std::uint32_t clock_reads = 0, control_reads = 0;
  std::uint32_t wakes = 0;  ///< bit k: a change of inputs[k] can change the state by itself
  /// Bit k: in topological order the cell stands behind the driver of inputs[k]. All of them, but
  /// of a flip-flop or latch only the clock and what its outputs read directly.
  std::uint32_t follows = 0;
};

/// The longest table has 2^16 bits.
constexpr std::size_t kMaxCellInputs = 15;

/// Throws RequestError that names the cell: a tri-state output, an output without a function, too
/// many inputs, a function that cannot be read, a memory.
CellLogic MakeCellLogic(const Cell& cell);

}  // namespace systole
