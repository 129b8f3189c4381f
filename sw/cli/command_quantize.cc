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
#include "sw/cli/output.h"
#include "sw/cli/progress.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/quant/quantize.h"

namespace systole {
namespace {

QuantizeOptions ReadQuantizeOptions(Options& options) {
  QuantizeOptions result;
  const bool percentile =
      options.Choice("--method", {"minmax", "percentile"}, "minmax") == "percentile";
  result.method = percentile ? CalibrationMethod::kPercentile : CalibrationMethod::kMinMax;
  if (!percentile) options.Refuse("--percentile", "needs --method percentile");
  result.percentile = options.Number("--percentile", result.percentile, 50.1, 100);
  result.activations = options.Choice("--activations", {"int8", "uint8"}, "int8") == "int8"
                           ? ElementType::kInt8
                           : ElementType::kUint8;
  result.format = options.Choice("--format", {"qoperator", "qdq"}, "qoperator") == "qdq"
                      ? QuantFormat::kQdq
                      : QuantFormat::kQOperator;
  for (std::string& name : SplitNames(options.All("--keep-float"))) {
    result.keep_float.insert(std::move(name));
  }
  return result;
}

std::string Summary(const Network& network, const std::string& file, std::size_t samples) {
  std::size_t on_array = 0;
  for (const Node& node : FuseQdq(network).nodes) {
    if (node.op.starts_with("QLinear") || node.op.ends_with("Integer")) ++on_array;
  }
  return fmt::format("{}: {} nodes, {} layers for the array; calibrated with {} sample{}\n", file,
                     network.nodes.size(), on_array, samples, samples == 1 ? "" : "s");
}

void RunQuantize(Options& options) {
  options.Require("in.onnx", "model.onnx");
  options.Require("-o", "model.int8.onnx");
  options.Require("--calibrate", "NAME=samples.npy");
  QuantizeOptions quantize = ReadQuantizeOptions(options);
  const std::string source = options.Text("in.onnx"), target = options.Text("-o");
  if (options.Has("in.onnx") && options.Has("-o") && SameFile(source, target)) {
    options.Note({fmt::format("-o {} is the model itself", target), "name another file"});
  }
  options.ThrowIfBad();
  const InterruptGuard guard;
  const Network network = ReadOnnx(source);
  RefuseUnsupported(network);
  const Tensors inputs = ReadInputs(options, "--calibrate", network);
  options.ThrowIfBad();
  CheckWritable(target);

  ProgressLine line(stderr);
  quantize.progress = [&line](std::size_t done, std::size_t total) {
    ThrowIfInterrupted();
    line.Show(fmt::format("calibration: {} of {} runs", done, total));
  };
  const Network result = Quantize(network, {inputs}, quantize);
  ThrowIfInterrupted();
  WriteOnnx(result, target);
  line.Clear();
  const Shape& shape = inputs.begin()->second.shape();
  const std::size_t samples = shape.empty() ? 1 : static_cast<std::size_t>(shape.front());
  WriteOutput(options, Summary(result, target, samples),
              {{"systole", SYSTOLE_VERSION},
               {"source", {{"file", source}, {"hash", ContentHash(ReadFile(source))}}},
               {"model", {{"file", target}, {"hash", ContentHash(ReadFile(target))}}},
               {"method", options.Text("--method", "minmax")},
               {"percentile", quantize.percentile},
               {"activations", ToString(quantize.activations)},
               {"format", options.Text("--format", "qoperator")},
               {"samples", samples},
               {"nodes", result.nodes.size()}});
}

}  // namespace

void AddQuantizeCommand(const Command& app) {
  const Command command =
      app.Add("quantize", "Quantize a float network to int8 after its training");
  auto options = std::make_shared<Options>(command);
  options->DeclareArgument("in.onnx", "the float network");
  options->Declare("--calibrate", "NAME=FILE.npy",
                   "samples of an input, .npy or .pb; NAME= may be left out when there is one",
                   "Calibration", true);
  options->Declare("--method", "minmax|percentile",
                   "range of a tensor: all values, or the share of --percentile [minmax]",
                   "Calibration");
  options->Declare("--percentile", "P", "share of the values inside the range, in percent [99.99]",
                   "Calibration");
  options->Declare("--activations", "int8|uint8", "type of the activations [int8]", "Network");
  options->Declare("--format", "qoperator|qdq",
                   "QLinearConv and its like, or DequantizeLinear around float operators "
                   "[qoperator]",
                   "Network");
  options->Declare("--keep-float", "A,B", "nodes that stay float, by name", "Network", true);
  options->Declare("-o", "OUT.onnx", "the quantized network", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole quantize lenet5.onnx --calibrate digits.npy -o lenet5.int8.onnx\n"
      "  systole quantize net.onnx --calibrate x=samples.npy --method percentile \\\n"
      "      --percentile 99.9 --activations uint8 --format qdq -o net.qdq.onnx");
  command.SetRun([options] { RunQuantize(*options); });
}

}  // namespace systole
