// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/map/layer.h"

namespace systole {

/// What a layer of a mobile network is to a systolic array.
enum class LayerKind {
  kConvolution,  ///< sums over channels, kernel larger than 1: a stem
  kPointwise,    ///< sums over channels, 1x1
  kDepthwise,    ///< one channel a group, kernel of two dimensions (1x1 included)
  kLine,         ///< one channel a group, 1xK or Kx1: FuSeConv's
  kLinear,       ///< one output position: classifiers, squeeze-and-excite
};
inline constexpr std::array kAllLayerKinds = {LayerKind::kConvolution, LayerKind::kPointwise,
                                              LayerKind::kDepthwise, LayerKind::kLine,
                                              LayerKind::kLinear};
/// "convolution", "pointwise", "depthwise", "1-D depthwise", "linear".
std::string ToString(LayerKind kind);
LayerKind KindOf(const ArrayLayer& layer);

/// One array layer of a network.
struct StudyLayer {
  std::string name;
  std::string block;  ///< the name up to its first '/', or all of it
  LayerKind kind = LayerKind::kConvolution;
  ArrayLayer layer{};
};

/// The array layers of a network whose shapes are known (InferShapes), float or quantized, in its
/// order.
std::vector<StudyLayer> ArrayLayersOf(const Network& network);

}  // namespace systole
