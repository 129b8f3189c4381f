// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

namespace systole {

/// The places in the kernels where instructions are counted: one turn of a loop, or the way into
/// it.
enum class Loop : std::uint8_t {
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
  kDirectChannel,
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
  kBinaryLine,
  kBinaryStep,
  kCopyLine,
  kCopyStep,
  kSoftmaxRow,
  kSoftmaxStep,  ///< one element in all three passes, without kExponential
  kLrnOutput,
  kLrnTap,
  kMoveLine,
  kMoveStep,
  kResizeRow,
  kResizeNearest,
  kResizeLinear,
  kQuantizeStep,
  kDequantizeStep,
};
inline constexpr int kLoopCount = static_cast<int>(Loop::kDequantizeStep) + 1;

struct LoopCost {
  std::uint32_t float32, bytes;
};

/// Instructions that touch no data, in the order of Loop: fitted to the compiled program
/// (docs/trace.md, "Instructions"); a test holds the sums.
inline constexpr LoopCost kLoopCosts[] = {
    {28, 36},  // kTile
    {35, 35},  // kTileStep
    {42, 46},  // kTileStepPlain
    {5, 5},    // kPackPanel
    {9, 7},    // kPackStep
    {13, 12},  // kPackEdge
    {6, 7},    // kRowsRow
    {5, 5},    // kRowsStep
    {3, 3},    // kRowsZero
    {18, 18},  // kColumnRow
    {5, 7},    // kColumnStep
    {4, 3},    // kColumnEmpty
    {15, 20},  // kLine
    {5, 17},   // kLineStep
    {20, 43},  // kResult
    {7, 7},    // kDirectOutput
    {12, 20},  // kDirectChannel
    {9, 12},   // kDirectLine
    {16, 15},  // kDirectTap
    {20, 17},  // kDepthwiseOutput
    {10, 10},  // kDepthwiseLine
    {7, 6},    // kDepthwiseTap
    {10, 15},  // kDenseOutput
    {14, 17},  // kDenseStep
    {37, 39},  // kMaxOutput
    {7, 5},    // kMaxLine
    {5, 7},    // kMaxTap
    {62, 0},   // kAverageOutput
    {6, 0},    // kAverageLine
    {4, 0},    // kAverageTap
    {54, 0},   // kPlane
    {7, 0},    // kPlaneStep
    {6, 7},    // kUnaryStep
    {10, 11},  // kHardStep
    {42, 0},   // kExponential
    {51, 0},   // kBinaryLine
    {6, 0},    // kBinaryStep
    {30, 30},  // kCopyLine
    {4, 4},    // kCopyStep
    {55, 0},   // kSoftmaxRow
    {7, 0},    // kSoftmaxStep
    {24, 0},   // kLrnOutput
    {4, 0},    // kLrnTap
    {60, 57},  // kMoveLine
    {3, 3},    // kMoveStep
    {20, 0},   // kResizeRow
    {9, 0},    // kResizeNearest
    {23, 0},   // kResizeLinear
    {0, 15},   // kQuantizeStep
    {0, 7},    // kDequantizeStep
};
static_assert(sizeof(kLoopCosts) / sizeof(LoopCost) == kLoopCount);

template <typename T>
constexpr std::uint32_t InstructionsOf(Loop loop) {
  const LoopCost& cost = kLoopCosts[static_cast<int>(loop)];
  return std::is_same_v<T, float> ? cost.float32 : cost.bytes;
}

/// Registers that go to the stack around a tile, and come back.
template <typename T>
constexpr std::uint32_t TileFrame() {
  return std::is_same_v<T, float> ? 4 : 40;
}

}  // namespace systole
