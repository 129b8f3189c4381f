// SPDX-License-Identifier: Apache-2.0
#include "sw/map/line_tiling.h"

#include <fmt/format.h>

#include <algorithm>

#include "sw/map/line_geometry.h"

namespace systole {
namespace {

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

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

std::uint64_t EstimateBanks(const LineGeometry& lines, const std::vector<LineTiling::Bank>& banks) {
  std::uint64_t cycles = 0;
  for (const LineTiling::Bank& bank : banks) cycles += EstimateBank(lines, bank);
  return cycles;
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
    const std::uint64_t cycles = EstimateBanks(lines, banks);
    if (cycles < best_cycles) {
      best_cycles = cycles;
      best = std::move(banks);
    }
  }
  return best;
}

Tiling TileLines(const ArrayLayer& layer, const ArrayConfig& config, const LineGeometry& lines,
                 std::vector<LineTiling::Bank> banks) {
  Tiling tiling;
  tiling.stos = true;
  tiling.mapping = fmt::format("st-os {}x{}", layer.height.kernel, layer.width.kernel);
  tiling.lines.along_width = lines.along_width;
  tiling.lines.lines = layer.batch * lines.across.output;
  tiling.lines.period = lines.period;
  tiling.lines.window = lines.window;
  tiling.lines.sections = static_cast<std::int64_t>(lines.sections.size());
  tiling.lines.continued = lines.continued;
  tiling.lines.banks = std::move(banks);

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

std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config) {
  std::optional<Tiling> best;
  std::uint64_t best_cycles = ~std::uint64_t{0};
  for (const bool along_width : {true, false}) {
    const auto lines = MakeLineGeometry(layer, config, along_width);
    if (!lines) continue;
    auto banks =
        ChooseBanks(*lines, layer.out_channels, layer.batch * lines->across.output, config.rows);
    const std::uint64_t cycles = EstimateBanks(*lines, banks);
    if (cycles >= best_cycles) continue;
    best_cycles = cycles;
    best = TileLines(layer, config, *lines, std::move(banks));
  }
  return best;
}

}  // namespace systole
