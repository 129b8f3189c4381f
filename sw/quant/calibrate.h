// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sw/quant/quantize.h"

namespace systole::quant {

/// Values of a tensor, as calibration saw them.
struct Range {
  float low = 0;
  float high = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

/// Scale and zero point of a tensor: real = scale * (quantized - zero).
struct QuantParams {
  float scale = 1;        ///< positive, normal
  std::int32_t zero = 0;  ///< -128 to 127 or 0 to 255
  friend bool operator==(const QuantParams&, const QuantParams&) = default;
};

/// Smallest and largest value of kInt8 or kUint8.
std::int32_t LowestOf(ElementType type);
std::int32_t HighestOf(ElementType type);

/// The parameters that spread `range`, widened to contain 0, over all values of `type`; 0 is always
/// exact, and a range that starts at 0 gets the lowest value as zero point, so that saturation is
/// ReLU. An empty range (0 to 0) gets scale 1.
QuantParams ChooseParams(const Range& range, ElementType type);

/// Runs the network on every set of inputs and returns the ranges of the named float tensors.
/// kPercentile runs it twice: the second time to fill a histogram of 65,536 equal bins between the
/// extremes; a bound is the outer edge of its bin.
/// Throws RequestError naming tensor and node for a value that is NaN or infinite.
std::map<std::string, Range> Calibrate(const Network& network, const std::vector<Tensors>& inputs,
                                       const std::set<std::string>& tensors,
                                       const QuantizeOptions& options);

}  // namespace systole::quant
