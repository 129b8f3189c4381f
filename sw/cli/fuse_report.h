// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/fuse/variants.h"
#include "sw/ir/network.h"
#include "sw/map/tiling.h"

namespace systole {

/// The array that cycles are counted on.
struct FuseMachine {
  ArrayConfig array{};
  MappingSet mappings = MappingSet::kBest;
};

/// Cost of a network, or of some of its nodes.
struct NetworkSize {
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
  std::uint64_t cycles = 0;  ///< on the array, layer after layer
};

/// What `systole fuse` prints of one replaced layer.
struct FuseRow {
  FusedLayer layer;
  Shape output;  ///< of the depthwise convolution
  /// Of the depthwise convolution, or both lines, with the layers behind it that grow.
  NetworkSize before, after;
};

/// What `systole fuse` did.
struct FuseSummary {
  FuseVariant variant = FuseVariant::kHalf;
  std::string weights;
  double correlation = 0;
  std::uint64_t seed = 1;
  std::vector<FuseRow> replaced;
  std::vector<KeptLayer> kept;
  NetworkSize before, after;
};

/// The sizes of all nodes, by name, of a network whose shapes are known (InferShapes); float layers
/// count with the cycles that they take once they are quantized.
std::map<std::string, NetworkSize> SizesOf(const Network& network, const FuseMachine& machine);
NetworkSize SumOf(const std::map<std::string, NetworkSize>& sizes);

/// Compares the network before and after. Shapes of both are known.
FuseSummary SummarizeFuse(const Network& before, const Network& after, const FuseReport& report,
                          const FuseMachine& machine);

std::string ToText(const FuseSummary& summary, const FuseMachine& machine);
/// Without the files.
nlohmann::json ToJson(const FuseSummary& summary, const FuseMachine& machine);

}  // namespace systole
