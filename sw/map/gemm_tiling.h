// SPDX-License-Identifier: Apache-2.0
#pragma once

// Layers on the array without ST-OS: rows are output positions, columns output channels. Internal
// to sw/map.

#include <cstdint>
#include <vector>

#include "sw/map/tiling.h"

namespace systole {

/// A layer as products of planes: what the parts of a GEMM tiling refer to. A matrix product is one
/// line of m positions with k input channels and a kernel of 1.
struct PlaneProducts {
  std::int64_t products = 1, images = 1;
  std::int64_t in_channels = 1, out_channels = 1;  ///< of each product
  ConvAxis height{}, width{};
};
PlaneProducts PlaneProductsOf(const ArrayLayer& layer);

/// Blocks of `size` outputs that cover an axis. The last one begins earlier than its turn rather
/// than to reach beyond the axis.
constexpr std::int64_t BlockCount(const ConvAxis& axis, std::int64_t size) {
  return (axis.output + size - 1) / size;
}

/// The inputs that `size` neighbouring outputs read, from the first output's first tap, ascending.
std::vector<std::int64_t> WindowOf(const ConvAxis& axis, std::int64_t size);

/// The tiling of `layer` without ST-OS. kBasic: one position and one product a tile; kBest: of all
/// blocks the one with the fewest cycles.
Tiling PlanGemm(const ArrayLayer& layer, const ArrayConfig& config, MappingSet mappings);

}  // namespace systole
