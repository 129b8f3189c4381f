// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/coverage_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sw/study/svg.h"
#include "sw/trace/run.h"

namespace systole {
namespace {

/// Lines of the segments, numbered one behind the other.
class LineNumbers {
 public:
  LineNumbers(const Program& program, int line_bytes)
      : bytes_(static_cast<std::uint64_t>(line_bytes)) {
    for (const Segment& segment : program.segments) {
      if (segment.name == "stack") continue;  // mostly unused
      const std::uint64_t first = segment.begin / bytes_, end = (segment.end + bytes_ - 1) / bytes_;
      segments_.push_back({first, end, count_});
      count_ += end - first;
    }
  }
  std::uint64_t count() const { return count_; }
  std::size_t segments() const { return segments_.size(); }
  std::uint64_t Begin(std::size_t segment) const { return segments_[segment].number; }
  /// Calls visit(number) for each line of the segments that value and mask cover.
  template <typename Visit>
  void ForCovered(std::uint64_t value, std::uint64_t mask, Visit visit) const {
    for (const Range& range : segments_) {
      // The numbers of the masked bits in order, from the lowest line that is not below the range.
      for (std::uint64_t bits = 0;; bits = (bits - mask) & mask) {
        const std::uint64_t line = value | bits;
        if (line >= range.first && line < range.end) visit(range.number + line - range.first);
        if (bits == mask || line >= range.end) break;
      }
    }
  }
  template <typename Visit>
  void ForAll(Visit visit) const {
    for (const Range& range : segments_) {
      for (std::uint64_t line = range.first; line < range.end; ++line) {
        visit(range.number + line - range.first, line * bytes_);
      }
    }
  }

 private:
  struct Range {
    std::uint64_t first, end, number;
  };
  std::uint64_t bytes_, count_ = 0;
  std::vector<Range> segments_;
};

/// Takes a column of the map every so many accesses.
class Snapshots {
 public:
  Snapshots(CoverageMap& map, const LineNumbers& lines, CacheModel& model, const MemoryImage& image,
            std::uint64_t every)
      : map_(map), lines_(lines), model_(model), image_(image), every_(every), left_(every) {}

  std::uint64_t Access(const systole::Access& access) {
    const std::uint64_t value = model_.Access(access);
    if (--left_ == 0) {
      left_ = every_;
      if (map_.columns * map_.rows > map_.zero.size()) Take();
    }
    return value;
  }

 private:
  void Take() {
    const std::size_t base = map_.zero.size();
    map_.zero.resize(base + map_.rows);
    map_.covered.resize(base + map_.rows);
    std::vector<float> lines_of_row(map_.rows);
    const auto row = [&](std::uint64_t number) { return number * map_.rows / lines_.count(); };
    const int bytes = model_.config().line_bytes;
    lines_.ForAll([&](std::uint64_t number, std::uint64_t address) {
      lines_of_row[row(number)] += 1;
      if (IsZeroLine(image_.At(address), bytes)) map_.zero[base + row(number)] += 1;
    });
    const CacheState state = model_.State(model_.idle_cycle());
    int entries = 0;
    for (const NullEntry& entry : state.entries) {
      if (!entry.valid) continue;
      ++entries;
      lines_.ForCovered(entry.value, entry.mask,
                        [&](std::uint64_t number) { map_.covered[base + row(number)] += 1; });
    }
    map_.entries.push_back(entries);
    for (std::size_t r = 0; r < map_.rows; ++r) {
      if (lines_of_row[r] == 0) continue;
      map_.zero[base + r] /= lines_of_row[r];
      map_.covered[base + r] /= lines_of_row[r];
    }
  }

