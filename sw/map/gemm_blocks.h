// SPDX-License-Identifier: Apache-2.0
#pragma once

// Address tables of one part of a GEMM tiling. Internal to sw/map.

#include <cstdint>
#include <vector>

#include "sw/map/gemm_tiling.h"
#include "sw/map/gemm_values.h"

namespace systole {

/// Where the blocks of a part lie, and what the steps and columns of its window are.
struct GemmBlocks {
  /// One weight of a step's beat: tap `tap` of the kernel for position `position` of the block.
  struct Tap {
    std::int32_t position, tap;
  };

  std::vector<std::int32_t> in;              ///< of a block: first element of its window
  std::vector<std::int64_t> out;             ///< of a block: its first output
  std::vector<std::int64_t> skip_y, skip_x;  ///< of a block: outputs that an earlier one has
  std::vector<std::int32_t> depth;           ///< of a step of the window: offset from `in`
  std::vector<std::int64_t> position;        ///< of a position in the block: offset from `out`
  std::vector<Tap> taps;                     ///< of the steps of one input channel, in their order
  std::vector<std::int32_t> first_tap;       ///< of a step: its first of `taps`; and the end
};

GemmBlocks MakeGemmBlocks(const PlaneProducts& planes, const GemmPart& part,
                          const GemmValues& values);

}  // namespace systole
