// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/sparsecache_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sw/cli/table.h"

namespace systole {
namespace {

constexpr double kClockHertz = 400e6;

double Milliseconds(const CacheCounts& counts) { return 1e3 * counts.cycles / kClockHertz; }

std::string Reduction(double share) { return fmt::format("{:+.1f} %", -100 * share + 0.0); }
std::string Count(double value) { return Grouped(static_cast<std::uint64_t>(std::llround(value))); }

double ZeroShare(const std::vector<LayerZeros>& layers, std::int64_t LayerZeros::*zeros,
                 std::int64_t LayerZeros::*all) {
  double sum = 0, count = 0;
  for (const LayerZeros& layer : layers) {
    sum += static_cast<double>(layer.*zeros);
    count += static_cast<double>(layer.*all);
  }
  return count == 0 ? 0 : sum / count;
}

TextTable MainTable(const CacheReport& report) {
  TextTable table;
  table.columns = {{"program"},           {"cache"},           {"accesses", true},
                   {"miss rate", true},   {"time, ms", true},  {"misses", true},
                   {"time", true},        {"null hits", true}, {"fills", true},
                   {"cycles/instr", true}};
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    const CacheTask& task = report.tasks[t];
    const CacheTaskResult& result = report.results[t];
    if (t > 0) table.rows.push_back({""});
    for (std::size_t p = 0; p < task.points.size(); ++p) {
      const CacheRun &base = result.runs[kBasePoint], &run = result.runs[p];
      const CacheCounts total = run.Total();
      table.rows.push_back({p == 0 ? Label(task.request) : "", task.points[p].name,
                            Count(total.accesses), fmt::format("{:.2f} %", 100 * total.MissRate()),
                            fmt::format("{:.4g}", Milliseconds(total)),
                            p == 0 ? "" : Reduction(MissReduction(base, run)),
                            p == 0 ? "" : Reduction(TimeReduction(base, run)),
                            Percent(total.null_hits / total.accesses), Count(total.fills),
                            fmt::format("{:.2f}", total.cycles / total.instructions)});
    }
  }
  return table;
}

TextTable ZeroTable(const CacheReport& report) {
  TextTable table;
  table.columns = {{"program"},       {"weights", true}, {"zero", true},
                   {"outputs", true}, {"zero", true},    {"origin"}};
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    const std::vector<LayerZeros>& zeros = report.results[t].zeros;
    std::int64_t weights = 0, activations = 0;
    for (const LayerZeros& layer : zeros) {
      weights += layer.weights;
      activations += layer.activations;
    }
    table.rows.push_back(
        {Label(report.tasks[t].request), Grouped(static_cast<std::uint64_t>(weights)),
         Percent(ZeroShare(zeros, &LayerZeros::zero_weights, &LayerZeros::weights)),
         Grouped(static_cast<std::uint64_t>(activations)),
         Percent(ZeroShare(zeros, &LayerZeros::zero_activations, &LayerZeros::activations)),
         report.results[t].origin});
  }
  return table;
}

TextTable LayerTable(const CacheTaskResult& result) {
  TextTable table;
  table.columns = {{"layer"},
                   {"operator"},
                   {"accesses", true},
                   {"miss rate", true},
                   {"misses", true},
                   {"time", true},
                   {"entries", true},
                   {"lines", true},
                   {"lines/entry", true},
                   {"part traced", true}};
  const CacheRun &base = result.runs[kBasePoint], &null = result.runs[kNullPoint];
  for (std::size_t i = 0; i < base.layers.size(); ++i) {
    const CacheCounts &a = base.layers[i].counts, &b = null.layers[i].counts;
    const CacheLayerRun& layer = null.layers[i];
    table.rows.push_back(
        {layer.layer, layer.op, Count(a.accesses), fmt::format("{:.2f} %", 100 * a.MissRate()),
         Reduction(a.Misses() == 0 ? 0 : 1 - b.Misses() / a.Misses()),
         Reduction(1 - b.cycles / a.cycles), std::to_string(layer.entries),
         Count(layer.covered_lines),
         layer.entries == 0 ? "" : fmt::format("{:.1f}", layer.covered_lines / layer.entries),
         Percent(1 / layer.factor)});
  }
  return table;
}

TextTable SweepTable(const CacheSweepResult& result) {
  TextTable table;
  table.columns = {{result.sweep.title}, {"miss rate", true}, {"misses", true},
                   {"time", true},       {"null hits", true}, {"insertions", true},
                   {"evictions", true},  {"merges", true},    {"splits", true},
                   {"drops", true}};
  for (std::size_t i = 0; i < result.runs.size(); ++i) {
    const CacheCounts total = result.runs[i].Total();
    double merges = 0;
    for (const double count : total.merges) merges += count;
    table.rows.push_back(
        {result.sweep.values[i].text, fmt::format("{:.2f} %", 100 * total.MissRate()),
         Reduction(MissReduction(result.bases[i], result.runs[i])),
         Reduction(TimeReduction(result.bases[i], result.runs[i])),
         Percent(total.null_hits / total.accesses), Count(total.insertions), Count(total.evictions),
         Count(merges), Count(total.splits), Count(total.drops)});
  }
  return table;
}

