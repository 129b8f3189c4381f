// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <memory>

#include "models/build_model.h"
#include "models/pictures.h"
#include "models/tfjs.h"
#include "models/tflite.h"
#include "sw/cli/commands.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/table.h"
#include "sw/ir/graph.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

std::string NameList() {
  std::vector<std::string_view> names;
  for (const ModelName name : AllModelNames()) names.push_back(ToString(name));
  return fmt::format("{}", fmt::join(names, ", "));
}

ModelRequest ReadModelRequest(Options& options) {
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
  if (options.Has("--size")) {
    request.size = options.Integer("--size", DefaultModelSize(request.name),
                                   MinModelSize(request.name), kMaxModelSize);
  }
  request.width = options.Number("--width", request.width, kMinModelWidth, kMaxModelWidth);
  request.classes = options.Integer("--classes", request.classes, 1, kMaxModelClasses);
  return request;
}

void RefuseRequest(Options& options, const std::string& source) {
  const std::string why = "does not go with " + source + ", whose file holds the whole network";
  options.Refuse("NAME", why);
  for (const char* name : {"--size", "--width", "--classes"}) options.Refuse(name, why);
}

/// Pictures of the size that the network takes. Those of `systole model NAME` are normalized.
Tensor DrawSamples(const Network& network, std::int64_t count, std::uint64_t seed, bool natural,
                   bool normalize) {
  const Shape& shape = network.values.at(network.inputs.at(0)).shape;
  if (shape.size() != 4 || shape[1] != 3 || shape[2] != shape[3]) {
    throw RequestError(
        fmt::format("--samples: the network's input is {}, no square picture of "
                    "three colours",
                    ToString(shape)));
  }
  Tensor pictures =
      natural ? NaturalPictures(count, shape[2], seed) : DrawPictures(count, shape[2], seed);
  return normalize ? Normalized(std::move(pictures)) : pictures;
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
  const bool tflite = options.Has("--from-tflite");
  const bool build = !tflite && !options.Has("--from-tfjs");
  if (tflite) options.Refuse("--from-tfjs", "and --from-tflite are two networks: give one");
  ModelRequest request;
  if (build) {
    request = ReadModelRequest(options);
  } else {
    RefuseRequest(options, tflite ? "--from-tflite" : "--from-tfjs");
  }
  request.seed = static_cast<std::uint64_t>(
      options.Integer("--seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  if (!options.Has("--samples")) {
    for (const char* name : {"--sample-count", "--sample-kind"}) {
      options.Refuse(name, "needs --samples FILE");
    }
  }
  const bool natural = options.Choice("--sample-kind", {"drawn", "natural"}, "drawn") == "natural";
  const std::int64_t count = options.Integer("--sample-count", 4, 1, 4096);
  options.Require("-o", "model.onnx");
  const std::string target = options.Text("-o"), samples = options.Text("--samples");
  if (!samples.empty() && samples == target) {
    options.Note({fmt::format("--samples {} is the model itself", samples), "name another file"});
  }
  options.ThrowIfBad();
  CheckWritable(target);
  Network network = build    ? BuildModel(request)
                    : tflite ? ReadTflite(options.Text("--from-tflite"))
                             : ReadTfjs(options.Text("--from-tfjs"));
  if (options.Has("--until")) network = UpTo(std::move(network), options.Text("--until"));
  if (!samples.empty()) {
    CheckWritable(samples);
    WriteTensor(DrawSamples(network, count, request.seed, natural, build), samples);
  }
  WriteOnnx(network, target);
  fmt::print("{}", Summary(network, target));
}

}  // namespace

void AddModelCommand(const Command& app) {
  const Command command = app.Add(
      "model", "Write a well-known network, or a trained one of TensorFlow.js or Lite, as ONNX");
  auto options = std::make_shared<Options>(command);
  options->DeclareArgument("NAME", NameList());
  options->Declare("--size", "N", "height and width of the input [224; alexnet and squeezenet 227]",
                   "Network");
  options->Declare("--width", "W", "multiplies the numbers of channels [1]", "Network");
  options->Declare("--classes", "N", "outputs of the classifier [1000]", "Network");
  options->Declare("--seed", "N", "of the random weights and of the pictures [1]", "Network");
  options->Declare("--from-tfjs", "model.json",
                   "in place of NAME: a trained Keras network in TensorFlow.js's layers format",
                   "Network");
  options->Declare("--from-tflite", "FILE.tflite",
                   "in place of NAME: a float network of TensorFlow Lite, dense or sparse",
                   "Network");
  options->Declare("--until", "NODE", "only up to this node, by name", "Network");
  options->Declare("-o", "OUT.onnx", "the network", "Output");
  options->Declare("--samples", "FILE.npy", "also draw pictures as inputs, to calibrate with",
                   "Output");
  options->Declare("--sample-kind", "drawn|natural",
                   "drawn: grounds, discs, bars; natural: noise with the spectrum of photographs "
                   "[drawn]",
                   "Output");
  options->Declare("--sample-count", "N", "how many [4]", "Output");
  command.SetFooter(
      "Examples:\n"
      "  systole model mobilenet-v2 -o mobilenet-v2.onnx --samples pictures.npy\n"
      "  systole model alexnet -o alexnet.onnx --samples natural.npy --sample-kind natural\n"
      "  systole model resnet-18 --size 64 --width 0.5 --classes 10 --seed 7 -o small.onnx\n"
      "  systole model --from-tfjs models/mobilenet-v2/model.json -o trained.onnx\n"
      "  systole model --from-tflite models/face/full_range_sparse.tflite -o face.onnx");
  command.SetRun([options] { RunModel(*options); });
}

}  // namespace systole
