// SPDX-License-Identifier: Apache-2.0
#include "sw/map/tiling.h"

#include <fmt/format.h>

#include <algorithm>

#include "sw/map/line_geometry.h"

namespace systole {
namespace {

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Interval of a tile in a long row of equal ones: what the choice of a mapping goes by.
std::uint64_t Interval(const TileRun& run) {
  return std::max<std::uint64_t>({run.steps, run.rows, run.params > 0 ? run.params + 1 : 0});
}

std::uint64_t Estimate(const Tiling& tiling) {
  std::uint64_t cycles = 0;
  for (const TileBlock& block : tiling.blocks) {
    std::uint64_t once = 0;
    for (const TileRun& run : block.runs) once += run.count * Interval(run);
    cycles += once * block.repeat;
  }
  return cycles;
}

/// The tiles of one block of `cols` channels: only the first switches parameters.
std::vector<TileRun> GemmRuns(const TileRun& tile, std::int64_t pixels, std::int64_t rows,
                              std::int64_t cols) {
  const std::int64_t full = pixels / rows, tail = pixels % rows;
  std::vector<TileRun> runs;
  TileRun run = tile;
  run.params = static_cast<std::uint32_t>(cols);
  run.rows = static_cast<std::uint32_t>(std::min(pixels, rows));
  runs.push_back(run);
  run.params = 0;
  if (full > 1) {
    run.count = static_cast<std::uint64_t>(full - 1);
    runs.push_back(run);
  }
  if (full > 0 && tail > 0) {
    run.count = 1;
    run.rows = static_cast<std::uint32_t>(tail);
    runs.push_back(run);
  }
  return runs;
}

Tiling PlanGemm(const ArrayLayer& layer, const ArrayConfig& config) {
  const GemmShape shape = GemmShapeOf(layer);
  TileRun tile;
  tile.steps = tile.taps = static_cast<std::uint64_t>(shape.k * layer.weight_parts);
  tile.passes =
      static_cast<std::uint32_t>(CeilDiv(static_cast<std::int64_t>(tile.steps), MaxCount(config)));
  tile.raw = layer.raw;

  Tiling tiling;
  tiling.mapping = layer.Depthwise()    ? "depthwise-os"
                   : layer.group > 1    ? "gemm per group"
                   : shape.products > 1 ? "gemm batched"
                                        : "gemm";
  const std::int64_t full = shape.n / config.cols, tail = shape.n % config.cols;
  if (full > 0) {
    tiling.blocks.push_back({GemmRuns(tile, shape.m, config.rows, config.cols),
                             static_cast<std::uint64_t>(shape.products * full)});
  }
  if (tail > 0) {
    tiling.blocks.push_back(
        {GemmRuns(tile, shape.m, config.rows, tail), static_cast<std::uint64_t>(shape.products)});
  }
  return tiling;
}

std::vector<TileRun> BankRuns(const LineGeometry& lines, const LineTiling::Bank& bank,
                              const TileRun& tile) {
  const LineGeometry::Windows windows = lines.WindowsOf(bank.lines);
  std::vector<TileRun> runs;
  TileRun run = tile;
  run.rows = static_cast<std::uint32_t>(bank.channels * bank.spread);
  run.params = run.rows;
  run.steps = static_cast<std::uint64_t>(lines.StepsOf(windows.first, true));
  runs.push_back(run);
  run.params = 0;
  if (windows.full > 0) {
    run.count = static_cast<std::uint64_t>(windows.full);
    run.steps = static_cast<std::uint64_t>(lines.StepsOf(lines.window, false));
    runs.push_back(run);
  }
  if (windows.tail > 0) {
    run.count = 1;
    run.steps = static_cast<std::uint64_t>(lines.StepsOf(windows.tail, false));
    runs.push_back(run);
  }
  return runs;
}

/// Spreads `channels` channels of `lines` lines over at most `rows` rows.
LineTiling::Bank SpreadLines(std::int64_t channels, std::int64_t lines, std::int64_t rows) {
  LineTiling::Bank bank;
  bank.channels = channels;
  bank.lines = CeilDiv(lines, std::min(rows / channels, lines));
  bank.spread = CeilDiv(lines, bank.lines);  // no row without a line
  return bank;
}

std::uint64_t EstimateBank(const LineGeometry& lines, const LineTiling::Bank& bank) {
  const std::int64_t rows = bank.channels * bank.spread;
  const LineGeometry::Windows windows = lines.WindowsOf(bank.lines);
  std::int64_t cycles = std::max(lines.StepsOf(windows.first, true), rows + 1) +
                        windows.full * std::max(lines.StepsOf(lines.window, false), rows);
  if (windows.tail > 0) cycles += std::max(lines.StepsOf(windows.tail, false), rows);
  return static_cast<std::uint64_t>(cycles) * bank.count;
}

/// Fewest cycles over all numbers of rows that a channel of a full bank stands on; the channels
/// that remain spread as far as they can.
std::vector<LineTiling::Bank> ChooseBanks(const LineGeometry& lines, std::int64_t channels,
                                          std::int64_t lines_of_channel, std::int64_t rows) {
  std::vector<LineTiling::Bank> best;
  std::uint64_t best_cycles = ~std::uint64_t{0};
  std::int64_t last = 0;
  for (std::int64_t spread = 1; spread <= std::min(rows, lines_of_channel); ++spread) {
    const std::int64_t together = std::min(rows / spread, channels);
    if (together == last) continue;  // SpreadLines() would make the same
    last = together;
    std::vector<LineTiling::Bank> banks = {SpreadLines(together, lines_of_channel, rows)};
    banks[0].count = static_cast<std::uint64_t>(channels / together);
    if (channels % together > 0) {
      banks.push_back(SpreadLines(channels % together, lines_of_channel, rows));
    }
    std::uint64_t cycles = 0;
    for (const LineTiling::Bank& bank : banks) cycles += EstimateBank(lines, bank);
    if (cycles < best_cycles) {
      best_cycles = cycles;
      best = std::move(banks);
    }
  }
  return best;
}

Tiling PlanLines(const ArrayLayer& layer, const ArrayConfig& config, const LineGeometry& lines) {
  Tiling tiling;
  tiling.stos = true;
  tiling.mapping = fmt::format("st-os {}x{}", layer.height.kernel, layer.width.kernel);
  tiling.lines.along_width = lines.along_width;
  tiling.lines.lines = layer.batch * lines.across.output;
  tiling.lines.period = lines.period;
  tiling.lines.window = lines.window;
  tiling.lines.sections = static_cast<std::int64_t>(lines.sections.size());
  tiling.lines.continued = lines.continued;
  tiling.lines.banks = ChooseBanks(lines, layer.out_channels, tiling.lines.lines, config.rows);

  TileRun tile;
  tile.stos = true;
  tile.raw = layer.raw;
  tile.taps = tile.passes = 0;
  for (const StreamSection& section : lines.sections) {
    tile.taps += static_cast<std::uint64_t>(section.taps);
    tile.passes += static_cast<std::uint32_t>(CeilDiv(section.taps, MaxCount(config)));
  }
  for (const LineTiling::Bank& bank : tiling.lines.banks) {
    tiling.blocks.push_back({BankRuns(lines, bank, tile), bank.count});
  }
  return tiling;
}

}  // namespace

GemmShape GemmShapeOf(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) return {layer.products, layer.m, layer.n, layer.k};
  return {layer.group, layer.batch * layer.height.output * layer.width.output,
          layer.out_channels / layer.group, layer.Depth()};
}

std::uint64_t Tiling::TileCount() const {
  std::uint64_t tiles = 0;
  for (const TileBlock& block : blocks) {
    for (const TileRun& run : block.runs) tiles += run.count * block.repeat;
  }
  return tiles;
}

Tiling PlanLayer(const ArrayLayer& layer, const ArrayConfig& config, MappingSet /*mappings*/) {
  Tiling best = PlanGemm(layer, config);
  std::uint64_t cycles = Estimate(best);
  for (const bool along_width : {true, false}) {
    const auto lines = MakeLineGeometry(layer, config, along_width);
    if (!lines) continue;
    Tiling candidate = PlanLines(layer, config, *lines);
    if (const std::uint64_t wanted = Estimate(candidate); wanted < cycles) {
      cycles = wanted;
      best = std::move(candidate);
    }
  }
  return best;
}

}  // namespace systole