TextTable ApproximationTable(const CacheReport& report) {
  TextTable table;
  table.columns = {{"program"},
                   {"threshold", true},
                   {"miss rate", true},
                   {"time, ms", true},
                   {"null hits", true},
                   {"approximated lines", true},
                   {"output error", true},
                   {"same answer", true}};
  for (const ApproximationResult& result : report.approximations) {
    table.rows.push_back({Label(result.request), fmt::format("{}", result.threshold),
                          fmt::format("{:.2f} %", 100 * result.counts.MissRate()),
                          fmt::format("{:.4g}", Milliseconds(result.counts)),
                          Percent(result.counts.null_hits / result.counts.accesses),
                          Count(result.counts.approximated), Percent(result.output_error),
                          fmt::format("{} of {}", result.same_answers, result.samples)});
  }
  return table;
}

nlohmann::json Reductions(const CacheRun& base, const CacheRun& run) {
  return {{"total", run.Total()},
          {"miss_rate", run.Total().MissRate()},
          {"milliseconds", Milliseconds(run.Total())},
          {"miss_reduction", MissReduction(base, run)},
          {"time_reduction", TimeReduction(base, run)}};
}

}  // namespace

std::string ToText(const CacheReport& report, bool layers) {
  std::string text = ToText(MainTable(report));
  text +=
      "misses, time: change against the first row; published: misses -5 to -28 %, time -5 to -21 "
      "%\n"
      "time at 400 MHz, one cycle an instruction and stalls, memory 100 cycles away\n\n";
  text += ToText(ZeroTable(report));
  if (layers) {
    for (std::size_t t = 0; t < report.tasks.size(); ++t) {
      text +=
          fmt::format("\n{}, 16 KiB against 16 KiB + null cache\n", Label(report.tasks[t].request));
      text += ToText(LayerTable(report.results[t]));
    }
  }
  for (const CacheSweepResult& sweep : report.sweeps) {
    text += fmt::format("\n{}\n", Label(sweep.request)) + ToText(SweepTable(sweep));
  }
  if (!report.approximations.empty()) {
    text += fmt::format("\n{}", ToText(ApproximationTable(report)));
  }
  return text;
}

nlohmann::json ToJson(const CacheReport& report) {
  nlohmann::json programs = nlohmann::json::array();
  for (std::size_t t = 0; t < report.tasks.size(); ++t) {
    const CacheTask& task = report.tasks[t];
    const CacheTaskResult& result = report.results[t];
    nlohmann::json caches = nlohmann::json::array();
    for (std::size_t p = 0; p < task.points.size(); ++p) {
      nlohmann::json cache = Reductions(result.runs[kBasePoint], result.runs[p]);
      cache["name"] = task.points[p].name;
      cache["point"] = Describe(task.points[p]);
      cache["layers"] = result.runs[p];
      caches.push_back(std::move(cache));
    }
    nlohmann::json zeros = nlohmann::json::array();
    for (const LayerZeros& layer : result.zeros) {
      zeros.push_back({{"layer", layer.layer},
                       {"op", layer.op},
                       {"weights", layer.weights},
                       {"zero_weights", layer.zero_weights},
                       {"activations", layer.activations},
                       {"zero_activations", layer.zero_activations}});
    }
    programs.push_back({{"workload", Describe(task.request)},
                        {"accesses_per_layer", task.sampling.accesses_per_layer},
                        {"origin", result.origin},
                        {"zeros", zeros},
                        {"caches", caches}});
  }
  nlohmann::json sweeps = nlohmann::json::array();
  for (const CacheSweepResult& result : report.sweeps) {
    nlohmann::json values = nlohmann::json::array();
    for (std::size_t i = 0; i < result.runs.size(); ++i) {
      nlohmann::json value = Reductions(result.bases[i], result.runs[i]);
      value["value"] = result.sweep.values[i].text;
      value["point"] = Describe(result.sweep.values[i].point);
      values.push_back(std::move(value));
    }
    sweeps.push_back({{"workload", Describe(result.request)},
                      {"key", result.sweep.key},
                      {"title", result.sweep.title},
                      {"values", values}});
  }
  nlohmann::json approximations = nlohmann::json::array();
  for (const ApproximationResult& result : report.approximations) {
    approximations.push_back({{"workload", Describe(result.request)},
                              {"threshold", result.threshold},
                              {"samples", result.samples},
                              {"same_answers", result.same_answers},
                              {"output_error", result.output_error},
                              {"total", result.counts},
                              {"miss_rate", result.counts.MissRate()},
                              {"milliseconds", Milliseconds(result.counts)}});
  }
  return {{"systole", SYSTOLE_VERSION},
          {"programs", programs},
          {"sweeps", sweeps},
          {"approximations", approximations}};
}

}  // namespace systole
