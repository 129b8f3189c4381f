// SPDX-License-Identifier: Apache-2.0
#include "sw/map/gemm_tiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/math.h"
#include "sw/map/line_geometry.h"

namespace systole {
namespace {

/// One way to cut an axis into blocks.
struct AxisBlocks {
  std::int64_t size, count, window;  ///< outputs of a block, blocks, inputs that a block reads
};

/// The block sizes worth a try: for every number of blocks the smallest size.
std::vector<AxisBlocks> BlockSizes(const ConvAxis& axis, std::int64_t most) {
  const std::vector<AxisTaps> phases = PhasesOf(axis);
  std::vector<AxisBlocks> sizes;
  for (std::int64_t size = 1; size <= std::min(axis.output, most); ++size) {
    const std::int64_t count = BlockCount(axis, size);
    if (!sizes.empty() && sizes.back().count == count) continue;
    std::int64_t window = 0;
    for (const AxisTaps& phase : phases) {
      window += phase.spacing <= size ? phase.Span() - 1 + size : phase.taps * size;
    }
    sizes.push_back({size, count, window});
  }
  return sizes;
}

/// Finds the parts of one layer.
class PartSearch {
 public:
  PartSearch(const ArrayLayer& layer, const ArrayConfig& config)
      : planes_(PlaneProductsOf(layer)),
        config_(config),
        weight_parts_(layer.weight_parts),
        heights_(BlockSizes(planes_.height, config.cols)),
        widths_(BlockSizes(planes_.width, config.cols)) {}

  /// Appends the parts that cover `range`, a plain one: the best blocks for most of it, then those
  /// for the products or channels that remain.
  void Cover(const GemmPart& range, std::vector<GemmPart>& parts) {
    range_ = range;
    best_cycles_ = ~std::uint64_t{0};
    Try(range);
    for (const AxisBlocks& height : heights_) {
      for (const AxisBlocks& width : widths_) {
        if (height.size * width.size > config_.cols) break;
        TryBlock(height, width);
      }
    }
    GemmPart part = best_;
    const std::int64_t groups = range.groups % part.tile_groups;
    const std::int64_t channels = range.channels % part.tile_channels;
    part.groups -= groups;
    part.channels -= channels;
    parts.push_back(part);
    GemmPart rest = range;
    if (groups > 0) {
      rest.first_group += part.groups;
      rest.groups = groups;
      Cover(rest, parts);
    } else if (channels > 0) {
      rest.first_channel += part.channels;
      rest.channels = channels;
      Cover(rest, parts);
    }
  }

 private:
  void TryBlock(const AxisBlocks& height, const AxisBlocks& width) {
    GemmPart part = range_;
    part.block_height = height.size;
    part.block_width = width.size;
    part.blocks = planes_.images * height.count * width.count;
    part.window = planes_.in_channels * height.window * width.window;
    const std::int64_t sets = config_.cols / part.Positions();  // of one channel at each position
    if (sets < range_.channels) {
      part.tile_channels = CeilDiv(range_.channels, CeilDiv(range_.channels, sets));
      Try(part);
      return;
    }
    part.tile_channels = range_.channels;
    const std::int64_t most = std::min(sets / range_.channels, range_.groups);
    const std::int64_t abreast = std::max<std::int64_t>(config_.rows / part.blocks, 1);
    for (part.row_groups = 1; part.row_groups <= std::min(most, abreast); ++part.row_groups) {
      part.tile_groups = most / part.row_groups * part.row_groups;
      Try(part);
    }
  }

  /// Tries `part` with tiles as high as the array and, where these drain for longer than they
  /// compute, with tiles of equal height: none should drain for less.
  void Try(GemmPart part) {
    part.tile_rows = std::min<std::int64_t>(config_.rows, part.Rows());
    Compare(part);
    const std::int64_t even = CeilDiv(part.Rows(), part.RowTiles());
    if (part.Steps() * weight_parts_ >= part.tile_rows || even == part.tile_rows) return;
    part.tile_rows = even;
    Compare(part);
  }

  void Compare(const GemmPart& part) {
    const std::int64_t groups = range_.groups % part.tile_groups;
    const std::int64_t whole =
        range_.groups / part.tile_groups * CeilDiv(range_.channels, part.tile_channels);
    std::uint64_t cycles = ColumnCycles(part) * static_cast<std::uint64_t>(whole);
    if (groups > 0) {
      GemmPart rest = part;
      rest.tile_groups = groups;
      rest.row_groups = std::gcd(part.row_groups, groups);
      rest.tile_rows = std::min(part.tile_rows, rest.Rows());
      cycles += ColumnCycles(rest) + FirstAndLast(rest);
    } else {
      cycles += FirstAndLast(part);
    }
    if (cycles >= best_cycles_) return;
    best_cycles_ = cycles;
    best_ = part;
  }

  /// Cycles of one block of columns whose tiles follow each other without a pause.
  std::uint64_t ColumnCycles(const GemmPart& part) const {
    const std::int64_t steps = part.Steps() * weight_parts_;
    const std::int64_t full = part.Rows() / part.tile_rows, tail = part.Rows() % part.tile_rows;
    const auto tiles = static_cast<std::uint64_t>(full) *
                           static_cast<std::uint64_t>(std::max(steps, part.tile_rows)) +
                       static_cast<std::uint64_t>(tail > 0 ? std::max(steps, tail) : 0);
    return std::max(tiles, static_cast<std::uint64_t>(part.Columns()) + 1);  // parameters
  }

