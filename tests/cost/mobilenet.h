// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "sw/cost/layer_cost.h"

namespace systole {

/// An axis with `same` padding for odd kernels.
inline ConvAxis Axis(std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  ConvAxis axis;
  axis.input = input;
  axis.kernel = kernel;
  axis.stride = stride;
  axis.pad_before = axis.pad_after = kernel / 2;
  axis.output = (input + 2 * axis.pad_before - kernel) / stride + 1;
  return axis;
}

inline ArrayLayer Convolution(std::int64_t in, std::int64_t out, std::int64_t group,
                              ConvAxis height, ConvAxis width) {
  ArrayLayer layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.group = group;
  layer.height = height;
  layer.width = width;
  return layer;
}

/// MobileNet-V1 at 224x224: the stem, 13 blocks, the classifier. With `fused` each depthwise 3x3 is
/// FuSeConv's Half: 1x3 on half of the channels, 3x1 on the others.
inline std::vector<ArrayLayer> MobileNetV1(bool fused) {
  std::vector<ArrayLayer> layers = {Convolution(3, 32, 1, Axis(224, 3, 2), Axis(224, 3, 2))};
  const std::vector<std::pair<std::int64_t, std::int64_t>> blocks = {
      {64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
      {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  std::int64_t channels = 32, size = 112;
  for (const auto& [out, stride] : blocks) {
    const std::int64_t half = channels / 2;
    const ConvAxis kernel = Axis(size, 3, stride), point = Axis(size, 1, stride);
    if (fused) {
      layers.push_back(Convolution(half, half, half, point, kernel));
      layers.push_back(Convolution(half, half, half, kernel, point));
    } else {
      layers.push_back(Convolution(channels, channels, channels, kernel, kernel));
    }
    size = kernel.output;
    layers.push_back(Convolution(channels, out, 1, Axis(size, 1, 1), Axis(size, 1, 1)));
    channels = out;
  }
  ArrayLayer classifier;
  classifier.kind = ArrayLayer::Kind::kMatMul;
  classifier.k = 1024;
  classifier.n = 1000;
  layers.push_back(classifier);
  return layers;
}

/// The layers one after the other, each filling and draining the array.
inline std::uint64_t NetworkCycles(const std::vector<ArrayLayer>& layers,
                                   const ArrayConfig& config) {
  std::uint64_t cycles = 0;
  for (const ArrayLayer& layer : layers) cycles += Cost(layer, config).cycles;
  return cycles;
}

}  // namespace systole
