// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "sw/cli/arguments.h"
#include "sw/cli/array_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/layer_summary.h"
#include "sw/cli/model_file.h"
#include "sw/cli/output.h"
#include "sw/cli/table.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"

namespace systole {
namespace {

using Place = LayerSummary::Place;

std::string PlaceText(const LayerSummary& row) {
  switch (row.place) {
    case Place::kArray:
      return "array, " + row.mapping;
    case Place::kArrayLater:
      return "array, " + row.mapping + ", when quantized";
    case Place::kHost:
      break;
  }
  return "host";
}

const char* PlaceKey(Place place) {
  if (place == Place::kArray) return "array";
  return place == Place::kArrayLater ? "array-when-quantized" : "host";
}

std::string ToText(const std::vector<LayerSummary>& rows, const ArrayConfig& config) {
  TextTable table = {{{"layer"},
                      {"operator"},
                      {"output"},
                      {"type"},
                      {"MACs", true},
                      {"parameters", true},
                      {"runs on"}},
                     {}};
  std::int64_t macs = 0, parameters = 0, array_macs = 0;
  bool later = false;
  for (const LayerSummary& row : rows) {
    macs += row.macs;
    parameters += row.parameters;
    if (row.place != Place::kHost) array_macs += row.macs;
    later = later || row.place == Place::kArrayLater;
    table.rows.push_back(
        {row.name, row.op, ToString(row.shape), ToString(row.type),
         row.macs == 0 ? "" : Grouped(static_cast<std::uint64_t>(row.macs)),
         row.parameters == 0 ? "" : Grouped(static_cast<std::uint64_t>(row.parameters)),
         PlaceText(row)});
  }
  table.rows.push_back({""});
  table.rows.push_back(
      {fmt::format("{} layer{}", rows.size(), rows.size() == 1 ? "" : "s"), "", "", "",
       Grouped(static_cast<std::uint64_t>(macs)), Grouped(static_cast<std::uint64_t>(parameters)),
       macs == 0
           ? ""
           : fmt::format("array: {:.1f} % of the MACs",
                         100.0 * static_cast<double>(array_macs) / static_cast<double>(macs))});
  std::string text = ToText(table);
  text += fmt::format("array: {}\n", ToString(config));
  if (later) text += "A float model: `systole quantize` makes the one that runs on the array.\n";
  return text;
}

nlohmann::json ToJson(const std::string& model, const std::vector<LayerSummary>& rows,
                      const Network& network, const ArrayConfig& config) {
  nlohmann::json layers = nlohmann::json::array(), inputs = nlohmann::json::object();
  for (const LayerSummary& row : rows) {
    layers.push_back({{"name", row.name},
                      {"operator", row.op},
                      {"type", ToString(row.type)},
                      {"shape", row.shape},
                      {"macs", row.macs},
                      {"parameters", row.parameters},
                      {"place", PlaceKey(row.place)},
                      {"mapping", row.mapping}});
  }
  for (const std::string& input : network.inputs) inputs[input] = network.values.at(input).shape;
  return {{"systole", SYSTOLE_VERSION},
          {"model", {{"file", model}, {"hash", ContentHash(ReadFile(model))}}},
          {"array", config},
          {"inputs", inputs},
          {"layers", layers}};
}

void Inspect(Options& options) {
  options.Require("model.onnx", "model.onnx");
  const ArrayConfig config = ReadArrayOptions(options);
  const MappingSet mappings = ReadMapping(options);
  options.ThrowIfBad();
  const std::string model = options.Text("model.onnx");
  Network network = ReadModelFile(model).network;
  const std::map<std::string, Shape> shapes = ReadShapes(options, "--shape", network);
  options.ThrowIfBad();
  network = FuseQdq(network);
  InferShapes(network, shapes);
  const std::vector<LayerSummary> rows = Summarize(network, config, mappings);
  WriteOutput(options, ToText(rows, config), ToJson(model, rows, network, config));
}

}  // namespace

void AddInspectCommand(const Command& app) {
  const Command command = app.Add("inspect",
                                  "Table of a network's layers: shapes, "
                                  "multiply-accumulates, what runs where");
  auto options = std::make_shared<Options>(command);
  options->DeclareArgument("model.onnx",
                           "the network, quantized or float, or a SCALE-Sim topology (.csv)");
  options->Declare("--shape", "NAME=1x3x48x192",
                   "shape of an input that the model leaves open; NAME= may be left out when there "
                   "is one",
                   "Network", true);
  DeclareArrayOptions(*options);
  DeclareMapping(*options);
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole inspect lenet5.onnx\n"
      "  systole inspect mobilenet.csv --config scale.cfg\n"
      "  systole inspect classifier.onnx --shape x=1x3x48x192 --rows 32 --cols 32 --json -");
  command.SetRun([options] { Inspect(*options); });
}

}  // namespace systole
