// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/run_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sw/cli/progress.h"
#include "sw/cli/table.h"

namespace systole {
namespace {

using Compared = TensorComparison::Result;

double Utilization(std::uint64_t macs, std::uint64_t cycles, const ArrayConfig& config) {
  if (cycles == 0) return 0;
  return static_cast<double>(macs) /
         (static_cast<double>(cycles) * config.rows * static_cast<double>(config.cols));
}

/// The layer's cycles in multiples of its limit (docs/mapping.md, "Limit").
double Distance(std::uint64_t cycles, std::uint64_t limit) {
  return limit == 0 ? 0 : static_cast<double>(cycles) / static_cast<double>(limit);
}

const char* ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kVerified:
      return "yes";
    case Verdict::kModel:
      return "model";
    case Verdict::kDiffers:
    case Verdict::kFailed:
      break;
  }
  return "no";
}

const char* ToString(Compared result) {
  switch (result) {
    case Compared::kEqual:
      return "equal";
    case Compared::kWithinBound:
      return "within bound";
    case Compared::kMissing:
      return "missing";
    case Compared::kDiffers:
      break;
  }
  return "differs";
}

std::string ComparedText(const TensorComparison* row) {
  if (row == nullptr) return "";
  if (row->result != Compared::kDiffers) return ToString(row->result);
  return fmt::format("differs ({})", row->differing);
}

struct RunTotals {
  std::uint64_t tiles = 0, macs = 0, cycles = 0, limit = 0;
  double cpu_seconds = 0;
};

RunTotals Sum(const NetworkRun& result) {
  RunTotals totals;
  for (const LayerResult& layer : result.layers) {
    totals.tiles += layer.tiles;
    totals.macs += layer.macs;
    totals.cycles += layer.cycles;
    totals.limit += layer.limit_cycles;
    totals.cpu_seconds += layer.cpu_seconds;
  }
  return totals;
}

std::size_t CountVerified(const NetworkRun& result) {
  std::size_t count = 0;
  for (const LayerResult& layer : result.layers) {
    if (layer.verdict == Verdict::kVerified) ++count;
  }
  return count;
}

std::vector<std::string> Row(const RunReport& report, const LayerResult& layer) {
  std::vector<std::string> row = {
      layer.node,
      layer.op,
      systole::ToString(layer.shape),
      layer.mapping,
      Grouped(layer.tiles),
      Grouped(layer.cycles),
      Percent(Utilization(layer.macs, layer.cycles, report.settings.config)),
      fmt::format("{:.2f}", Distance(layer.cycles, layer.limit_cycles)),
      ToString(layer.verdict)};
  if (report.comparison) row.push_back(ComparedText(report.comparison->Find(layer.tensor)));
  return row;
}

std::string LayerTable(const RunReport& report) {
  TextTable table = {{{"layer"},
                      {"operator"},
                      {"output"},
                      {"mapping"},
                      {"tiles", true},
                      {"cycles", true},
                      {"utilization", true},
                      {"x limit", true},
                      {"verified"}},
                     {}};
  if (report.comparison) table.columns.push_back({"onnxruntime"});
  for (const LayerResult& layer : report.result.layers) table.rows.push_back(Row(report, layer));
  const RunTotals totals = Sum(report.result);
  const std::size_t count = report.result.layers.size();
  table.rows.push_back({""});
  table.rows.push_back({fmt::format("{} layer{}", count, count == 1 ? "" : "s"), "", "", "",
                        Grouped(totals.tiles), Grouped(totals.cycles),
                        Percent(Utilization(totals.macs, totals.cycles, report.settings.config)),
                        fmt::format("{:.2f}", Distance(totals.cycles, totals.limit)),
                        report.settings.engine == Engine::kModel
                            ? "model"
                            : fmt::format("{} of {}", CountVerified(report.result), count)});
  return ToText(table);
}

std::string ComparisonText(const Comparison& comparison) {
  std::string text = fmt::format(
      "{}: {} tensors compared, {} equal, {} within the bound of an inexact float operator, {} "
      "differ, {} missing\n",
      comparison.runtime.empty() ? "onnxruntime" : comparison.runtime, comparison.tensors.size(),
      comparison.Count(Compared::kEqual), comparison.Count(Compared::kWithinBound),
      comparison.Count(Compared::kDiffers), comparison.Count(Compared::kMissing));
  for (const TensorComparison& row : comparison.tensors) {
    if (row.result == Compared::kEqual) continue;
    text +=
        fmt::format("  {} ({}, node {}): {}", row.tensor, row.op, row.node, ToString(row.result));
    if (row.differing > 0) {
      text += fmt::format(", {} of {} elements, largest difference {:.3g}", row.differing,
                          row.elements, row.largest);
    }
    text += "\n";
  }
  return text;
}

std::string AnswersText(const Answers& answers) {
  constexpr std::size_t kShown = 40;
  const std::vector<std::int64_t> shown(
      answers.classes.begin(), answers.classes.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                             kShown, answers.classes.size())));
  std::string text = fmt::format("answers: {}{}\n", fmt::join(shown, " "),
                                 answers.classes.size() > kShown ? " ..." : "");
  if (!answers.labels.empty()) {
    text += fmt::format("right: {} of {}\n", answers.Right(), answers.labels.size());
  }
  return text;
}

nlohmann::json ToJson(const TensorComparison& row) {
  return {{"tensor", row.tensor},
          {"node", row.node},
          {"operator", row.op},
          {"result", ToString(row.result)},
          {"elements", row.elements},
          {"differing", row.differing},
          {"largest", std::isfinite(row.largest) ? nlohmann::json(row.largest) : nlohmann::json()},
          {"executed_again", row.executed_again}};
}

