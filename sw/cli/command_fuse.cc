// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "sw/cli/arguments.h"
#include "sw/cli/array_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/fuse_report.h"
#include "sw/cli/layer_summary.h"
#include "sw/cli/output.h"
#include "sw/fuse/fuse.h"
#include "sw/fuse/variants.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

using Shapes = std::map<std::string, Shape>;
using Weights = FuseOptions::Weights;

const std::vector<std::pair<std::string, Weights>>& WeightNames() {
  static const std::vector<std::pair<std::string, Weights>> names = {
      {"separated", Weights::kSeparated},
      {"projected", Weights::kProjected},
      {"random", Weights::kRandom}};
  return names;
}

struct FuseRequest {
  FuseVariant variant = FuseVariant::kHalf;
  std::string weights;
  FuseOptions fuse{};
};

FuseRequest ReadFuseRequest(Options& options) {
  FuseRequest request;
  options.Require("--variant", "half");
  const std::string variant =
      options.Choice("--variant", {"full", "half", "full50", "half50"}, "half");
  request.variant = ParseFuseVariant(variant).value_or(FuseVariant::kHalf);
  request.fuse.half = IsHalf(request.variant);
  std::vector<std::string> choices;
  for (const auto& [name, weights] : WeightNames()) choices.push_back(name);
  request.weights = options.Choice("--weights", choices, "separated");
  for (const auto& [name, weights] : WeightNames()) {
    if (name == request.weights) request.fuse.weights = weights;
  }
  if (request.weights != "random") options.Refuse("--seed", "needs --weights random");
  if (request.weights == "random") options.Refuse("--correlation", "is not for --weights random");
  request.fuse.correlation = options.Number("--correlation", request.fuse.correlation, 0, 1);
  request.fuse.seed = static_cast<std::uint64_t>(
      options.Integer("--seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  if (!IsHalfOfLayers(request.variant)) {
    options.Refuse("--published", "needs --variant full50 or half50");
  }
  if (options.Has("--layers")) {
    options.Refuse("--published", "and --layers are two lists of layers: give one");
    const std::vector<std::string> layers = SplitNames(options.All("--layers"));
    request.fuse.nodes = std::set<std::string>(layers.begin(), layers.end());
  } else if (options.Has("--published")) {
    const std::string name =
        options.Choice("--published", NetworksWithPublishedHalf(), "mobilenet-v2");
    if (options.good()) request.fuse.nodes = PublishedHalfOfLayers(name);
  }
  return request;
}

/// The half of the layers that saves most on the array; `kept` gets the others.
std::set<std::string> ChooseHalf(const Network& network, const Shapes& shapes,
                                 const FuseMachine& machine, const FuseOptions& options,
                                 std::vector<KeptLayer>& kept) {
  FuseReport report;
  Fuse(network, options, &report);
  const auto ranking = RankLayers(network, options, [&](const Network& other) {
    Network known = other;
    InferShapes(known, shapes);
    return SumOf(SizesOf(known, machine)).cycles;
  });
  std::set<std::string> chosen = BetterHalf(ranking);
  kept = report.kept;
  for (const FusedLayer& layer : report.replaced) {
    if (chosen.contains(layer.name)) continue;
    const auto saving = std::find_if(ranking.begin(), ranking.end(),
                                     [&](const auto& s) { return s.name == layer.name; });
    kept.push_back(
        {layer.name, layer.kernel_height, layer.kernel_width,
         fmt::format("not in the half that saves most (it saves {} cycles)", saving->cycles)});
  }
  if (chosen.empty() && !ranking.empty()) {
    throw RequestError(
        fmt::format("no layer saves cycles on {}: nothing to choose", ToString(machine.array)),
        "name the layers with --layers, or choose another array");
  }
  return chosen;
}

void ThrowIfNothingReplaced(const FuseReport& report, const std::string& source) {
  if (!report.replaced.empty()) return;
  if (report.kept.empty()) {
    throw RequestError(fmt::format("{} has no depthwise convolution over a plane", source));
  }
  std::vector<Problem> problems;
  for (const KeptLayer& layer : report.kept) {
    problems.push_back(
        {fmt::format("layer \"{}\" cannot be replaced: {}", layer.name, layer.reason), ""});
  }
  throw RequestError(std::move(problems));
}

/// True when padding depends on the size of the input, so that the result is good for that only.
bool PadsBySize(const Network& network) {
  return std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) {
    return node.op.ends_with("Conv") && node.String("auto_pad", "NOTSET").starts_with("SAME");
  });
}

