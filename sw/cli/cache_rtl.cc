// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cache_rtl.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "sw/cache_study/cache_report.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/table.h"

namespace systole {
namespace {

CacheRtlRun RunOne(const WorkloadRequest& request, const CachePoint& point,
                   const CacheRtlSettings& settings, ProgressLine& line) {
  CacheConfig config = point.config;
  config.counter_width = CacheConfig{}.counter_width;  // they are compared as well
  ModelOptions options;
  options.cache_dir = settings.cache_dir;
  options.on_build = [&](const std::string& what) { line.Show("compiling " + what); };
  const CacheLibrary library(config, options, true);
  MemoryImage image(32);
  const Workload workload = BuildWorkload(request, image);
  CacheRtlRun run{request, point.name, {}};
  WindowOptions windows;
  windows.accesses_per_layer = settings.accesses_per_layer;
  windows.timing.latency = point.latency;
  windows.done = [&](const CacheWindow& window) {
    ThrowIfInterrupted();
    line.Show(fmt::format("{} on the RTL of {}: {}", Label(request), point.name, window.layer));
  };
  run.windows = RunWindows(library, workload.program, image, windows);
  line.Clear();
  return run;
}

}  // namespace

std::vector<CacheRtlRun> RunCachesOnRtl(const std::vector<WorkloadRequest>& requests,
                                        const CacheRtlSettings& settings, ProgressLine& line) {
  const std::vector<CachePoint> points = PublishedPoints();
  std::vector<CacheRtlRun> runs;
  for (const WorkloadRequest& request : requests) {
    for (const std::size_t point : {kBasePoint, kNullPoint}) {
      runs.push_back(RunOne(request, points[point], settings, line));
    }
  }
  return runs;
}

namespace {

/// What was compared of each type of layer, over all programs and caches.
std::string ByLayerType(const std::vector<CacheRtlRun>& runs) {
  struct Sum {
    std::uint64_t windows = 0, accesses = 0, shortest = ~std::uint64_t{0}, longest = 0;
  };
  std::map<std::string, Sum> types;
  for (const CacheRtlRun& run : runs) {
    for (const CacheWindow& window : run.windows) {
      Sum& sum = types[window.op.empty() ? "whole program" : window.op];
      ++sum.windows;
      sum.accesses += window.accesses;
      sum.shortest = std::min(sum.shortest, window.accesses);
      sum.longest = std::max(sum.longest, window.accesses);
    }
  }
  TextTable table;
  table.columns = {{"layers on the RTL"},
                   {"windows", true},
                   {"accesses", true},
                   {"shortest", true},
                   {"longest", true}};
  for (const auto& [type, sum] : types) {
    table.rows.push_back({type, std::to_string(sum.windows), Grouped(sum.accesses),
                          Grouped(sum.shortest), Grouped(sum.longest)});
  }
  return ToText(table);
}

}  // namespace

std::string ToText(const std::vector<CacheRtlRun>& runs) {
  TextTable table;
  table.columns = {{"program on the RTL"}, {"cache"},
                   {"windows", true},      {"accesses", true},
                   {"cycles", true},       {"null hits", true},
                   {"merges", true},       {"states compared", true},
                   {"accesses/s", true},   {"equal to the model"}};
  for (const CacheRtlRun& run : runs) {
    std::uint64_t accesses = 0, cycles = 0, hits = 0, merges = 0, checks = 0;
    double seconds = 0;
    for (const CacheWindow& window : run.windows) {
      accesses += window.accesses;
      cycles += window.cycles;
      hits += window.counters.null_hits;
      for (const std::uint64_t count : window.counters.null.merges) merges += count;
      checks += window.checks;
      seconds += window.rtl_seconds;
    }
    table.rows.push_back({Label(run.request), run.cache, std::to_string(run.windows.size()),
                          Grouped(accesses), Grouped(cycles), Grouped(hits), Grouped(merges),
                          Grouped(checks), Short(static_cast<double>(accesses) / seconds), "yes"});
  }
  return fmt::format(
      "\n{}\n{}every response, its cycle, all counters and states of the RTL equal the model's\n",
      ToText(table), ByLayerType(runs));
}

nlohmann::json ToJson(const std::vector<CacheRtlRun>& runs) {
  nlohmann::json json = nlohmann::json::array();
  for (const CacheRtlRun& run : runs) {
    nlohmann::json windows = nlohmann::json::array();
    for (const CacheWindow& window : run.windows) {
      windows.push_back({{"layer", window.layer},
                         {"op", window.op},
                         {"accesses", window.accesses},
                         {"cycles", window.cycles},
                         {"l1_hits", window.counters.l1_hits},
                         {"null_hits", window.counters.null_hits},
                         {"states_compared", window.checks}});
    }
    json.push_back(
        {{"workload", Describe(run.request)}, {"cache", run.cache}, {"windows", windows}});
  }
  return json;
}

}  // namespace systole
