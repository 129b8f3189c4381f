// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/cache_plots.h"

#include <fmt/format.h>

#include <numeric>

#include "sw/study/chart.h"

namespace systole {
namespace {

using Measure = double (*)(const CacheRun& base, const CacheRun& run);

/// One group of bars a program, one bar a cache but the first.
std::string PlotCaches(const CacheReport& report, const std::string& title, Measure measure) {
  Chart chart;
  chart.title = title;
  chart.value_axis = "% of 16 KiB";
  chart.width = 1100;
  for (const CacheTask& task : report.tasks) chart.categories.push_back(Label(task.request));
  const std::vector<CachePoint> points = PublishedPoints();
  for (std::size_t p = 1; p < points.size(); ++p) {
    ChartSeries& series = chart.series.emplace_back();
    series.name = points[p].name;
    for (const CacheTaskResult& result : report.results) {
      series.values.emplace_back(100 * (1 - measure(result.runs[kBasePoint], result.runs[p])));
    }
  }
  return DrawBars(chart);
}

}  // namespace

std::string PlotMisses(const CacheReport& report) {
  return PlotCaches(report, "Misses of the data cache", MissReduction);
}

std::string PlotTimes(const CacheReport& report) {
  return PlotCaches(report, "Execution time", TimeReduction);
}

std::string PlotMerges(const CacheReport& report) {
  Chart chart;
  chart.title = "Merges by the order they reach";
  chart.value_axis = "% of the program's merges";
  chart.width = 1100;
  chart.digits = -1;
  for (const CacheTask& task : report.tasks) chart.categories.push_back(Label(task.request));
  for (std::size_t order = 0; order < 8; ++order) {
    ChartSeries& series = chart.series.emplace_back();
    series.name = order < 7 ? fmt::format("order {}", order + 1) : "order 8 and more";
    for (const CacheTaskResult& result : report.results) {
      const auto merges = result.runs[kNullPoint].Total().merges;
      const double all = std::accumulate(merges.begin(), merges.end(), 0.0);
      series.values.emplace_back(all == 0 ? 0 : 100 * merges[order] / all);
    }
  }
  return DrawStacks(chart);
}

std::string PlotSweep(const CacheReport& report, const std::string& key) {
  Chart chart;
  chart.value_axis = "misses, % of those without null cache";
  for (const CacheSweepResult& result : report.sweeps) {
    if (result.sweep.key != key) continue;
    if (chart.categories.empty()) {
      chart.title = "Misses by " + result.sweep.title;
      chart.category_axis = result.sweep.title;
      for (const CacheSweep::Value& value : result.sweep.values) {
        chart.categories.push_back(value.text);
      }
    }
    ChartSeries& series = chart.series.emplace_back();
    series.name = Label(result.request);
    for (std::size_t i = 0; i < result.runs.size(); ++i) {
      series.values.emplace_back(100 * (1 - MissReduction(result.bases[i], result.runs[i])));
    }
  }
  return DrawLines(chart);
}

}  // namespace systole
