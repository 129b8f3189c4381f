// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/stimulus.h"
#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole {

/// A depthwise-separable block for tests: input "x" of 1 x channels x height x width, depthwise
/// convolution "dw", what stands behind it, pointwise convolution "pw" to the output "y".
struct TestBlock {
  std::int64_t channels = 4, multiplier = 1, height = 9, width = 8;
  std::int64_t kernel_height = 3, kernel_width = 3;
  std::vector<std::int64_t> strides = {1, 1}, pads = {1, 1, 1, 1}, dilations = {1, 1};
  std::string auto_pad = {};
  /// Which elements of a kernel are not zero.
  enum class Kernel { kWhole, kMiddleRow, kMiddleColumn, kCross, kMiddle } kernel = Kernel::kWhole;
  bool bias = false, normalization = false;
  std::string activation = {};  ///< "", "Relu", "HardSwish", "decomposed" (HardSwish written out)
  bool squeeze = false;         ///< squeeze-and-excite behind the activation
  bool pointwise = true;        ///< false: "y" is what the block ends with
  std::int64_t consumers = 1;  ///< pointwise convolutions: "pw", "pw2", ...; outputs "y", "y2", ...
  int opset = 14;
};

/// Weights are multiples of 1/64 (1/8 where the result is to be computed without rounding).
Network BuildBlock(const TestBlock& block, std::uint64_t seed);

/// Multiples of 1/8 from -1 to 1 for the input "x" of a network whose shape is known.
Tensors InputsFor(const Network& network, std::uint64_t seed);

/// The first node of that name; fails the test when there is none.
const Node& NodeNamed(const Network& network, const std::string& name);

/// Largest |a - b| over all elements; infinity when the shapes differ.
double LargestDifference(const Tensor& a, const Tensor& b);

}  // namespace systole
