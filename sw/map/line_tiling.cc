// SPDX-License-Identifier: Apache-2.0
#include "sw/map/line_tiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sw/map/line_geometry.h"

namespace systole {
namespace {

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// A layout with the banks that suit it best.
struct Candidate {
  LineGeometry lines;
  std::vector<LineTiling::Bank> banks;
  std::int64_t cycles = 0;
};

std::vector<TileRun> BankRuns(const LineGeometry& lines, const LineTiling::Bank& bank,
                              const TileRun& tile) {
  const LineGeometry::Windows windows = lines.WindowsOf(bank.stream);
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

/// Spreads `channels` channels over at most `rows` rows.
LineTiling::Bank SpreadLines(const LineGeometry& lines, std::int64_t channels, std::int64_t rows) {
  const std::int64_t count = lines.OutputLines(), of_plane = lines.across.axis.output;
  LineTiling::Bank bank;
  bank.channels = channels;
  bank.share = CeilDiv(count, std::min(rows / channels, count));
  bank.spread = CeilDiv(count, bank.share);  // no row without a line
  // From one plane to the next the stream has more lines, or fewer, than within a plane. A row's
  // lines begin at any multiple of gcd(share, of_plane) within a plane.
  const std::int64_t more = lines.across.period - of_plane * lines.across.keep;
  const std::int64_t begin = more > 0 ? of_plane - std::gcd(bank.share, of_plane) : 0;
  bank.stream =
      (bank.share - 1) * lines.across.keep + 1 + (begin + bank.share - 1) / of_plane * more;
  return bank;
}

std::int64_t EstimateBank(const LineGeometry& lines, const LineTiling::Bank& bank) {
  const std::int64_t rows = bank.channels * bank.spread;
  const LineGeometry::Windows windows = lines.WindowsOf(bank.stream);
  std::int64_t cycles = std::max(lines.StepsOf(windows.first, true), rows + 1) +
                        windows.full * std::max(lines.StepsOf(lines.window, false), rows);
  if (windows.tail > 0) cycles += std::max(lines.StepsOf(windows.tail, false), rows);
  return cycles * static_cast<std::int64_t>(bank.count);
}

/// Takes `lines` if with some number of rows for a channel of a full bank it beats `best`. The
/// channels that remain spread as far as they can.
void TryBanks(const LineGeometry& lines, std::int64_t channels, std::int64_t rows,
              Candidate& best) {
  std::int64_t last = 0;
  for (std::int64_t spread = 1; spread <= std::min(rows, lines.OutputLines()); ++spread) {
    const std::int64_t together = std::min(rows / spread, channels), rest = channels % together;
    if (together == last) continue;  // SpreadLines() would make the same
    last = together;
    LineTiling::Bank full = SpreadLines(lines, together, rows), remains;
    full.count = static_cast<std::uint64_t>(channels / together);
    std::int64_t cycles = EstimateBank(lines, full);
    if (rest > 0) {
      remains = SpreadLines(lines, rest, rows);
      cycles += EstimateBank(lines, remains);
    }
    if (!best.banks.empty() && cycles >= best.cycles) continue;
    best = {lines, {full}, cycles};
    if (rest > 0) best.banks.push_back(remains);
  }
}

/// About the fewest cycles that any banks take: every stream output of a row takes a step, or its
/// share of a window that is streamed anew.
std::int64_t LeastCycles(const LineGeometry& lines, std::int64_t channels, std::int64_t rows) {
  const std::int64_t outputs =
      (lines.OutputLines() - lines.planes) * lines.across.keep * lines.along.period;
  return channels * (outputs / (lines.window + lines.skip)) * lines.StepsOf(lines.window, false) /
         rows;
}

/// Tries lines along one axis: whole ones, and those of a plane in more and more strips, until
/// windows of a strip continue each other.
void TryStrips(const ArrayLayer& layer, const ArrayConfig& config, LineChoice choice,
               Candidate& best) {
  const std::int64_t outputs = (choice.along_width ? layer.width : layer.height).output;
  const bool plane = (choice.along_width ? layer.height : layer.width).kernel > 1;
  for (std::int64_t strip = outputs; strip > 0;) {
    choice.strips = CeilDiv(outputs, strip);
    const auto lines = MakeLineGeometry(layer, config, choice);
    if (lines && (best.banks.empty() ||
                  LeastCycles(*lines, layer.out_channels, config.rows) < best.cycles)) {
      TryBanks(*lines, layer.out_channels, config.rows, best);
    }
    if (!plane || (lines && lines->continued)) return;
    strip = std::min(strip - 1, CeilDiv(outputs, choice.strips + 1));
  }
}

Tiling TileLines(const ArrayLayer& layer, const ArrayConfig& config, Candidate chosen) {
  const LineGeometry& lines = chosen.lines;
  Tiling tiling;
  tiling.stos = true;
  tiling.mapping = fmt::format("st-os {}x{}", layer.height.kernel, layer.width.kernel);
  tiling.lines.choice = lines.choice;
  tiling.lines.banks = std::move(chosen.banks);

  TileRun tile;
  tile.stos = true;
  tile.raw = layer.raw;
  tile.taps = tile.passes = 0;
  for (const StreamSection& section : lines.sections) {
    tile.taps += static_cast<std::uint64_t>(section.Taps());
    tile.passes += static_cast<std::uint32_t>(section.across.taps *
                                              CeilDiv(section.along.taps, MaxCount(config)));
  }
  for (const LineTiling::Bank& bank : tiling.lines.banks) {
    tiling.blocks.push_back({BankRuns(lines, bank, tile), bank.count});
  }
  return tiling;
}

}  // namespace

std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config,
                                MappingSet mappings) {
  const bool basic = mappings == MappingSet::kBasic;
  Candidate best;
  for (const bool along_width : {true, false}) {
    const ConvAxis& along = along_width ? layer.width : layer.height;
    const ConvAxis& across = along_width ? layer.height : layer.width;
    if (basic && across.kernel > 1) continue;
    if (!along_width && along == across) continue;
    LineChoice choice{.along_width = along_width, .short_first = !basic};
    TryStrips(layer, config, choice, best);
    const bool strided =
        (along.stride > 1 && along.kernel > 1) || (across.stride > 1 && across.kernel > 1);
    if (basic || !strided) continue;
    choice.dense = true;
    TryStrips(layer, config, choice, best);
  }
  if (best.banks.empty()) return std::nullopt;
  return TileLines(layer, config, std::move(best));
}

std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config,
                                const LineChoice& choice) {
  const auto lines = MakeLineGeometry(layer, config, choice);
  if (!lines) return std::nullopt;
  Candidate best;
  TryBanks(*lines, layer.out_channels, config.rows, best);
  return TileLines(layer, config, std::move(best));
}

}  // namespace systole
