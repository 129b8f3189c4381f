// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "sw/cli/arguments.h"
#include "sw/cli/array_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/model_file.h"
#include "sw/cli/output.h"
#include "sw/cli/progress.h"
#include "sw/cli/run_progress.h"
#include "sw/cli/run_report.h"
#include "sw/map/layer.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/scale_sim/compute_report.h"

namespace systole {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// --trace, --trace-layer and --trace-cycles belong together.
std::optional<TraceRequest> ReadTrace(Options& options) {
  if (!options.Has("--trace")) {
    options.Refuse("--trace-layer", "needs --trace");
    options.Refuse("--trace-cycles", "needs --trace");
    return std::nullopt;
  }
  options.Require("--trace-layer", "LAYER");
  TraceRequest trace{options.Text("--trace"), options.Text("--trace-layer")};
  const std::string cycles = options.Text("--trace-cycles", ":");
  const std::size_t colon = cycles.find(':');
  const std::string from = cycles.substr(0, colon);
  const std::string to = colon == std::string::npos ? "x" : cycles.substr(colon + 1);
  const auto first = from.empty() ? std::optional<std::int64_t>(0) : ParseInteger(from);
  const auto last = to.empty() ? std::optional<std::int64_t>(INT64_MAX) : ParseInteger(to);
  if (!first || !last || *first < 0 || *last <= *first) {
    options.Note({fmt::format("--trace-cycles {} is no range of cycles", cycles),
                  "pass --trace-cycles 0:2000, the end excluded"});
    return std::nullopt;
  }
  trace.from = static_cast<std::uint64_t>(*first);
  trace.to = static_cast<std::uint64_t>(*last);
  return trace;
}

RunSettings ReadSettings(Options& options) {
  RunSettings settings;
  settings.config = ReadArrayOptions(options);
  settings.mappings = ReadMapping(options);
  settings.engine =
      options.Choice("--engine", {"rtl", "model"}, "rtl") == "rtl" ? Engine::kRtl : Engine::kModel;
  settings.layers = SplitNames(options.All("--layers"));
  settings.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  settings.stall = static_cast<std::uint8_t>(256 * options.Number("--stall", 0, 0, 0.95));
  settings.seed = static_cast<std::uint64_t>(options.Integer("--seed", 1, 0, INT64_MAX));
  settings.trace = ReadTrace(options);
  settings.cache_dir = options.Text("--cache-dir");
  if (settings.engine == Engine::kModel) {
    for (const char* name : {"--stall", "--seed", "--jobs", "--trace", "--cache-dir"}) {
      options.Refuse(name, "has no meaning with --engine model: nothing is simulated");
    }
  }
  return settings;
}

/// Brings the network into the form in which the array runs it; refuses float models.
Network FuseQuantized(const Network& read, const std::string& model) {
  Network network = FuseQdq(read);
  std::size_t integer = 0;
  const Node* real = nullptr;
  for (const Node& node : network.nodes) {
    if (node.op == "QLinearConv" || node.op == "QLinearMatMul" || node.op == "ConvInteger" ||
        node.op == "MatMulInteger") {
      ++integer;
    } else if (real == nullptr && (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul")) {
      real = &node;
    }
  }
  if (integer == 0 && real != nullptr) {
    throw RequestError(
        fmt::format("{} is a float model: the array multiplies integers (node \"{}\" is a float "
                    "{})",
                    model, real->name, real->op),
        fmt::format("run `systole quantize {} --calibrate {}=FILE.npy -o {}` first", model,
                    network.inputs.empty() ? "NAME" : network.inputs.front(),
                    std::filesystem::path(model).stem().string() + ".int8.onnx"));
  }
  return network;
}

std::map<std::string, Shape> ShapesOf(const Tensors& tensors) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, tensor] : tensors) shapes[name] = tensor.shape();
  return shapes;
}

/// The reference's value of every tensor.
Tensors ExecuteReference(const Network& network, const Tensors& inputs, ProgressLine& line) {
  std::size_t done = 0;
  Tensors values = ExecuteNetwork(network, inputs, [&](const Node& node, const Tensors&) {
    ThrowIfInterrupted();
    line.Show(
        fmt::format("reference: {} of {} layers, {}", ++done, network.nodes.size(), node.name));
  });
  for (const auto& [name, tensor] : inputs) values.insert({name, tensor});
  return values;
}

void ReadAnswersInto(RunReport& report, const Options& options, const Network& network,
                     const Tensors& values) {
  if (!network.outputs.empty()) report.answers = ReadAnswers(values.at(network.outputs.front()));
  if (!options.Has("--labels")) return;
  const std::string file = options.Text("--labels");
  if (!report.answers) {
    throw RequestError(
        fmt::format("--labels {}: the network's output is no score for each class", file),
        "leave --labels out");
  }
  SetLabels(*report.answers, ReadTensor(file), file);
}

std::vector<ComputeReportLayer> ReportLayers(const RunReport& report, const Network& network,
                                             const std::optional<Topology>& topology) {
  std::vector<ComputeReportLayer> layers;
  for (const LayerResult& result : report.result.layers) {
    ComputeReportLayer& row = layers.emplace_back();
    row.name = result.node;
    for (const Node& node : network.nodes) {
      if (node.name == result.node) row.layer = DescribeArrayLayer(network, node).value();
    }
    for (const TopologyLayer& layer : topology ? topology->layers : std::vector<TopologyLayer>()) {
      if (layer.name == result.node) row.written = layer.written;
    }
    row.tiling = PlanLayer(row.layer, report.settings.config, report.settings.mappings);
    row.cycles = result.cycles;
    row.model_cycles = result.model_cycles;
  }
  return layers;
}

