// SPDX-License-Identifier: Apache-2.0
#include "sw/map/gemm_blocks.h"

#include <algorithm>

namespace systole {
namespace {

/// The blocks of one axis, and what each step of their window is good for.
struct AxisTables {
  std::vector<std::int64_t> origin, skip;  ///< of a block, in outputs
  std::vector<std::int64_t> window;
  struct Use {
    std::int32_t position, tap;
  };
  std::vector<std::vector<Use>> uses;  ///< of a member of the window

  AxisTables(const ConvAxis& axis, std::int64_t size) : window(WindowOf(axis, size)) {
    for (std::int64_t i = 0; i < BlockCount(axis, size); ++i) {
      origin.push_back(std::min(i * size, axis.output - size));
      skip.push_back(i * size - origin.back());
    }
    uses.resize(window.size());
    for (std::int64_t i = 0; i < size; ++i) {
      for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
        const auto at =
            std::lower_bound(window.begin(), window.end(), i * axis.stride + tap * axis.dilation);
        uses[static_cast<std::size_t>(at - window.begin())].push_back(
            {static_cast<std::int32_t>(i), static_cast<std::int32_t>(tap)});
      }
    }
  }
};

void AddTaps(const std::vector<AxisTables::Use>& rows, const std::vector<AxisTables::Use>& cols,
             const GemmPart& part, const ConvAxis& width, std::vector<GemmBlocks::Tap>& taps) {
  for (const AxisTables::Use& row : rows) {
    for (const AxisTables::Use& col : cols) {
      taps.push_back({static_cast<std::int32_t>(row.position * part.block_width + col.position),
                      static_cast<std::int32_t>(row.tap * width.kernel + col.tap)});
    }
  }
}

}  // namespace

GemmBlocks MakeGemmBlocks(const PlaneProducts& planes, const GemmPart& part,
                          const GemmValues& values) {
  const AxisTables rows(planes.height, part.block_height), cols(planes.width, part.block_width);
  const ElementSteps &in = values.in, &out = values.out_steps;
  GemmBlocks blocks;
  for (std::int64_t image = 0; image < planes.images; ++image) {
    for (std::size_t y = 0; y < rows.origin.size(); ++y) {
      for (std::size_t x = 0; x < cols.origin.size(); ++x) {
        blocks.in.push_back(static_cast<std::int32_t>(image * in.image +
                                                      rows.origin[y] * planes.height.stride * in.y +
                                                      cols.origin[x] * planes.width.stride * in.x));
        blocks.out.push_back(image * out.image + rows.origin[y] * out.y + cols.origin[x] * out.x);
        blocks.skip_y.push_back(rows.skip[y]);
        blocks.skip_x.push_back(cols.skip[x]);
      }
    }
  }
  for (std::int64_t y = 0; y < part.block_height; ++y) {
    for (std::int64_t x = 0; x < part.block_width; ++x) {
      blocks.position.push_back(y * out.y + x * out.x);
    }
  }
  for (std::int64_t channel = 0; channel < planes.in_channels; ++channel) {
    for (const std::int64_t y : rows.window) {
      for (const std::int64_t x : cols.window) {
        blocks.depth.push_back(
            static_cast<std::int32_t>(channel * in.channel + y * in.y + x * in.x));
      }
    }
  }
  for (const auto& of_row : rows.uses) {
    for (const auto& of_col : cols.uses) {
      blocks.first_tap.push_back(static_cast<std::int32_t>(blocks.taps.size()));
      AddTaps(of_row, of_col, part, planes.width, blocks.taps);
    }
  }
  blocks.first_tap.push_back(static_cast<std::int32_t>(blocks.taps.size()));
  return blocks;
}

}  // namespace systole
