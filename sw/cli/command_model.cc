// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "models/build_model.h"
#include "sw/cli/commands.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/table.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

std::string NameList() {
  std::vector<std::string_view> names;
  for (const ModelName name : AllModelNames()) names.push_back(ToString(name));
  return fmt::format("{}", fmt::join(names, ", "));
}

ModelRequest ReadRequest(Options& options) {
  ModelRequest request;
  const std::string name = options.Text("NAME");
  if (name.empty()) {
    options.Note({"NAME is missing: " + NameList(), "pass a name: systole model mobilenet-v2"});
  } else {
    try {
      request.name = ParseModelName(name);
    } catch (const RequestError& error) {
      options.Note(error.problems());
    }
  }
  request.size = options.Integer("--size", request.size, 1, kMaxModelSize);
  request.width = options.Number("--width", request.width, kMinModelWidth, kMaxModelWidth);
  request.classes = options.Integer("--classes", request.classes, 1, kMaxModelClasses);
  request.seed = static_cast<std::uint64_t>(
      options.Integer("--seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  return request;
}

/// What was written: layers are those with multiply-accumulates.
std::string Summary(Network network, const std::string& file) {
  InferShapes(network, {});
  std::uint64_t macs = 0, layers = 0;
  for (const Node& node : network.nodes) {
    const auto work = static_cast<std::uint64_t>(CountMacs(network, node).value_or(0));
    macs += work;
    layers += work > 0 ? 1 : 0;
  }
  const auto parameters = static_cast<std::uint64_t>(CountParameters(network));
  return fmt::format("{}: {}, {} nodes, {} layers, {} MACs, {} parameters\n", file, network.name,
                     network.nodes.size(), layers, Grouped(macs), Grouped(parameters));
}

void RunModel(Options& options) {
  const ModelRequest request = ReadRequest(options);
  options.Require("-o", "model.onnx");
  options.ThrowIfBad();
  const std::string target = options.Text("-o");
  CheckWritable(target);
  const Network network = BuildModel(request);
  WriteOnnx(network, target);
  fmt::print("{}", Summary(network, target));
}

}  // namespace

void AddModelCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("model", "Write a well-known network as ONNX");
  auto options = std::make_shared<Options>(*command);
  options->DeclareArgument("NAME", NameList());
  options->Declare("--size", "N", "height and width of the input [224]", "Network");
  options->Declare("--width", "W", "multiplies the numbers of channels [1]", "Network");
  options->Declare("--classes", "N", "outputs of the classifier [1000]", "Network");
  options->Declare("--seed", "N", "of the random weights [1]", "Network");
  options->Declare("-o", "OUT.onnx", "the network", "Output");
  command->footer(
      "Examples:\n"
      "  systole model mobilenet-v2 -o mobilenet-v2.onnx\n"
      "  systole model resnet-18 --size 64 --width 0.5 --classes 10 --seed 7 -o small.onnx");
  command->final_callback([options] { RunModel(*options); });
}

}  // namespace systole
