// SPDX-License-Identifier: Apache-2.0
#include "sw/map/line_tiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/math.h"
#include "sw/map/line_geometry.h"

namespace systole {
namespace {

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
  run.steps = static_cast<std::uint64_t>(lines.StepsOf(windows.first, true) - bank.shared);
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
  bank.shared = lines.SharedPadding(bank.share, bank.stream);
  return bank;
}

/// Cycles of one bank behind another that drains `before` rows; 0: it is the first.
std::int64_t EstimateBank(const LineGeometry& lines, const LineTiling::Bank& bank,
                          std::int64_t before) {
  const std::int64_t rows = bank.channels * bank.spread;
  const LineGeometry::Windows windows = lines.WindowsOf(bank.stream);
  std::int64_t cycles = std::max(lines.StepsOf(windows.first, true) - bank.shared, before) +
                        windows.full * std::max(lines.StepsOf(lines.window, false), rows);
  if (windows.tail > 0) cycles += std::max(lines.StepsOf(windows.tail, false), rows);
  return before == 0 ? cycles : std::max(cycles, rows + 1);  // its parameters may take longer
}

/// Cycles of all banks. The published mappings are chosen as if each bank were in the middle of a
/// long row of equal ones.
std::int64_t EstimateBanks(const LineGeometry& lines, const std::vector<LineTiling::Bank>& banks,
                           MappingSet mappings) {
  std::int64_t cycles = 0, before = 0;
  for (const LineTiling::Bank& bank : banks) {
    const std::int64_t rows = bank.channels * bank.spread;
    const auto count = static_cast<std::int64_t>(bank.count);
    if (mappings == MappingSet::kBasic) {
      cycles += count * EstimateBank(lines, bank, rows + 1);
      continue;
    }
    cycles += EstimateBank(lines, bank, before) + (count - 1) * EstimateBank(lines, bank, rows);
    if (before == 0) cycles += bank.shared;  // none before it has streamed its padding
    before = rows;
  }
  return cycles + before;
}

/// Takes `lines` if with some number of rows for a channel of a full bank it beats `best`. The
/// channels that remain spread as far as they can.
void TryBanks(const LineGeometry& lines, std::int64_t channels, std::int64_t rows,
              MappingSet mappings, Candidate& best) {
  std::vector<LineTiling::Bank> banks;
  std::int64_t last = 0;
  for (std::int64_t spread = 1; spread <= std::min(rows, lines.OutputLines()); ++spread) {
    const std::int64_t together = std::min(rows / spread, channels), rest = channels % together;
    if (together == last) continue;  // SpreadLines() would make the same
    last = together;
    banks.assign(1, SpreadLines(lines, together, rows));
    banks[0].count = static_cast<std::uint64_t>(channels / together);
    if (rest > 0) {
      banks.push_back(SpreadLines(lines, rest, rows));
      if (banks[0].shared == 0) banks[1].shared = 0;
    }
    const std::int64_t cycles = EstimateBanks(lines, banks, mappings);
    if (best.banks.empty() || cycles < best.cycles) best = {lines, banks, cycles};
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
               MappingSet mappings, Candidate& best) {
  const std::int64_t outputs = (choice.along_width ? layer.width : layer.height).output;
  const bool plane = (choice.along_width ? layer.height : layer.width).kernel > 1;
  for (std::int64_t strip = outputs; strip > 0;) {
    choice.strips = CeilDiv(outputs, strip);
    const auto lines = MakeLineGeometry(layer, config, choice);
    if (lines && (best.banks.empty() ||
                  LeastCycles(*lines, layer.out_channels, config.rows) < best.cycles)) {
      TryBanks(*lines, layer.out_channels, config.rows, mappings, best);
    }
    if (!plane || (lines && lines->continued)) return;
    strip = std::min(strip - 1, CeilDiv(outputs, choice.strips + 1));
  }
}

/// The first bank has none before that could have streamed its padding.
void BeginFresh(std::vector<LineTiling::Bank>& banks) {
  if (banks[0].shared == 0) return;
  LineTiling::Bank first = banks[0];
  first.shared = 0;
  first.count = 1;
  if (--banks[0].count == 0) banks.erase(banks.begin());
  banks.insert(banks.begin(), first);
}

Tiling TileLines(const ArrayLayer& layer, const ArrayConfig& config, Candidate chosen) {
  const LineGeometry& lines = chosen.lines;
  Tiling tiling;
  tiling.stos = true;
  tiling.mapping = fmt::format("st-os {}x{}", layer.height.kernel, layer.width.kernel);
  tiling.lines.choice = lines.choice;
  tiling.lines.banks = std::move(chosen.banks);
  BeginFresh(tiling.lines.banks);

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
    LineChoice choice{.along_width = along_width, .short_first = false};
    if (across.kernel == 1) TryStrips(layer, config, choice, mappings, best);
    if (basic) continue;
    choice.short_first = true;
    TryStrips(layer, config, choice, mappings, best);
    const bool strided =
        (along.stride > 1 && along.kernel > 1) || (across.stride > 1 && across.kernel > 1);
    if (!strided) continue;
    choice.dense = true;
    TryStrips(layer, config, choice, mappings, best);
  }
  if (best.banks.empty()) return std::nullopt;
  return TileLines(layer, config, std::move(best));
}

std::optional<Tiling> PlanLines(const ArrayLayer& layer, const ArrayConfig& config,
                                const LineChoice& choice) {
  const auto lines = MakeLineGeometry(layer, config, choice);
  if (!lines) return std::nullopt;
  Candidate best;
  TryBanks(*lines, layer.out_channels, config.rows, MappingSet::kBest, best);
  return TileLines(layer, config, std::move(best));
}

}  // namespace systole
