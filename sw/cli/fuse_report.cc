// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/fuse_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "sw/cli/layer_summary.h"
#include "sw/cli/table.h"
#include "sw/cost/layer_cost.h"
#include "sw/map/layer.h"
#include "sw/quant/fuse_qdq.h"

namespace systole {
namespace {

void Add(NetworkSize& sum, const NetworkSize& size) {
  sum.macs += size.macs;
  sum.parameters += size.parameters;
  sum.cycles += size.cycles;
}

NetworkSize SumOfNamed(const std::map<std::string, NetworkSize>& sizes,
                       const std::vector<std::string>& names) {
  NetworkSize sum;
  for (const std::string& name : names) {
    if (const auto found = sizes.find(name); found != sizes.end()) Add(sum, found->second);
  }
  return sum;
}

std::string Number(std::int64_t value) { return Grouped(static_cast<std::uint64_t>(value)); }

std::string Change(const std::string& what, std::uint64_t before, std::uint64_t after) {
  const double ratio = before == 0 ? 1 : static_cast<double>(after) / static_cast<double>(before);
  return fmt::format("{}: {} before, {} after ({:.3f} x)\n", what, Grouped(before), Grouped(after),
                     ratio);
}

std::string KeptText(const std::vector<KeptLayer>& kept) {
  if (kept.empty()) return "";
  TextTable table = {{{"kept"}, {"kernel"}, {"because"}}, {}};
  for (const KeptLayer& layer : kept) {
    table.rows.push_back(
        {layer.name, fmt::format("{}x{}", layer.kernel_height, layer.kernel_width), layer.reason});
  }
  return fmt::format("\n{}", ToText(table));
}

nlohmann::json Pair(std::int64_t before, std::int64_t after) {
  return {{"before", before}, {"after", after}};
}

nlohmann::json SizesJson(const NetworkSize& before, const NetworkSize& after) {
  return {{"macs", Pair(before.macs, after.macs)},
          {"parameters", Pair(before.parameters, after.parameters)},
          {"cycles", Pair(static_cast<std::int64_t>(before.cycles),
                          static_cast<std::int64_t>(after.cycles))}};
}

}  // namespace

std::map<std::string, NetworkSize> SizesOf(const Network& network, const FuseMachine& machine) {
  // A QDQ network runs as its integer operators do; float operators that stay keep their place.
  const Network integers = FuseQdq(network);
  std::map<std::string, NetworkSize> sizes;
  for (const LayerSummary& row : Summarize(integers, machine.array, machine.mappings)) {
    sizes[row.name] = {row.macs, row.parameters, 0};
  }
  for (const Node& node : integers.nodes) {
    const std::optional<ArrayLayer> layer = DescribeQuantizedLayer(integers, node);
    if (layer) sizes[node.name].cycles = Cost(*layer, machine.array, machine.mappings).cycles;
  }
  return sizes;
}

NetworkSize SumOf(const std::map<std::string, NetworkSize>& sizes) {
  NetworkSize sum;
  for (const auto& [name, size] : sizes) Add(sum, size);
  return sum;
}

FuseSummary SummarizeFuse(const Network& before, const Network& after, const FuseReport& report,
                          const FuseMachine& machine) {
  FuseSummary summary;
  const auto old_sizes = SizesOf(before, machine), new_sizes = SizesOf(after, machine);
  summary.before = SumOf(old_sizes);
  summary.after = SumOf(new_sizes);
  for (const FusedLayer& layer : report.replaced) {
    FuseRow row{layer, {}, {}, {}};
    std::vector<std::string> old_names = layer.grown, new_names = layer.grown;
    old_names.push_back(layer.name);
    new_names.insert(new_names.end(), {layer.row, layer.column});
    row.before = SumOfNamed(old_sizes, old_names);
    row.after = SumOfNamed(new_sizes, new_names);
    for (const Node& node : before.nodes) {
      if (node.name != layer.name) continue;
      const auto value = before.values.find(node.outputs.at(0));
      if (value != before.values.end()) row.output = value->second.shape;
    }
    summary.replaced.push_back(std::move(row));
  }
  summary.kept = report.kept;
  return summary;
}

std::string ToText(const FuseSummary& summary, const FuseMachine& machine) {
  TextTable table = {{{"replaced"},
                      {"output"},
                      {"kernel"},
                      {"stride"},
                      {"MACs before", true},
                      {"MACs after", true},
                      {"cycles before", true},
                      {"cycles after", true},
                      {"grown with it"}},
                     {}};
  for (const FuseRow& row : summary.replaced) {
    std::string grown;
    for (const std::string& name : row.layer.grown) grown += (grown.empty() ? "" : ", ") + name;
    table.rows.push_back(
        {row.layer.name, ToString(row.output),
         fmt::format("{}x{}", row.layer.kernel_height, row.layer.kernel_width),
         row.layer.stride_height == row.layer.stride_width
             ? fmt::format("{}", row.layer.stride_height)
             : fmt::format("{}x{}", row.layer.stride_height, row.layer.stride_width),
         Number(row.before.macs), Number(row.after.macs), Grouped(row.before.cycles),
         Grouped(row.after.cycles), grown});
  }
  const auto count = summary.replaced.size();
  std::string text = ToText(table) + KeptText(summary.kept);
  text += fmt::format("\n{} depthwise layer{} replaced ({})\n", count, count == 1 ? "" : "s",
                      ToString(summary.variant));
  text += Change("MACs", static_cast<std::uint64_t>(summary.before.macs),
                 static_cast<std::uint64_t>(summary.after.macs));
  text += Change("parameters", static_cast<std::uint64_t>(summary.before.parameters),
                 static_cast<std::uint64_t>(summary.after.parameters));
  text += Change("cycles", summary.before.cycles, summary.after.cycles);
  text += fmt::format("array: {}\n", ToString(machine.array));
  return text;
}

nlohmann::json ToJson(const FuseSummary& summary, const FuseMachine& machine) {
  nlohmann::json replaced = nlohmann::json::array(), kept = nlohmann::json::array();
  for (const FuseRow& row : summary.replaced) {
    const FusedLayer& layer = row.layer;
    nlohmann::json json = SizesJson(row.before, row.after);
    json.update({{"name", layer.name},
                 {"output", row.output},
                 {"channels", layer.channels},
                 {"multiplier", layer.multiplier},
                 {"kernel", {layer.kernel_height, layer.kernel_width}},
                 {"stride", {layer.stride_height, layer.stride_width}},
                 {"dilation", {layer.dilation_height, layer.dilation_width}},
                 {"row", layer.row},
                 {"column", layer.column},
                 {"grown", layer.grown}});
    replaced.push_back(std::move(json));
  }
  for (const KeptLayer& layer : summary.kept) {
    kept.push_back({{"name", layer.name},
                    {"kernel", {layer.kernel_height, layer.kernel_width}},
                    {"reason", layer.reason}});
  }
  return {{"systole", SYSTOLE_VERSION},
          {"variant", ToString(summary.variant)},
          {"weights", summary.weights},
          {"correlation", summary.correlation},
          {"seed", summary.seed},
          {"array", machine.array},
          {"mapping", machine.mappings == MappingSet::kBasic ? "basic" : "best"},
          {"replaced", std::move(replaced)},
          {"kept", std::move(kept)},
          {"totals", SizesJson(summary.before, summary.after)}};
}

}  // namespace systole
