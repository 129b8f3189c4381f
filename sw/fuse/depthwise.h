// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sw/fuse/conv_constants.h"
#include "sw/fuse/separate.h"
#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::fuse {

/// One spatial axis of a depthwise convolution with explicit padding.
struct Axis {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t before = 0, after = 0;  ///< padding

  /// Distance of the kernel's middle element from its first, in input elements.
  std::int64_t Middle() const { return kernel / 2 * dilation; }
};

/// What a line across an axis does with its input: the axis less the kernel's reach beside its
/// middle. Negative padding is input that is cut off instead.
struct AcrossAxis {
  std::int64_t pad_before = 0, pad_after = 0;
  std::int64_t crop_before = 0, crop_after = 0;
};
AcrossAxis Across(const Axis& axis);

/// A two-dimensional depthwise convolution of a network.
struct Depthwise {
  std::size_t node = 0;
  std::int64_t channels = 0;    ///< of the input; also the groups
  std::int64_t multiplier = 1;  ///< outputs of one input channel
  std::int64_t kernel_height = 0, kernel_width = 0;
  /// Why it cannot be replaced; empty: it can, and what follows is set.
  std::string reason;
  Axis height{}, width{};
  std::optional<ConvConstants> constants{};

  std::int64_t outputs() const { return channels * multiplier; }
  /// A 1 x K or K x 1 kernel.
  bool IsLine() const { return kernel_height == 1 || kernel_width == 1; }
};

/// Reads node `i`; nothing when it is no depthwise convolution (one group a channel, at least two)
/// over a plane.
std::optional<Depthwise> ReadDepthwise(const Network& network, const GraphIndex& index,
                                       std::size_t i);

/// The kernel of output `output`.
Kernel KernelOf(const Depthwise& layer, std::int64_t output);

}  // namespace systole::fuse
