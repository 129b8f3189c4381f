// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

namespace systole {

/// The places in the kernels where instructions are counted: one turn of a loop, or the way into
/// it.
enum class Loop : std::uint8_t {
  kOperation,      ///< the way into an operation of a program
  kTile,           ///< a 4x4 tile: addresses, first sums, loops around it
  kTileStep,       ///< one k of a tile of packed panels
  kTileStepPlain,  ///< the same without panels
  kPackPanel,
  kPackStep,  ///< one k of a panel of four lines
  kPackEdge,  ///< one element of a panel of fewer
  kRowsRow,   ///< one element of A of the product by rows
  kRowsStep,
  kRowsZero,
  kColumnRow,  ///< one line of a tap of the column buffer
  kColumnStep,
  kColumnEmpty,  ///< one element of a line that lies in the padding
  kLine,         ///< one line of results
  kLineStep,
  kResult,        ///< one result with its own bias
  kDirectOutput,  ///< four outputs of a direct convolution
  kDirectLine,
  kDirectTap,
  kDepthwiseOutput,
  kDepthwiseLine,
  kDepthwiseTap,
  kDenseOutput,  ///< four outputs of a fully connected layer
  kDenseStep,
  kMaxOutput,
  kMaxLine,
  kMaxTap,
  kAverageOutput,
  kAverageLine,
  kAverageTap,
  kPlane,
  kPlaneStep,
  kUnaryStep,
  kHardStep,  ///< HardSigmoid, HardSwish
  kExponential,
  kBinaryStep,
  kCopyStep,
  kSoftmaxRow,
  kSoftmaxStep,  ///< one element in all three passes, without kExponential
  kQuantizeStep,
  kDequantizeStep,
};
inline constexpr int kLoopCount = static_cast<int>(Loop::kDequantizeStep) + 1;

/// Instructions that touch no data.
struct LoopCost {
  std::uint32_t float32, bytes;
};

inline constexpr LoopCost kLoopCosts[kLoopCount] = {};

template <typename T>
constexpr std::uint32_t InstructionsOf(Loop loop) {
  const LoopCost& cost = kLoopCosts[static_cast<int>(loop)];
  return std::is_same_v<T, float> ? cost.float32 : cost.bytes;
}

/// Registers that go to the stack around a tile.
inline constexpr std::uint32_t kTileFrame = 12;

}  // namespace systole
