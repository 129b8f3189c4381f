// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/topology.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "base/file.h"
#include "sw/scale_sim/depthwise_rows.h"
#include "sw/scale_sim/topology_rows.h"

namespace systole {
namespace {

/// No file may ask for more weights or input elements.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 30;

/// An axis of a padded input; the end is padded further where the stride leaves a part of a window
/// over, which SCALE-Sim counts as an output.
ConvAxis AxisOf(std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  ConvAxis axis;
  axis.input = input;
  axis.kernel = kernel;
  axis.stride = stride;
  axis.output = (input - kernel + stride - 1) / stride + 1;
  axis.pad_after = (axis.output - 1) * stride + kernel - input;
  return axis;
}

ArrayLayer LayerOf(const TopologyRow& row, const RowChannels& channels) {
  ArrayLayer layer;
  if (row.product) {
    layer.kind = ArrayLayer::Kind::kMatMul;
    layer.m = row.m;
    layer.n = row.n;
    layer.k = row.k;
    return layer;
  }
  layer.in_channels = channels.in;
  layer.out_channels = channels.out;
  layer.group = channels.group;
  layer.height = AxisOf(row.ifmap_height, row.filter_height, row.stride_height);
  layer.width = AxisOf(row.ifmap_width, row.filter_width, row.stride_width);
  return layer;
}

std::int64_t Inputs(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return layer.m * layer.k;
  return layer.in_channels * layer.height.input * layer.width.input;
}

std::int64_t Weights(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return layer.k * layer.n;
  return layer.out_channels * layer.Depth();
}

void CheckSize(const TopologyLayer& layer, const std::string& origin, std::int64_t& elements) {
  const std::int64_t added = Inputs(layer.layer) + Weights(layer.layer) + layer.layer.Outputs();
  if (added > kMaxElements - elements) {
    throw RequestError(fmt::format("{}, line {}: up to here the layers have more than 2^30 inputs, "
                                   "weights and outputs",
                                   origin, layer.line),
                       "split the file");
  }
  elements += added;
}

/// `name`, or the first of `name_2`, `name_3` ... that is not in `used`; adds it.
std::string Unique(const std::string& name, std::set<std::string>& used) {
  std::string unique = name;
  for (int number = 2; !used.insert(unique).second; ++number) {
    unique = fmt::format("{}_{}", name, number);
  }
  return unique;
}

}  // namespace

Topology ParseTopology(const std::string& text, const std::string& origin) {
  Topology topology;
  topology.name = std::filesystem::path(origin).stem().string();
  const std::vector<TopologyRow> rows = ParseTopologyRows(text, origin, topology.warnings);
  std::set<std::string> names;
  std::int64_t elements = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ChannelChoice choice = ChooseChannels(rows, i);
    if (!choice.warning.empty()) {
      topology.warnings.push_back(
          fmt::format("{}, line {}: {}", origin, rows[i].line, choice.warning));
    }
    topology.layers.push_back({Unique(rows[i].name, names), rows[i].line,
                               LayerOf(rows[i], choice.meant), LayerOf(rows[i], choice.written)});
    CheckSize(topology.layers.back(), origin, elements);
  }
  return topology;
}

Topology ReadTopology(const std::filesystem::path& path) {
  return ParseTopology(ReadFile(path), path.string());
}

}  // namespace systole