void Run(Options& options) {
  const Clock::time_point start = Clock::now();
  options.Require("model.onnx", "model.int8.onnx");
  RunReport report;
  report.settings = ReadSettings(options);
  options.ThrowIfBad();
  const InterruptGuard guard;
  report.model_file = options.Text("model.onnx");
  const ModelFile model = ReadModelFile(report.model_file, report.settings.seed);
  Network network = FuseQuantized(model.network, report.model_file);
  report.model_hash = ContentHash(ReadFile(report.model_file));
  const bool seeded = model.topology && !options.Has("--input");
  const Tensors inputs = seeded ? SeededInputs(network, report.settings.seed)
                                : ReadInputs(options, "--input", network);
  options.ThrowIfBad();
  for (const char* name : {"--json", "--trace", "--compute-report"}) {
    const std::string file = options.Text(name);
    if (!file.empty() && file != "-") CheckWritable(file);
  }
  InferShapes(network, ShapesOf(inputs));

  ProgressLine line(stderr);
  const Clock::time_point reference_start = Clock::now();
  const Tensors values = ExecuteReference(network, inputs, line);
  report.reference_seconds = SecondsSince(reference_start);
  if (!seeded) ReadAnswersInto(report, options, network, values);
  if (options.Has("--compare")) {
    const std::string folder = options.Text("--compare");
    std::string runtime;
    const Tensors theirs = ReadTensorFolder(folder, runtime);
    report.comparison = CompareTensors(network, values, theirs);
    report.comparison->folder = folder;
    report.comparison->runtime = runtime;
  }
  report.result = RunLayers(network, values, report.settings, ProgressHooks(line));
  line.Clear();
  if (report.result.stopped) throw Interrupted();
  report.total_seconds = SecondsSince(start);
  if (options.Has("--compute-report")) {
    WriteFile(options.Text("--compute-report"),
              ComputeReport(ReportLayers(report, network, model.topology), report.settings.config));
  }
  WriteOutput(options, ToText(report), ToJson(report));
  ThrowUnlessGood(report);
}

void DeclareOptions(Options& options) {
  options.DeclareArgument(
      "model.onnx",
      "the quantized network, in QDQ or QOperator form, or a SCALE-Sim topology (.csv)");
  options.Declare("--input", "NAME=FILE.npy",
                  "value of an input, .npy or .pb; NAME= may be left out when there is one",
                  "Network", true);
  options.Declare("--labels", "FILE.npy", "right classes: counts the right answers", "Network");
  options.Declare("--layers", "A,B", "only these array layers, by name", "Network", true);
  DeclareArrayOptions(options);
  DeclareMapping(options);
  options.Declare("--engine", "rtl|model",
                  "run the generated Verilog, or only evaluate the cycle formulas [rtl]", "Run");
  options.Declare("--jobs", "N", fmt::format("worker processes, a layer each [{}]", Processors()),
                  "Run");
  options.Declare("--stall", "P", "chance of a pause of every stream, 0 to 0.95 [0]", "Run");
  options.Declare("--seed", "N", "seed of the pauses, and of a topology's values [1]", "Run");
  options.Declare("--cache-dir", "DIR", "where compiled models are kept [~/.cache/systole]", "Run");
  options.Declare("--trace", "FILE.fst", "waveform of one layer", "Waveform");
  options.Declare("--trace-layer", "LAYER", "the layer, by name", "Waveform");
  options.Declare("--trace-cycles", "A:B", "only cycles A to B of it, B excluded", "Waveform");
  options.Declare("--compare", "DIR",
                  "compare every tensor with ONNX Runtime's, written by models/ort_run.mjs",
                  "Output");
  options.Declare("--compute-report", "FILE.csv",
                  "the layers in the shape of SCALE-Sim's COMPUTE_REPORT.csv, its cycles beside "
                  "Systole's",
                  "Output");
  DeclareJson(options);
}

}  // namespace

void AddRunCommand(const Command& app) {
  const Command command =
      app.Add("run",
              "Run a quantized network's array layers on the generated core and compare every byte "
              "and cycle");
  auto options = std::make_shared<Options>(command);
  DeclareOptions(*options);
  command.SetFooter(
      "The exit status is 1 when one byte or one cycle differs.\n\n"
      "Examples:\n"
      "  systole run lenet5.int8.onnx --input digits.npy --labels labels.npy\n"
      "  systole run net.int8.onnx --input x=samples.npy --rows 32 --cols 32 --dataflow os\n"
      "  systole run net.int8.onnx --input x=samples.npy --engine model --json -\n"
      "  systole run mobilenet.csv --config scale.cfg --compute-report COMPUTE_REPORT.csv\n"
      "  systole run net.int8.onnx --input samples.npy --layers Conv_3 \\\n"
      "      --trace conv3.fst --trace-layer Conv_3 --trace-cycles 0:5000");
  command.SetRun([options] { Run(*options); });
}

}  // namespace systole
