// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/ir/network.h"
#include "sw/map/tiling.h"

namespace systole {

/// What `systole inspect` says of one node.
struct LayerSummary {
  enum class Place {
    kArray,       ///< runs on the array
    kArrayLater,  ///< float work that runs on the array once the network is quantized
    kHost,
  };
  std::string name, op;
  ElementType type = ElementType::kUndefined;  ///< of the first output
  Shape shape;                                 ///< likewise
  std::int64_t macs = 0;                       ///< 0 for work of the host
  std::int64_t parameters = 0;                 ///< weights and biases
  Place place = Place::kHost;
  std::string mapping;  ///< how the array would run it; "" for the host
};

/// The place of every node of a network whose shapes are known (InferShapes).
std::vector<LayerSummary> Summarize(const Network& network, const ArrayConfig& config,
                                    MappingSet mappings);

/// Throws RequestError with one problem for each node that Systole cannot run, naming the node and
/// its operator.
void RefuseUnsupported(const Network& network);

}  // namespace systole
