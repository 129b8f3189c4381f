// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/prune_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "sw/cli/table.h"

namespace systole {
namespace {

struct PruneTotals {
  ZeroCount before, after;
};

PruneTotals Sum(const PruneReport& report) {
  PruneTotals totals;
  std::set<std::string> seen;
  for (const PrunedLayer& layer : report.layers) {
    if (!seen.insert(layer.weights.tensor).second) continue;
    totals.before += layer.before;
    totals.after += layer.after;
  }
  return totals;
}

std::string Number(std::int64_t value) { return Grouped(static_cast<std::uint64_t>(value)); }

std::vector<std::string> Cells(std::vector<std::string> cells, const ZeroCount& before,
                               const ZeroCount& after, bool counted_only) {
  cells.push_back(Number(after.values));
  if (!counted_only) cells.push_back(Percent(before.density()));
  cells.push_back(Percent(after.density()));
  if (!counted_only) cells.push_back(Percent(before.zero_line_share()));
  cells.push_back(Percent(after.zero_line_share()));
  return cells;
}

std::string MethodText(const PruneOptions& options) {
  switch (options.method) {
    case PruneMethod::kMagnitude:
      return "single weights by magnitude";
    case PruneMethod::kSimd:
      return fmt::format("aligned groups of {} in each row, by root mean square", options.group);
    case PruneMethod::kLine:
      return fmt::format("whole lines of {} bytes, by root mean square", options.line_bytes);
  }
  return "";
}

nlohmann::json ZerosJson(const ZeroCount& zeros) {
  return {{"nonzero", zeros.nonzero}, {"lines", zeros.lines}, {"zero_lines", zeros.zero_lines}};
}

}  // namespace

std::string ToText(const PruneReport& report, const PruneOptions& options, bool counted_only) {
  TextTable table;
  table.columns = {{"layer"}, {"operator"}, {"type"}, {"shape"}, {"weights", true}};
  if (counted_only) {
    table.columns.insert(table.columns.end(), {{"density", true}, {"zero lines", true}});
  } else {
    table.columns.insert(
        table.columns.end(),
        {{"density before", true}, {"after", true}, {"zero lines before", true}, {"after", true}});
  }
  for (const PrunedLayer& layer : report.layers) {
    table.rows.push_back(
        Cells({layer.weights.layer, layer.weights.op, ToString(layer.type), ToString(layer.shape)},
              layer.before, layer.after, counted_only));
  }
  const PruneTotals totals = Sum(report);
  table.rows.push_back({""});
  table.rows.push_back(Cells({fmt::format("{} layers", report.layers.size()), "", "", ""},
                             totals.before, totals.after, counted_only));
  std::string text = ToText(table);
  if (!report.skipped.empty()) {
    TextTable skipped = {{{"left alone"}, {"operator"}, {"because"}}, {}};
    for (const SkippedLayer& layer : report.skipped) {
      skipped.rows.push_back({layer.layer, layer.op, layer.reason});
    }
    text += fmt::format("\n{}", ToText(skipped));
  }
  if (!counted_only) text += fmt::format("pruned: {}\n", MethodText(options));
  text += fmt::format("zeros: {} of the weights; zero lines: of {} bytes, {} of {}\n",
                      Percent(totals.after.zero_share()), options.line_bytes,
                      Number(totals.after.zero_lines), Number(totals.after.lines));
  return text;
}

nlohmann::json ToJson(const PruneReport& report, const PruneOptions& options) {
  nlohmann::json layers = nlohmann::json::array(), skipped = nlohmann::json::array();
  for (const PrunedLayer& layer : report.layers) {
    nlohmann::json json = {{"name", layer.weights.layer},    {"operator", layer.weights.op},
                           {"tensor", layer.weights.tensor}, {"type", ToString(layer.type)},
                           {"shape", layer.shape},           {"row", layer.weights.row},
                           {"weights", layer.after.values},  {"before", ZerosJson(layer.before)},
                           {"after", ZerosJson(layer.after)}};
    if (layer.target) json["density"] = *layer.target;
    layers.push_back(std::move(json));
  }
  for (const SkippedLayer& layer : report.skipped) {
    skipped.push_back({{"name", layer.layer}, {"operator", layer.op}, {"reason", layer.reason}});
  }
  const PruneTotals totals = Sum(report);
  return {{"systole", SYSTOLE_VERSION},
          {"method", ToString(options.method)},
          {"group", options.group},
          {"line_bytes", options.line_bytes},
          {"layers", std::move(layers)},
          {"skipped", std::move(skipped)},
          {"totals",
           {{"weights", totals.after.values},
            {"before", ZerosJson(totals.before)},
            {"after", ZerosJson(totals.after)}}}};
}

std::string ToText(const std::vector<ActivationZeros>& activations) {
  TextTable table = {
      {{"activation"}, {"operator"}, {"type"}, {"shape"}, {"zeros", true}, {"zero lines", true}},
      {}};
  for (const ActivationZeros& tensor : activations) {
    table.rows.push_back({tensor.tensor, tensor.producer.empty() ? "input" : tensor.op,
                          ToString(tensor.type), ToString(tensor.shape),
                          Percent(tensor.zeros.zero_share()),
                          Percent(tensor.zeros.zero_line_share())});
  }
  const ZeroCount sum = ZerosOfLayerInputs(activations);
  table.rows.push_back({""});
  table.rows.push_back(
      {"inputs of layers", "", "", "", Percent(sum.zero_share()), Percent(sum.zero_line_share())});
  return ToText(table);
}

nlohmann::json ToJson(const std::vector<ActivationZeros>& activations) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const ActivationZeros& tensor : activations) {
    nlohmann::json json = ZerosJson(tensor.zeros);
    json.update({{"tensor", tensor.tensor},
                 {"node", tensor.producer},
                 {"operator", tensor.op},
                 {"feeds_layer", tensor.feeds_layer},
                 {"type", ToString(tensor.type)},
                 {"shape", tensor.shape},
                 {"values", tensor.zeros.values}});
    tensors.push_back(std::move(json));
  }
  return tensors;
}

}  // namespace systole