/// The inputs' and outputs' types as the source has them, and nothing of the tensors in between.
void RestoreTypes(const Network& source, Network& result) {
  const bool fixed = PadsBySize(source);
  std::map<std::string, ValueType> values;
  for (const std::string& name : source.outputs) {
    if (const auto found = source.values.find(name); found != source.values.end()) {
      values.insert(*found);
    }
  }
  for (const std::string& name : source.inputs) {
    ValueType value = source.values.at(name);
    if (fixed) {
      const Shape known = result.values.at(name).shape;
      value.shape.resize(known.size(), -1);
      value.has_shape = true;
      for (std::size_t i = 1; i < known.size(); ++i) {
        value.shape[i] = known[i];
        if (i < value.symbols.size()) value.symbols[i].clear();
      }
    }
    values[name] = std::move(value);
  }
  result.values = std::move(values);
}

void RunFuse(Options& options) {
  options.Require("in.onnx", "model.onnx");
  options.Require("-o", "model.half.onnx");
  FuseRequest request = ReadFuseRequest(options);
  const FuseMachine machine{ReadArrayOptions(options), ReadMapping(options)};
  const std::string source = options.Text("in.onnx"), target = options.Text("-o");
  if (options.Has("in.onnx") && options.Has("-o") && SameFile(source, target)) {
    options.Note({fmt::format("-o {} is the model itself", target), "name another file"});
  }
  options.ThrowIfBad();
  const Network network = ReadOnnx(source);
  const Shapes shapes = ReadShapes(options, "--shape", network);
  options.ThrowIfBad();
  CheckWritable(target);

  Network before = network;
  InferShapes(before, shapes);
  std::vector<KeptLayer> left;
  if (IsHalfOfLayers(request.variant) && !request.fuse.nodes) {
    request.fuse.nodes = ChooseHalf(before, shapes, machine, request.fuse, left);
  }
  FuseReport report;
  Network result = Fuse(before, request.fuse, &report);
  report.kept.insert(report.kept.end(), left.begin(), left.end());
  ThrowIfNothingReplaced(report, source);
  Network after = result;
  InferShapes(after, shapes);
  RestoreTypes(network, result);
  WriteOnnx(result, target);

  FuseSummary summary = SummarizeFuse(before, after, report, machine);
  summary.variant = request.variant;
  summary.weights = request.weights;
  summary.correlation = request.fuse.correlation;
  summary.seed = request.fuse.seed;
  nlohmann::json json = ToJson(summary, machine);
  json["source"] = {{"file", source}, {"hash", ContentHash(ReadFile(source))}};
  json["model"] = {{"file", target}, {"hash", ContentHash(ReadFile(target))}};
  WriteOutput(options, ToText(summary, machine), json);
}

}  // namespace

void AddFuseCommand(const Command& app) {
  const Command command =
      app.Add("fuse", "Replace depthwise KxK convolutions by FuSeConv's 1xK and Kx1 ones");
  auto options = std::make_shared<Options>(command);
  options->DeclareArgument("in.onnx", "the network, float or quantized");
  options->Declare("--variant", "full|half|full50|half50",
                   "both lines on all channels, or one on each half; 50: in half of the layers",
                   "FuSeConv");
  options->Declare("--layers", "A,B", "replace these depthwise layers, by name", "FuSeConv", true);
  options->Declare("--published", "NAME",
                   "with full50 and half50: the published layers of mobilenet-v1, mobilenet-v2, "
                   "mobilenet-v3-small, mobilenet-v3-large or mnasnet-b1; otherwise the half that "
                   "saves most cycles on the core below is chosen",
                   "FuSeConv");
  options->Declare("--weights", "separated|projected|random",
                   "first values of the lines: least squares of the rank-1 separation of each "
                   "kernel, or of the kernel itself, or random [separated]",
                   "FuSeConv");
  options->Declare("--correlation", "R",
                   "of neighbouring pixels, 0 to 1, for the least squares [0.5]", "FuSeConv");
  options->Declare("--seed", "N", "of --weights random [1]", "FuSeConv");
  options->Declare("--shape", "NAME=1x3x224x224",
                   "shape of an input that the model leaves open; NAME= may be left out when there "
                   "is one",
                   "Network", true);
  DeclareArrayOptions(*options);
  DeclareMapping(*options);
  options->Declare("-o", "OUT.onnx", "the network with FuSeConv", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole fuse mobilenet-v2.onnx --variant half -o mobilenet-v2.half.onnx\n"
      "  systole fuse mobilenet-v2.onnx --variant full50 --rows 64 --cols 64 -o v2.full50.onnx\n"
      "  systole fuse mobilenet-v2.onnx --variant half50 --published mobilenet-v2 -o v2.onnx");
  command.SetRun([options] { RunFuse(*options); });
}

}  // namespace systole
