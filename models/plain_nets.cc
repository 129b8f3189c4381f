// SPDX-License-Identifier: Apache-2.0
// Layer tables of AlexNet, VGG-16 and SqueezeNet; docs/networks.md names their sources.
#include <fmt/format.h>

#include "models/tables.h"

namespace systole::models {
namespace {

/// With 0, half of a ReLU's outputs are zero. Three quarters in front of a pooling layer, so that
/// about half of its outputs are; 65 % in linear layers: Phi(lift / sqrt(1 + 0.5^2)).
constexpr double kConvLift = 0, kPooledLift = -0.75, kLinearLift = -0.43, kLogitsLift = 0;

/// Output of a window on a plane without padding.
std::int64_t Windows(std::int64_t extent, std::int64_t kernel, std::int64_t stride) {
  return (extent - kernel) / stride + 1;
}

/// fc6, fc7 and fc8 behind planes of `extent` x `extent`.
void WriteLinearLayers(LayerWriter& writer, const Signal& in, std::int64_t extent,
                       const ModelRequest& request) {
  const std::int64_t hidden = ScaleChannels(4096, request.width);
  Signal x = writer.Flatten("fc6/flatten", in);
  x = writer.Linear("fc6", x, hidden, extent, kLinearLift);
  x = writer.Activate("fc6", x, Activation::kRelu);
  x = writer.Linear("fc7", x, hidden, 1, kLinearLift);
  x = writer.Activate("fc7", x, Activation::kRelu);
  writer.Linear("fc8", x, request.classes, 1, kLogitsLift);
  writer.Finish(request.classes);
}

Signal Fire(LayerWriter& writer, int number, const Signal& in, std::int64_t squeezed,
            std::int64_t expanded, double lift) {
  const std::string name = fmt::format("fire{}", number);
  const Signal squeeze =
      writer.ConvBiasRelu(name + "/squeeze1x1", in, {.channels = squeezed}, kConvLift);
  const Signal one =
      writer.ConvBiasRelu(name + "/expand1x1", squeeze, {.channels = expanded}, lift);
  const Signal three = writer.ConvBiasRelu(name + "/expand3x3", squeeze,
                                           {.channels = expanded, .kernel = 3, .pad = 1}, lift);
  return writer.Concat(name + "/concat", one, three);
}

}  // namespace

void WriteAlexNet(LayerWriter& writer, const ModelRequest& request) {
  const auto scaled = [&](std::int64_t channels) { return ScaleChannels(channels, request.width); };
  Signal x = writer.ConvBiasRelu("conv1", writer.input(),
                                 {.channels = scaled(96), .kernel = 11, .stride = 4}, kPooledLift);
  x = writer.PlainMaxPool("pool1", writer.Lrn("norm1", x, 5), 3, 2);
  x = writer.ConvBiasRelu("conv2", x, {.channels = scaled(256), .kernel = 5, .groups = 2, .pad = 2},
                          kPooledLift);
  x = writer.PlainMaxPool("pool2", writer.Lrn("norm2", x, 5), 3, 2);
  x = writer.ConvBiasRelu("conv3", x, {.channels = scaled(384), .kernel = 3, .pad = 1}, kConvLift);
  x = writer.ConvBiasRelu("conv4", x, {.channels = scaled(384), .kernel = 3, .groups = 2, .pad = 1},
                          kConvLift);
  x = writer.ConvBiasRelu("conv5", x, {.channels = scaled(256), .kernel = 3, .groups = 2, .pad = 1},
                          kPooledLift);
  x = writer.PlainMaxPool("pool5", x, 3, 2);
  std::int64_t extent = Windows(request.size.value(), 11, 4);
  for (int pool = 0; pool < 3; ++pool) extent = Windows(extent, 3, 2);
  WriteLinearLayers(writer, x, extent, request);
}

void WriteVgg16(LayerWriter& writer, const ModelRequest& request) {
  constexpr int kBlocks = 5;
  constexpr std::int64_t kChannels[kBlocks] = {64, 128, 256, 512, 512};
  constexpr int kLayers[kBlocks] = {2, 2, 3, 3, 3};
  Signal x = writer.input();
  for (int block = 0; block < kBlocks; ++block) {
    const std::int64_t channels = ScaleChannels(kChannels[block], request.width);
    for (int layer = 1; layer <= kLayers[block]; ++layer) {
      x = writer.ConvBiasRelu(fmt::format("conv{}_{}", block + 1, layer), x,
                              {.channels = channels, .kernel = 3, .pad = 1},
                              layer == kLayers[block] ? kPooledLift : kConvLift);
    }
    x = writer.PlainMaxPool(fmt::format("pool{}", block + 1), x, 2, 2);
  }
  WriteLinearLayers(writer, x, request.size.value() / 32, request);
}

void WriteSqueezeNet(LayerWriter& writer, const ModelRequest& request) {
  constexpr std::int64_t kSqueezed[] = {16, 16, 32, 32, 48, 48, 64, 64};
  Signal x = writer.ConvBiasRelu(
      "conv1", writer.input(),
      {.channels = ScaleChannels(96, request.width), .kernel = 7, .stride = 2}, kPooledLift);
  x = writer.PlainMaxPool("pool1", x, 3, 2);
  for (int fire = 2; fire <= 9; ++fire) {
    const std::int64_t squeezed = kSqueezed[fire - 2];
    const bool pooled = fire == 4 || fire == 8;
    x = Fire(writer, fire, x, ScaleChannels(squeezed, request.width),
             ScaleChannels(4 * squeezed, request.width), pooled ? kPooledLift : kConvLift);
    if (pooled) x = writer.PlainMaxPool(fmt::format("pool{}", fire), x, 3, 2);
  }
  x = writer.ConvBiasRelu("conv10", x, {.channels = request.classes}, kConvLift);
  writer.Flatten("flatten", writer.GlobalAveragePool("pool10", x));
  writer.Finish(request.classes);
}

}  // namespace systole::models
