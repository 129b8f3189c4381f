// SPDX-License-Identifier: Apache-2.0
// Layer tables of the residual networks; docs/networks.md names their sources.
#include <fmt/format.h>

#include <array>

#include "models/tables.h"

namespace systole::models {
namespace {

struct Block {
  std::int64_t inner;  ///< channels of the 3x3 convolutions
  std::int64_t outer;  ///< channels of the block's output
  std::int64_t stride;
};

Signal ConvRelu(LayerWriter& writer, const std::string& name, const Signal& in,
                const ConvShape& shape) {
  return writer.Activate(name, writer.Conv(name, in, shape), Activation::kRelu);
}

Signal ResidualBlock(LayerWriter& writer, const std::string& name, const Signal& in,
                     const Block& block, bool bottleneck) {
  Signal x = in;
  if (bottleneck) {
    x = ConvRelu(writer, name + "/conv1", x, {block.inner});
    x = ConvRelu(writer, name + "/conv2", x, {block.inner, 3, block.stride});
    x = writer.Conv(name + "/conv3", x, {block.outer});
  } else {
    x = ConvRelu(writer, name + "/conv1", x, {block.inner, 3, block.stride});
    x = writer.Conv(name + "/conv2", x, {block.outer, 3});
  }
  Signal shortcut = in;
  if (block.stride != 1 || in.channels() != block.outer) {
    shortcut = writer.Conv(name + "/downsample", in, {block.outer, 1, block.stride});
  }
  return writer.Activate(name, writer.Add(name + "/add", x, shortcut), Activation::kRelu);
}

}  // namespace

void WriteResNet(LayerWriter& writer, const ModelRequest& request) {
  const bool bottleneck = request.name == ModelName::kResNet50;
  const std::array<int, 4> blocks =
      bottleneck ? std::array<int, 4>{3, 4, 6, 3} : std::array<int, 4>{2, 2, 2, 2};
  Signal x = ConvRelu(writer, "stem", writer.input(), {ScaleChannels(64, request.width), 7, 2});
  x = writer.MaxPool("stem/pool", x, 3, 2);
  for (int layer = 0; layer < 4; ++layer) {
    const std::int64_t inner = ScaleChannels(std::int64_t{64} << layer, request.width);
    for (int i = 0; i < blocks[static_cast<std::size_t>(layer)]; ++i) {
      const Block block = {inner, bottleneck ? 4 * inner : inner, layer > 0 && i == 0 ? 2 : 1};
      x = ResidualBlock(writer, fmt::format("layer{}_{}", layer + 1, i + 1), x, block, bottleneck);
    }
  }
  writer.Classify("classifier", writer.GlobalAveragePool("pool", x), request.classes);
}

}  // namespace systole::models