  /// What a layer takes beyond its tiles' intervals, because nothing drains beside the first tile's
  /// steps and nothing is computed beside the last tile's drain.
  std::uint64_t FirstAndLast(const GemmPart& part) const {
    const std::int64_t tail = part.Rows() % part.tile_rows;
    return static_cast<std::uint64_t>(
        std::min(part.Steps() * weight_parts_, tail > 0 ? tail : part.tile_rows));
  }

  PlaneProducts planes_;
  ArrayConfig config_;
  int weight_parts_;
  std::vector<AxisBlocks> heights_, widths_;
  GemmPart range_, best_;
  std::uint64_t best_cycles_ = 0;
};

/// The tiles of one block of columns: only the first switches parameters.
std::vector<TileRun> GemmRuns(const TileRun& tile, const GemmPart& part) {
  const std::int64_t full = part.Rows() / part.tile_rows, tail = part.Rows() % part.tile_rows;
  std::vector<TileRun> runs;
  TileRun run = tile;
  run.params = static_cast<std::uint32_t>(part.Columns());
  run.rows = static_cast<std::uint32_t>(part.tile_rows);
  runs.push_back(run);
  run.params = 0;
  if (full > 1) {
    run.count = static_cast<std::uint64_t>(full - 1);
    runs.push_back(run);
  }
  if (tail > 0) {
    run.count = 1;
    run.rows = static_cast<std::uint32_t>(tail);
    runs.push_back(run);
  }
  return runs;
}

bool Blocked(const GemmPart& part) { return part.Positions() * part.tile_groups > 1; }

std::string NameOf(const ArrayLayer& layer, const std::vector<GemmPart>& parts) {
  std::string name = layer.Depthwise()    ? "depthwise-os"
                     : layer.group > 1    ? "gemm per group"
                     : layer.products > 1 ? "gemm batched"
                                          : "gemm";
  const auto part = std::find_if(parts.begin(), parts.end(), Blocked);
  if (part == parts.end()) return name;
  name += fmt::format(" blocked {}x{}", part->block_height, part->block_width);
  if (part->tile_groups > 1) name += fmt::format(" x{}", part->tile_groups);
  return name;
}

}  // namespace

GemmShape GemmShapeOf(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return {layer.products, layer.m, layer.n, layer.k};
  return {layer.group, layer.batch * layer.height.output * layer.width.output,
          layer.out_channels / layer.group, layer.Depth()};
}

PlaneProducts PlaneProductsOf(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) {
    return {.products = layer.products,
            .in_channels = layer.k,
            .out_channels = layer.n,
            .width = {.input = layer.m, .output = layer.m}};
  }
  return {.products = layer.group,
          .images = layer.batch,
          .in_channels = layer.in_channels / layer.group,
          .out_channels = layer.out_channels / layer.group,
          .height = layer.height,
          .width = layer.width};
}

std::vector<std::int64_t> WindowOf(const ConvAxis& axis, std::int64_t size) {
  std::vector<std::int64_t> window;
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
      window.push_back(i * axis.stride + tap * axis.dilation);
    }
  }
  std::sort(window.begin(), window.end());
  window.erase(std::unique(window.begin(), window.end()), window.end());
  return window;
}

Tiling PlanGemm(const ArrayLayer& layer, const ArrayConfig& config, MappingSet mappings) {
  const PlaneProducts planes = PlaneProductsOf(layer);
  const std::int64_t tail = planes.out_channels % config.cols;
  Tiling tiling;
  GemmPart part{.groups = planes.products,
                .channels = planes.out_channels - tail,
                .blocks = planes.images * planes.height.output * planes.width.output,
                .window = planes.in_channels * planes.height.kernel * planes.width.kernel,
                .tile_channels = config.cols};
  part.tile_rows = std::min<std::int64_t>(part.blocks, config.rows);
  // Full blocks of channels leave no column for a second position.
  if (part.channels > 0) tiling.parts.push_back(part);
  part.first_channel = part.channels;
  part.channels = part.tile_channels = tail;
  if (tail > 0 && mappings == MappingSet::kBasic) tiling.parts.push_back(part);
  if (tail > 0 && mappings == MappingSet::kBest) {
    PartSearch(layer, config).Cover(part, tiling.parts);
  }
  tiling.mapping = NameOf(layer, tiling.parts);

  TileRun tile;
  tile.raw = layer.raw;
  for (const GemmPart& each : tiling.parts) {
    const std::int64_t steps = each.Steps() * layer.weight_parts;
    tile.steps = tile.taps = static_cast<std::uint64_t>(steps);
    tile.passes = static_cast<std::uint32_t>(CeilDiv(steps, MaxCount(config)));
    tiling.blocks.push_back(
        {GemmRuns(tile, each), static_cast<std::uint64_t>(each.ColumnBlocks())});
  }
  return tiling;
}

}  // namespace systole