  CoverageMap& map_;
  const LineNumbers& lines_;
  CacheModel& model_;
  const MemoryImage& image_;
  std::uint64_t every_, left_;
};

constexpr std::array kZeroShades = {"#ffffff", "#eef1f4", "#dde3e9", "#c9d2db"};
constexpr std::array kCoveredShades = {"#f6da9a", "#efb84d", "#e69f00"};

/// The colour of a cell: orange shades where lines are covered, grey ones where they are zero.
const char* Shade(float zero, float covered) {
  if (covered > 0.02F) {
    return kCoveredShades[std::min<std::size_t>(2, static_cast<std::size_t>(covered * 3))];
  }
  return kZeroShades[std::min<std::size_t>(3, static_cast<std::size_t>(zero * 4))];
}

}  // namespace

CoverageMap MapCoverage(const Program& program, MemoryImage& image, const CachePoint& point,
                        std::size_t columns, std::size_t rows) {
  CoverageMap map;
  map.columns = columns;
  map.rows = rows;
  std::vector<std::uint64_t> begins;
  std::uint64_t accesses = 0;
  for (const TraceCounts& layer : RunNatively(program, image)) {
    begins.push_back(accesses);
    accesses += layer.accesses;
  }
  const LineNumbers lines(program, point.config.line_bytes);
  CacheModel model(point.config, image, {.latency = point.latency}, point.extras);
  Snapshots sink(map, lines, model, image, std::max<std::uint64_t>(1, accesses / columns));
  TraceProgram(program, image, [&](const Access& access) { return sink.Access(access); });
  map.columns = map.entries.size();
  for (std::size_t i = 0; i < lines.segments(); ++i) {
    map.segments.push_back(
        {program.segments[i].name, static_cast<double>(lines.Begin(i)) * static_cast<double>(rows) /
                                       static_cast<double>(lines.count())});
  }
  for (std::size_t i = 0; i < program.layers.size(); ++i) {
    map.layers.push_back(
        {program.layers[i].name, static_cast<double>(begins[i]) * static_cast<double>(map.columns) /
                                     static_cast<double>(std::max<std::uint64_t>(1, accesses))});
  }
  return map;
}

std::string DrawCoverage(const CoverageMap& map, const std::string& title) {
  constexpr double kLeft = 110, kTop = 50, kCellX = 5, kCellY = 4;
  const double width = kCellX * static_cast<double>(map.columns);
  const double height = kCellY * static_cast<double>(map.rows);
  Svg svg(static_cast<int>(kLeft + width + 20), static_cast<int>(kTop + height + 110));
  svg.Text(kLeft, 26, title, 16);
  for (std::size_t r = 0; r < map.rows; ++r) {
    for (std::size_t c = 0; c < map.columns;) {
      const char* shade = Shade(map.zero[c * map.rows + r], map.covered[c * map.rows + r]);
      std::size_t end = c + 1;
      while (end < map.columns &&
             Shade(map.zero[end * map.rows + r], map.covered[end * map.rows + r]) == shade) {
        ++end;
      }
      if (shade != kZeroShades[0]) {
        svg.Rect(kLeft + kCellX * static_cast<double>(c), kTop + kCellY * static_cast<double>(r),
                 kCellX * static_cast<double>(end - c), kCellY, shade);
      }
      c = end;
    }
  }
  for (const CoverageMap::Mark& segment : map.segments) {
    const double y = kTop + kCellY * segment.at;
    svg.Line(kLeft - 6, y, kLeft + width, y, "#555555", 0.6);
    svg.Text(kLeft - 8, y + 12, segment.name, 12, Svg::Anchor::kEnd);
  }
  double last = -100;
  for (const CoverageMap::Mark& layer : map.layers) {
    const double x = kLeft + kCellX * layer.at;
    svg.Line(x, kTop, x, kTop + height, "#999999", 0.5);
    if (x - last < 60) continue;  // no room for its name
    svg.Text(x + 2, kTop + height + 16, layer.name, 11);
    last = x;
  }
  const double legend = kTop + height + 50;
  svg.Rect(kLeft, legend, 14, 14, kZeroShades[3]);
  svg.Text(kLeft + 20, legend + 12, "lines are zero", 12);
  svg.Rect(kLeft + 140, legend, 14, 14, kCoveredShades[2]);
  svg.Text(kLeft + 160, legend + 12, "lines are zero and the null cache covers them", 12);
  svg.Text(kLeft, legend + 40, "time: accesses, from left to right; address: from top to bottom");
  return svg.ToString();
}

}  // namespace systole
