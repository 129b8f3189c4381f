// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/cli/array_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/config_file.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/read_list.h"
#include "sw/cli/study_report.h"
#include "sw/cli/study_rtl.h"
#include "sw/study/plots.h"
#include "sw/study/study_csv.h"

namespace systole {
namespace {

template <typename T>
bool Has(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// "mobilenet-v2/half"
std::pair<ModelName, NetworkVariant> ParseLayerRequest(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    throw RequestError(fmt::format("--layers {} names no variant", text),
                       "pass --layers mobilenet-v2/half");
  }
  return {ParseModelName(text.substr(0, slash)), ParseNetworkVariant(text.substr(slash + 1))};
}

/// The pictures, each in a file of its own.
void WritePlots(const std::filesystem::path& folder, const std::vector<StudyNetwork>& networks,
                const StudyReport& report) {
  std::vector<StudyReport> sizes;
  for (const int size : {8, 16, 32, 64, 128, 256}) sizes.push_back(Evaluate(networks, size, size));
  WriteFile(folder / "fuseconv-speedup.svg", PlotSpeedups(report));
  WriteFile(folder / "fuseconv-baselines.svg", PlotBaselines(report));
  WriteFile(folder / "fuseconv-kinds.svg", PlotKinds(report));
  WriteFile(folder / "fuseconv-sizes.svg", PlotSizes(sizes));
  for (const NetworkStudy& network : report.networks) {
    WriteFile(folder / fmt::format("fuseconv-blocks-{}.svg", ToString(network.name)),
              PlotBlockSpeedups(report, network));
  }
}

/// --config FILE gives --rows and --cols; the dataflow is what the study compares.
void ApplyConfig(Options& options) {
  if (!options.Has("--config")) return;
  const std::string file = options.Text("--config");
  try {
    for (const auto& [key, text] : ReadConfigFile(file)) {
      if (key == "rows" || key == "cols") {
        options.SetDefault("--" + key, text, file + ": ");
      } else if (key != "dataflow") {
        options.Note(Problem{fmt::format("{}: {} has no meaning in a study", file, key),
                             "use rows and cols"});
      }
    }
  } catch (const RequestError& error) {
    options.Note(error.problems());
  }
}

Machine ParseMachine(const std::string& text) {
  for (const Machine machine : kAllMachines) {
    if (Key(machine) == text) return machine;
  }
  throw RequestError(fmt::format("--machines {} is unknown", text), "use os-basic, os, os+stos");
}

RtlStudySettings ReadRtlSettings(Options& options, bool on_rtl) {
  RtlStudySettings settings;
  settings.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  settings.store = options.Text("--store", "out/study");
  settings.cache_dir = options.Text("--cache-dir");
  if (!on_rtl) {
    for (const char* name : {"--machines", "--jobs", "--store", "--cache-dir"}) {
      options.Refuse(name, "needs --rtl");
    }
  }
  return settings;
}

void StudyFuseConv(Options& options) {
  ApplyConfig(options);
  const int rows = static_cast<int>(options.Integer("--rows", 64, 1, 256));
  const int cols = static_cast<int>(options.Integer("--cols", 64, 1, 256));
  const std::int64_t size = options.Integer("--size", 224, 32, 4096);
  const auto networks =
      ReadList(options, "--networks", PublishedNetworks(), [](const std::string& name) {
        const ModelName network = ParseModelName(name);
        if (!PublishedCycles(network, NetworkVariant::kBaseline)) {
          throw RequestError(fmt::format("{} has no depthwise layers to replace", name),
                             "use one of the mobile networks");
        }
        return network;
      });
  const auto variants = ReadList(options, "--variants", AllNetworkVariants(),
                                 [](const std::string& name) { return ParseNetworkVariant(name); });
  const auto layers = ReadList(options, "--layers", StudyLayerRequests(), ParseLayerRequest);
  for (const auto& [name, variant] : layers) {
    if (Has(networks, name) && Has(variants, variant)) continue;
    options.Note(Problem{
        fmt::format("--layers {}/{} is not in this study", ToString(name), ToString(variant)),
        "add it to --networks and --variants"});
  }
  if (options.Has("--svg") && !Has(variants, NetworkVariant::kBaseline)) {
    options.Note(Problem{"--svg needs the baseline: its pictures show speedups over it",
                         "pass --variants baseline,..."});
  }
  const bool on_rtl = options.Has("--rtl");
  const std::vector<Machine> machines =
      ReadList(options, "--machines",
               std::vector<Machine>(kAllMachines.begin(), kAllMachines.end()), ParseMachine);
  const RtlStudySettings rtl = ReadRtlSettings(options, on_rtl);
  options.ThrowIfBad();
  for (const char* name : {"--json", "--csv"}) {
    const std::string file = options.Text(name);
    if (!file.empty() && file != "-") CheckWritable(file);
  }
  const std::vector<StudyNetwork> built = BuildStudyNetworks(networks, variants, size);
  const StudyReport report = Evaluate(built, rows, cols);
  if (options.Has("--csv")) WriteFile(options.Text("--csv"), ToCsv(report));
  if (options.Has("--svg")) WritePlots(options.Text("--svg"), built, report);
  std::string text = ToText(report, layers);
  nlohmann::json json = ToJson(report, layers);
  std::vector<StudyRtlRow> measured;
  if (on_rtl) {
    const InterruptGuard guard;
    ProgressLine line(stderr);
    measured = RunStudyOnRtl(report, machines, rtl, line);
    text += ToText(measured);
    json["rtl"] = ToJson(measured);
  }
  WriteOutput(options, text, json);
  ThrowUnlessGood(measured);
}

void AddFuseConv(const Command& study) {
  const Command command = study.Add(
      "fuseconv",
      "Five mobile networks with and without FuSeConv: cycles by the published model, by SCALE-Sim "
      "and on Systole's core");
  auto options = std::make_shared<Options>(command);
  options->Declare("--networks", "A,B",
                   "mobilenet-v1, mobilenet-v2, mnasnet-b1, mobilenet-v3-small, "
                   "mobilenet-v3-large [all]",
                   "Study", true);
  options->Declare("--variants", "A,B", "baseline, full, half, full50, half50 [all]", "Study",
                   true);
  options->Declare("--size", "N", "height and width of the input, 32 to 4096 [224]", "Study");
  options->Declare("--rows", "N", "rows of processing elements, 1 to 256 [64]", "Study");
  options->Declare("--cols", "N", "columns of processing elements, 1 to 256 [64]", "Study");
  options->Declare("--config", "FILE", "rows and cols from a .toml, .json or SCALE-Sim .cfg file",
                   "Study");
  options->DeclareFlag("--rtl", "run all of it on the generated Verilog as well", "RTL");
  options->Declare("--machines", "A,B",
                   "only these arrays: os-basic (published mapping), os, os+stos [all]", "RTL",
                   true);
  options->Declare("--store", "DIR", "where results of layers are kept [out/study]", "RTL");
  options->Declare("--jobs", "N", "worker processes, a layer each [processors]", "RTL");
  options->Declare("--cache-dir", "DIR", "where compiled models are kept [~/.cache/systole]",
                   "RTL");
  options->Declare("--layers", "NETWORK/VARIANT", "also a table of the layers of this network",
                   "Output", true);
  options->Declare("--csv", "FILE", "the result as CSV, one line a network, variant and array",
                   "Output");
  options->Declare("--svg", "DIR", "pictures: speedups, blocks, kinds of layers, array sizes",
                   "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole study fuseconv\n"
      "  systole study fuseconv --rows 32 --cols 32 --networks mobilenet-v2 \\\n"
      "      --layers mobilenet-v2/half\n"
      "  systole study fuseconv --rows 32 --cols 32 --rtl\n"
      "  systole study fuseconv --json study.json --csv study.csv --svg figures");
  command.SetRun([options] { StudyFuseConv(*options); });
}

}  // namespace

void AddStudyCommand(const Command& app) {
  const Command command = app.Add("study", "Compare published results with Systole's core");
  command.NeedCommand();
  AddFuseConv(command);
  AddSparseCacheStudy(command);
  AddOverheadStudy(command);
  AddPeerStudy(command);
}

}  // namespace systole
