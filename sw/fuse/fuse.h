// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

struct FuseOptions {
  /// Half: the first half of the channels gets a 1xK convolution, the second half a Kx1 one. Else
  /// (Full) all channels get both, and what reads them grows to twice the channels.
  bool half = false;
  /// Names of the depthwise nodes to replace; nothing: all that can be.
  std::optional<std::set<std::string>> nodes = std::nullopt;
  /// First values of the one-dimensional kernels (docs/fuseconv.md, "Weights").
  enum class Weights {
    kSeparated,  ///< least-squares lines of the best rank-1 approximation of each kernel
    kProjected,  ///< least-squares lines of the kernel itself
    kRandom,     ///< random, of the norm of the kernel that they replace
  } weights = Weights::kSeparated;
  /// Correlation of neighbouring pixels that least squares assume, 0 to 1.
  double correlation = 0.5;
  std::uint64_t seed = 1;  ///< of kRandom
};

/// A layer that was replaced.
struct FusedLayer {
  std::string name;             ///< of the depthwise node, which is gone
  std::int64_t channels = 0;    ///< of its input
  std::int64_t multiplier = 1;  ///< outputs of an input channel
  std::int64_t kernel_height = 0, kernel_width = 0;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::string row, column;         ///< names of the 1xK and the Kx1 convolution
  std::vector<std::string> grown;  ///< nodes behind it that take or make twice the channels
};

/// A depthwise convolution that stayed.
struct KeptLayer {
  std::string name;
  std::int64_t kernel_height = 0, kernel_width = 0;
  std::string reason;  ///< "its kernel is 1x1"
};

struct FuseReport {
  std::vector<FusedLayer> replaced;  ///< in the order of the network
  std::vector<KeptLayer> kept;       ///< likewise; without those that `nodes` leaves out
};

/// Replaces depthwise KxK convolutions by FuSeConv's (docs/fuseconv.md; Ganesan and Kumar, "Design
/// and Scaffolded Training of an Efficient DNN Operator for Computer Vision on the Edge", DATE
/// 2021, section 3): 1xK on some channels beside Kx1 on others, with normalization and activation
/// behind each, concatenated. Works on float networks and on quantized ones in QOperator or QDQ
/// form, which stay quantized. Everything else stays as it is; nodes that nothing reads go.
///
/// Shapes of the input (`InferShapes`) are needed only for layers with auto_pad and a stride; the
/// shapes of the result's new tensors are not known: call InferShapes on it.
///
/// Throws RequestError when the correlation is out of range, and, with every problem, when a node
/// that `options.nodes` names is missing or cannot be replaced, and for attributes of another type
/// than they should have.
Network Fuse(const Network& network, const FuseOptions& options, FuseReport* report = nullptr);

}  // namespace systole
