// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace systole {

/// One set of values of a chart, drawn in one colour.
struct ChartSeries {
  std::string name;
  std::vector<std::optional<double>> values;  ///< one a category; nothing: not drawn
  std::string colour = {};                    ///< empty: the next of PlotColours
};

/// Values >= 0 of categories.
struct Chart {
  std::string title;
  std::string value_axis, category_axis;  ///< titles of the axes; the latter may be empty
  std::vector<std::string> categories;
  std::vector<ChartSeries> series;
  int width = 1000, height = 460;
  bool slanted = false;  ///< names of categories, for those that are long or many
  int digits = 1;        ///< behind the point, of the values over bars; -1: values are not written
};

/// Bars of each category side by side.
std::string DrawBars(const Chart& chart);
/// Bars of each category on top of each other.
std::string DrawStacks(const Chart& chart);
/// A line for each series, its values evenly apart.
std::string DrawLines(const Chart& chart);

}  // namespace systole