nlohmann::json ToJson(const Comparison& comparison) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const TensorComparison& row : comparison.tensors) tensors.push_back(ToJson(row));
  return {{"folder", comparison.folder},
          {"runtime", comparison.runtime},
          {"equal", comparison.Count(Compared::kEqual)},
          {"within_bound", comparison.Count(Compared::kWithinBound)},
          {"differs", comparison.Count(Compared::kDiffers)},
          {"missing", comparison.Count(Compared::kMissing)},
          {"tensors", tensors}};
}

nlohmann::json ToJson(const LayerResult& layer, const ArrayConfig& config) {
  return {{"name", layer.node},
          {"operator", layer.op},
          {"tensor", layer.tensor},
          {"type", ToString(layer.type)},
          {"shape", layer.shape},
          {"mapping", layer.mapping},
          {"tiles", layer.tiles},
          {"macs", layer.macs},
          {"cycles", layer.cycles},
          {"model_cycles", layer.model_cycles},
          {"limit_cycles", layer.limit_cycles},
          {"utilization", Utilization(layer.macs, layer.cycles, config)},
          {"distance", Distance(layer.cycles, layer.limit_cycles)},
          {"verified", ToString(layer.verdict)},
          {"problem", layer.problem},
          {"seconds", layer.seconds},
          {"cpu_seconds", layer.cpu_seconds}};
}

nlohmann::json ToJson(const Answers& answers) {
  nlohmann::json json = {{"classes", answers.classes}};
  if (!answers.labels.empty()) {
    json["labels"] = answers.labels;
    json["right"] = answers.Right();
  }
  return json;
}

nlohmann::json ProvenanceJson(const RunReport& report) {
  const RunSettings& settings = report.settings;
  return {{"systole", SYSTOLE_VERSION},
          {"model", {{"file", report.model_file}, {"hash", report.model_hash}}},
          {"array", settings.config},
          {"mapping", settings.mappings == MappingSet::kBasic ? "basic" : "best"},
          {"engine", settings.engine == Engine::kRtl ? "rtl" : "model"},
          {"tools", report.result.tools},
          {"seed", settings.seed},
          {"stall", settings.stall / 256.0},
          {"jobs", settings.jobs}};
}

}  // namespace

void ThrowUnlessGood(const RunReport& report) {
  if (Good(report)) return;
  std::size_t bad = 0;
  std::string first;
  for (const LayerResult& layer : report.result.layers) {
    if (layer.verdict == Verdict::kVerified || layer.verdict == Verdict::kModel) continue;
    if (bad++ == 0) first = fmt::format("layer {}: {}", layer.node, layer.problem);
  }
  if (bad > 0) {
    throw RunError(
        fmt::format("{} of {} layers are not what the reference and the formulas say; first {}",
                    bad, report.result.layers.size(), first));
  }
  throw RunError(fmt::format("ONNX Runtime: {} tensors differ, {} are missing",
                             report.comparison->Count(Compared::kDiffers),
                             report.comparison->Count(Compared::kMissing)));
}

bool Good(const RunReport& report) {
  return report.result.Good() && (!report.comparison || report.comparison->Good());
}

std::string ToText(const RunReport& report) {
  const RunTotals totals = Sum(report.result);
  std::string text = LayerTable(report);
  text += fmt::format("array: {}\n", ToString(report.settings.config));
  if (report.comparison) text += ComparisonText(*report.comparison);
  if (report.answers) text += AnswersText(*report.answers);
  if (report.settings.engine == Engine::kRtl) {
    const double speed =
        totals.cpu_seconds > 0 ? static_cast<double>(totals.cycles) / totals.cpu_seconds : 0;
    text += fmt::format(
        "simulated {} cycles in {:.1f} s with up to {} processes at a time, {} cycles/s of "
        "processor "
        "time; compiled in {:.1f} s\n",
        Grouped(totals.cycles), report.result.wall_seconds, report.settings.jobs, Short(speed),
        report.result.build_seconds);
  }
  text += fmt::format("reference {:.1f} s, all together {:.1f} s\n", report.reference_seconds,
                      report.total_seconds);
  for (const LayerResult& layer : report.result.layers) {
    if (!layer.problem.empty()) text += fmt::format("{}: {}\n", layer.node, layer.problem);
  }
  return text;
}

nlohmann::json ToJson(const RunReport& report) {
  const RunTotals totals = Sum(report.result);
  nlohmann::json layers = nlohmann::json::array();
  for (const LayerResult& layer : report.result.layers) {
    layers.push_back(ToJson(layer, report.settings.config));
  }
  nlohmann::json json = {
      {"provenance", ProvenanceJson(report)},
      {"good", Good(report)},
      {"layers", layers},
      {"totals",
       {{"layers", report.result.layers.size()},
        {"verified", CountVerified(report.result)},
        {"tiles", totals.tiles},
        {"macs", totals.macs},
        {"cycles", totals.cycles},
        {"limit_cycles", totals.limit},
        {"utilization", Utilization(totals.macs, totals.cycles, report.settings.config)},
        {"distance", Distance(totals.cycles, totals.limit)}}},
      {"seconds",
       {{"build", report.result.build_seconds},
        {"reference", report.reference_seconds},
        {"simulation_cpu", totals.cpu_seconds},
        {"run", report.result.wall_seconds},
        {"total", report.total_seconds}}}};
  if (report.comparison) json["onnxruntime"] = ToJson(*report.comparison);
  if (report.answers) json["answers"] = ToJson(*report.answers);
  return json;
}

}  // namespace systole
