// SPDX-License-Identifier: Apache-2.0
#include "sw/study/layers.h"

namespace systole {

std::string ToString(LayerKind kind) {
  switch (kind) {
    case LayerKind::kConvolution:
      return "convolution";
    case LayerKind::kPointwise:
      return "pointwise";
    case LayerKind::kDepthwise:
      return "depthwise";
    case LayerKind::kLine:
      return "1-D depthwise";
    case LayerKind::kLinear:
      break;
  }
  return "linear";
}

LayerKind KindOf(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return LayerKind::kLinear;
  if (layer.Depthwise()) {
    const bool line = (layer.height.kernel == 1) != (layer.width.kernel == 1);
    return line ? LayerKind::kLine : LayerKind::kDepthwise;
  }
  if (layer.height.output * layer.width.output == 1) return LayerKind::kLinear;
  const bool point = layer.height.kernel * layer.width.kernel == 1;
  return point ? LayerKind::kPointwise : LayerKind::kConvolution;
}

std::vector<StudyLayer> ArrayLayersOf(const Network& network) {
  std::vector<StudyLayer> layers;
  for (const Node& node : network.nodes) {
    if (const auto layer = DescribeQuantizedLayer(network, node)) {
      layers.push_back(
          {node.name, node.name.substr(0, node.name.find('/')), KindOf(*layer), *layer});
    }
  }
  return layers;
}

}  // namespace systole
