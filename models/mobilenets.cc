// SPDX-License-Identifier: Apache-2.0
// Layer tables of the mobile networks; docs/networks.md names their sources.
#include <fmt/format.h>

#include <algorithm>

#include "models/tables.h"

namespace systole::models {
namespace {

/// A stage of inverted residual blocks; the first block of it has the stride.
struct Stage {
  std::int64_t expansion, channels, blocks, stride, kernel;
};

const std::vector<Stage> kMobileNetV2 = {
    {1, 16, 1, 1, 3}, {6, 24, 2, 2, 3},  {6, 32, 3, 2, 3},  {6, 64, 4, 2, 3},
    {6, 96, 3, 1, 3}, {6, 160, 3, 2, 3}, {6, 320, 1, 1, 3},
};

const std::vector<Stage> kMnasNetB1 = {
    {1, 16, 1, 1, 3}, {3, 24, 3, 2, 3},  {3, 40, 3, 2, 5},  {6, 80, 3, 2, 5},
    {6, 96, 2, 1, 3}, {6, 192, 4, 2, 5}, {6, 320, 1, 1, 3},
};

/// A block of MobileNet-V3.
struct Bneck {
  std::int64_t kernel, expanded, channels;
  bool squeeze_excite;
  Activation activation;
  std::int64_t stride;
};

constexpr Activation kRe = Activation::kRelu, kHs = Activation::kHardSwish;

const std::vector<Bneck> kMobileNetV3Large = {
    {3, 16, 16, false, kRe, 1},  {3, 64, 24, false, kRe, 2},  {3, 72, 24, false, kRe, 1},
    {5, 72, 40, true, kRe, 2},   {5, 120, 40, true, kRe, 1},  {5, 120, 40, true, kRe, 1},
    {3, 240, 80, false, kHs, 2}, {3, 200, 80, false, kHs, 1}, {3, 184, 80, false, kHs, 1},
    {3, 184, 80, false, kHs, 1}, {3, 480, 112, true, kHs, 1}, {3, 672, 112, true, kHs, 1},
    {5, 672, 160, true, kHs, 2}, {5, 960, 160, true, kHs, 1}, {5, 960, 160, true, kHs, 1},
};

const std::vector<Bneck> kMobileNetV3Small = {
    {3, 16, 16, true, kRe, 2},  {3, 72, 24, false, kRe, 2}, {3, 88, 24, false, kRe, 1},
    {5, 96, 40, true, kHs, 2},  {5, 240, 40, true, kHs, 1}, {5, 240, 40, true, kHs, 1},
    {5, 120, 48, true, kHs, 1}, {5, 144, 48, true, kHs, 1}, {5, 288, 96, true, kHs, 2},
    {5, 576, 96, true, kHs, 1}, {5, 576, 96, true, kHs, 1},
};

Signal ConvActivate(LayerWriter& writer, const std::string& name, const Signal& in,
                    const ConvShape& shape, Activation activation) {
  return writer.Activate(name, writer.Conv(name, in, shape), activation);
}

ConvShape Depthwise(const Signal& in, std::int64_t kernel, std::int64_t stride) {
  return {in.channels(), kernel, stride, in.channels()};
}

/// expand (if the block does), depthwise, project, and the shortcut where shapes allow it.
Signal InvertedResidual(LayerWriter& writer, const std::string& name, const Signal& in,
                        const Stage& stage, std::int64_t channels) {
  Signal x = in;
  if (stage.expansion > 1) {
    x = ConvActivate(writer, name + "/expand", x, {in.channels() * stage.expansion},
                     Activation::kRelu6);
  }
  x = ConvActivate(writer, name + "/depthwise", x, Depthwise(x, stage.kernel, stage.stride),
                   Activation::kRelu6);
  x = writer.Conv(name + "/project", x, {channels});
  const bool shortcut = stage.stride == 1 && in.channels() == channels;
  return shortcut ? writer.Add(name + "/add", in, x) : x;
}

Signal BneckBlock(LayerWriter& writer, const std::string& name, const Signal& in,
                  const Bneck& block, double width) {
  const std::int64_t channels = ScaleChannels(block.channels, width);
  const std::int64_t expanded = ScaleChannels(block.expanded, width);
  Signal x = ConvActivate(writer, name + "/expand", in, {expanded}, block.activation);
  x = writer.Conv(name + "/depthwise", x, Depthwise(x, block.kernel, block.stride));
  if (block.squeeze_excite) x = writer.SqueezeExcite(name + "/se", x, expanded / 4);
  x = writer.Activate(name + "/depthwise", x, block.activation);
  x = writer.Conv(name + "/project", x, {channels});
  const bool shortcut = block.stride == 1 && in.channels() == channels;
  return shortcut ? writer.Add(name + "/add", in, x) : x;
}

}  // namespace

std::int64_t ScaleChannels(std::int64_t channels, double width) {
  const double wanted = static_cast<double>(channels) * width;
  const auto rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(wanted + 4.0) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

void WriteMobileNetV1(LayerWriter& writer, const ModelRequest& request) {
  struct Block {
    std::int64_t channels, stride;
  };
  const std::vector<Block> blocks = {{64, 1},  {128, 2},  {128, 1}, {256, 2}, {256, 1},
                                     {512, 2}, {512, 1},  {512, 1}, {512, 1}, {512, 1},
                                     {512, 1}, {1024, 2}, {1024, 1}};
  Signal x = ConvActivate(writer, "stem", writer.input(), {ScaleChannels(32, request.width), 3, 2},
                          Activation::kRelu);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string name = fmt::format("block{}", i + 1);
    x = ConvActivate(writer, name + "/depthwise", x, Depthwise(x, 3, blocks[i].stride),
                     Activation::kRelu);
    x = ConvActivate(writer, name + "/pointwise", x,
                     {ScaleChannels(blocks[i].channels, request.width)}, Activation::kRelu);
  }
  writer.Classify("classifier", writer.GlobalAveragePool("pool", x), request.classes);
}

void WriteInvertedResidualNet(LayerWriter& writer, const ModelRequest& request) {
  const bool v2 = request.name == ModelName::kMobileNetV2;
  Signal x = ConvActivate(writer, "stem", writer.input(), {ScaleChannels(32, request.width), 3, 2},
                          Activation::kRelu6);
  for (const Stage& stage : v2 ? kMobileNetV2 : kMnasNetB1) {
    const bool separable = !v2 && stage.expansion == 1;
    const std::string prefix = separable ? "sep" : fmt::format("t{}", stage.expansion);
    for (std::int64_t i = 0; i < stage.blocks; ++i) {
      Stage block = stage;
      if (i > 0) block.stride = 1;
      x = InvertedResidual(writer, fmt::format("{}_c{}_{}", prefix, stage.channels, i + 1), x,
                           block, ScaleChannels(stage.channels, request.width));
    }
  }
  x = ConvActivate(writer, "head", x, {ScaleChannels(1280, std::max(1.0, request.width))},
                   Activation::kRelu6);
  writer.Classify("classifier", writer.GlobalAveragePool("pool", x), request.classes);
}

void WriteMobileNetV3(LayerWriter& writer, const ModelRequest& request) {
  const bool large = request.name == ModelName::kMobileNetV3Large;
  const double width = request.width;
  Signal x = ConvActivate(writer, "stem", writer.input(), {ScaleChannels(16, width), 3, 2}, kHs);
  int number = 0;
  for (const Bneck& block : large ? kMobileNetV3Large : kMobileNetV3Small) {
    x = BneckBlock(writer, fmt::format("bneck{}", ++number), x, block, width);
  }
  x = ConvActivate(writer, "head", x, {ScaleChannels(large ? 960 : 576, width)}, kHs);
  x = writer.GlobalAveragePool("pool", x);
  x = writer.PointwiseWithBias("pre_classifier", x, ScaleChannels(1280, std::max(1.0, width)));
  writer.Classify("classifier", writer.Activate("pre_classifier", x, kHs), request.classes);
}

}  // namespace systole::models
