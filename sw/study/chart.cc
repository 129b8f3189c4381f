// SPDX-License-Identifier: Apache-2.0
#include "sw/study/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sw/study/svg.h"

namespace systole {
namespace {

using Anchor = Svg::Anchor;

constexpr const char* kGrid = "#d9d9d9";
constexpr const char* kInk = "#000000";
constexpr double kLeft = 70, kRight = 20, kTop = 92;

/// A round number so that at most `parts` steps of it reach `top`.
double StepFor(double top, int parts) {
  double step = std::pow(10, std::floor(std::log10(std::max(top, 1e-9) / parts)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    if (step * factor * parts >= top) return step * factor;
  }
  return 10 * step;
}

/// The frame of a chart: title, legend, axes, grid.
class Frame {
 public:
  Frame(const Chart& chart, double top)
      : chart_(chart),
        svg_(chart.width, chart.height),
        bottom_(chart.height - (chart.slanted ? 110 : 46) - (chart.category_axis.empty() ? 0 : 18)),
        step_(StepFor(top, 8)),
        top_(step_ * std::max(1.0, std::ceil(top / step_ - 1e-9))) {
    svg_.Text(kLeft, 26, chart.title, 16, Anchor::kStart, 0, true);
    DrawLegend();
    DrawGrid();
    DrawCategories();
  }

  Svg& svg() { return svg_; }
  double bottom() const { return bottom_; }
  double Y(double value) const { return bottom_ - value / top_ * (bottom_ - kTop); }
  double Slot() const {
    return (chart_.width - kLeft - kRight) / static_cast<double>(chart_.categories.size());
  }
  double Left(std::size_t category) const { return kLeft + Slot() * static_cast<double>(category); }
  double Middle(std::size_t category) const { return Left(category) + Slot() / 2; }
  const std::string& Colour(std::size_t series) const {
    const std::string& own = chart_.series[series].colour;
    return own.empty() ? PlotColours()[series % PlotColours().size()] : own;
  }
  std::string Finish() {
    svg_.Line(kLeft, bottom_, chart_.width - kRight, bottom_, kInk);
    return svg_.ToString();
  }

 private:
  void DrawLegend() {
    double x = kLeft, y = 48;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const std::string& name = chart_.series[i].name;
      const double width = 34 + 7.0 * static_cast<double>(name.size());
      if (x + width > chart_.width - kRight && x > kLeft) {
        x = kLeft;
        y += 20;
      }
      svg_.Rect(x, y - 11, 14, 14, Colour(i));
      svg_.Text(x + 19, y + 1, name, 13);
      x += width;
    }
  }

  void DrawGrid() {
    for (int i = 0; step_ * i <= top_ * (1 + 1e-9); ++i) {
      const double y = Y(step_ * i);
      if (i > 0) svg_.Line(kLeft, y, chart_.width - kRight, y, kGrid);
      svg_.Text(kLeft - 8, y + 4, fmt::format("{:g}", step_ * i), 12, Anchor::kEnd);
    }
    svg_.Text(22, (kTop + bottom_) / 2, chart_.value_axis, 13, Anchor::kMiddle, -90);
  }

  void DrawCategories() {
    for (std::size_t i = 0; i < chart_.categories.size(); ++i) {
      if (chart_.slanted) {
        svg_.Text(Middle(i) + 5, bottom_ + 15, chart_.categories[i], 11, Anchor::kEnd, -45);
      } else {
        svg_.Text(Middle(i), bottom_ + 20, chart_.categories[i], 13, Anchor::kMiddle);
      }
    }
    if (!chart_.category_axis.empty()) {
      svg_.Text((kLeft + chart_.width - kRight) / 2, chart_.height - 10, chart_.category_axis, 13,
                Anchor::kMiddle);
    }
  }

  const Chart& chart_;
  Svg svg_;
  double bottom_, step_, top_;
};

double Largest(const Chart& chart) {
  double largest = 0;
  for (const ChartSeries& series : chart.series) {
    for (const auto& value : series.values) largest = std::max(largest, value.value_or(0));
  }
  return largest;
}

/// Values over narrow bars stand upright.
void WriteValue(Frame& frame, const Chart& chart, double x, double y, double width, double value) {
  if (chart.digits < 0) return;
  const std::string text = fmt::format("{:.{}f}", value, chart.digits);
  if (width >= 6.5 * static_cast<double>(text.size())) {
    frame.svg().Text(x, y - 4, text, 11, Anchor::kMiddle);
  } else {
    frame.svg().Text(x + 4, y - 4, text, 10, Anchor::kStart, -90);
  }
}

}  // namespace

std::string DrawBars(const Chart& chart) {
  Frame frame(chart, Largest(chart) * 1.08);
  const double width = frame.Slot() * 0.82 / static_cast<double>(chart.series.size());
  for (std::size_t category = 0; category < chart.categories.size(); ++category) {
    double x = frame.Left(category) + frame.Slot() * 0.09;
    for (std::size_t i = 0; i < chart.series.size(); ++i, x += width) {
      const auto& value = chart.series[i].values[category];
      if (!value) continue;
      const double y = frame.Y(*value);
      frame.svg().Rect(x, y, width * 0.92, frame.bottom() - y, frame.Colour(i));
      WriteValue(frame, chart, x + width * 0.46, y, width, *value);
    }
  }
  return frame.Finish();
}

std::string DrawStacks(const Chart& chart) {
  std::vector<double> sums(chart.categories.size(), 0);
  for (const ChartSeries& series : chart.series) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += series.values[i].value_or(0);
  }
  Frame frame(chart, *std::max_element(sums.begin(), sums.end()));
  const double width = frame.Slot() * 0.7;
  for (std::size_t category = 0; category < chart.categories.size(); ++category) {
    double below = 0;
    for (std::size_t i = 0; i < chart.series.size(); ++i) {
      const double value = chart.series[i].values[category].value_or(0);
      if (value <= 0) continue;
      const double y = frame.Y(below + value);
      frame.svg().Rect(frame.Left(category) + frame.Slot() * 0.15, y, width, frame.Y(below) - y,
                       frame.Colour(i));
      below += value;
    }
  }
  return frame.Finish();
}

std::string DrawLines(const Chart& chart) {
  Frame frame(chart, Largest(chart) * 1.02);
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    std::vector<std::pair<double, double>> points;
    for (std::size_t category = 0; category < chart.categories.size(); ++category) {
      const auto& value = chart.series[i].values[category];
      if (value) points.emplace_back(frame.Middle(category), frame.Y(*value));
    }
    frame.svg().Polyline(points, frame.Colour(i));
    for (const auto& [x, y] : points) frame.svg().Circle(x, y, 4, frame.Colour(i));
  }
  return frame.Finish();
}

}  // namespace systole
