// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "sw/cli/arguments.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/layer_summary.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/progress.h"
#include "sw/cli/prune_report.h"
#include "sw/onnx/onnx_io.h"
#include "sw/prune/activations.h"
#include "sw/prune/prune.h"
#include "sw/prune/published.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

bool AsksForDensities(const Options& options) {
  return options.Has("--density") || options.Has("--layers") || options.Has("--published");
}

/// Takes `NAME=D` apart, at the last '=': names may have one.
void ReadLayerDensities(Options& options, std::map<std::string, double>& densities) {
  std::map<std::string, double> given;
  for (const std::string& item : SplitNames(options.All("--layers"))) {
    const std::size_t split = item.rfind('=');
    const auto density =
        split == std::string::npos ? std::nullopt : ParseNumber(item.substr(split + 1));
    if (!density || split == 0) {
      options.Note({fmt::format("--layers {} is no NAME=DENSITY", item),
                    "pass --layers conv1=0.84,fc6=0.09"});
      continue;
    }
    if (!given.emplace(item.substr(0, split), *density).second) {
      options.Note({fmt::format("--layers names \"{}\" twice", item.substr(0, split)),
                    "give every layer one density"});
    }
  }
  for (const auto& [name, density] : given) densities[name] = density;
}

PruneOptions ReadPruneOptions(Options& options) {
  PruneOptions result;
  const std::string method = options.Choice("--method", {"magnitude", "simd", "line"}, "magnitude");
  result.method = ParsePruneMethod(method).value_or(PruneMethod::kMagnitude);
  if (method != "simd") options.Refuse("--group", "needs --method simd");
  result.group = options.Integer("--group", result.group, 1, kMaxPruneGroup);
  result.line_bytes =
      options.Integer("--line-bytes", result.line_bytes, kMinLineBytes, kMaxLineBytes);
  if (options.Has("--published")) {
    const std::string name =
        options.Choice("--published", NetworksWithPublishedDensities(), "alexnet");
    if (options.good()) result.densities = PublishedDensities(name);
  }
  if (options.Has("--density")) result.density = options.Number("--density", 1, 0, 1);
  ReadLayerDensities(options, result.densities);
  return result;
}

/// Runs the network on the inputs of `--input`, counting; nothing without them.
std::vector<ActivationZeros> RunInputs(const Network& network, const Tensors& inputs,
                                       std::int64_t line_bytes) {
  if (inputs.empty()) return {};
  const InterruptGuard guard;
  ProgressLine line(stderr);
  std::size_t done = 0;
  const Tensors tensors = ExecuteNetwork(network, inputs, [&](const Node&, const Tensors&) {
    ThrowIfInterrupted();
    line.Show(fmt::format("activations: {} of {} nodes", ++done, network.nodes.size()));
  });
  line.Clear();
  return CountActivationZeros(network, tensors, line_bytes);
}

void RunPrune(Options& options) {
  options.Require("in.onnx", "model.onnx");
  const PruneOptions prune = ReadPruneOptions(options);
  const bool counted_only = !AsksForDensities(options);
  const std::string source = options.Text("in.onnx"), target = options.Text("-o");
  if (counted_only) {
    const std::string why = "needs --density, --layers or --published; without, zeros are counted";
    for (const char* name : {"-o", "--method", "--group"}) options.Refuse(name, why);
  } else {
    options.Require("-o", "model.pruned.onnx");
  }
  if (options.Has("in.onnx") && options.Has("-o") && SameFile(source, target)) {
    options.Note({fmt::format("-o {} is the model itself", target), "name another file"});
  }
  options.ThrowIfBad();

  Network network = ReadOnnx(source);
  Tensors inputs;
  if (options.Has("--input")) {
    RefuseUnsupported(network);
    inputs = ReadInputs(options, "--input", network);
    options.ThrowIfBad();
  }
  PruneReport report;
  nlohmann::json model;
  if (counted_only) {
    report = CountZeros(network, prune.line_bytes);
  } else {
    CheckWritable(target);
    network = Prune(std::move(network), prune, &report);
    WriteOnnx(network, target);
    model = {{"file", target}, {"hash", ContentHash(ReadFile(target))}};
  }
  const auto activations = RunInputs(network, inputs, prune.line_bytes);
  std::string text = ToText(report, prune, counted_only);
  nlohmann::json json = ToJson(report, prune);
  json["source"] = {{"file", source}, {"hash", ContentHash(ReadFile(source))}};
  if (!counted_only) json["model"] = std::move(model);
  if (!inputs.empty()) {
    json["activations"] = ToJson(activations);
    text += "\n" + ToText(activations);
  }
  WriteOutput(options, text, json);
}

}  // namespace

void AddPruneCommand(const Command& app) {
  const Command command = app.Add("prune", "Set weights to zero, or count the weights that are");
  auto options = std::make_shared<Options>(command);
  options->DeclareArgument("in.onnx", "the network, float or quantized");
  options->Declare("--density", "D", "share of its weights that each layer keeps, 0 to 1",
                   "Densities");
  options->Declare("--published", "NAME",
                   "the published densities of a network that `systole model` makes: alexnet, "
                   "squeezenet, vgg-16",
                   "Densities");
  options->Declare("--layers", "A=D,B=D", "densities of layers by name; these win over the others",
                   "Densities", true);
  options->Declare("--method", "magnitude|simd|line",
                   "what goes to zero together: single weights, aligned SIMD groups of a row, "
                   "cache lines of the stored tensor [magnitude]",
                   "Groups");
  options->Declare("--group", "N", "weights of a SIMD group [8]", "Groups");
  options->Declare("--line-bytes", "N",
                   "bytes of a cache line, a power of two; all-zero lines are counted by it as "
                   "well [32]",
                   "Groups");
  options->Declare("--input", "NAME=FILE.npy",
                   "value of an input, .npy or .pb: runs the network that results and counts the "
                   "zeros of its activations",
                   "Activations", true);
  options->Declare("-o", "OUT.onnx", "the pruned network; without densities, zeros are counted",
                   "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole prune alexnet.onnx --published alexnet -o alexnet.pruned.onnx\n"
      "  systole prune lenet5.onnx --method simd --density 0.2 --layers conv1=1 -o "
      "lenet5.simd.onnx\n"
      "  systole prune lenet5.simd.onnx --line-bytes 64 --input digits.npy");
  command.SetRun([options] { RunPrune(*options); });
}

}  // namespace systole
