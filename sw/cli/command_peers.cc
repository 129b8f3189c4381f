// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/libraries.h"
#include "sw/cli/output.h"
#include "sw/cli/peer_report.h"
#include "sw/cli/progress.h"
#include "sw/cli/workloads.h"
#include "synth/peers/study.h"

namespace systole {
namespace {

void StudyPeers(Options& options) {
  const int rows = static_cast<int>(options.Integer("--rows", 8, 2, 32));
  const int cols = static_cast<int>(options.Integer("--cols", 8, 2, 32));
  PeerSettings settings;
  settings.power = !options.Has("--no-power");
  ReadStudyRun(options, settings);
  const auto pixels = static_cast<std::size_t>(options.Integer("--pixels", 32, 1, 4096));
  const std::filesystem::path models = options.Text("--models", "models");
  const std::string layer = options.Text("--layer");
  options.ThrowIfBad();
  const std::string file = options.Text("--json");
  if (!file.empty() && file != "-") CheckWritable(file);
  const InterruptGuard guard;
  ProgressLine line(stderr);
  const std::vector<Library> libraries = ChosenLibraries(options);
  settings.cancelled = WasInterrupted;
  line.Show("LeNet: quantizing, reference");
  const ArrayWorkload workload = LeNetWorkload(models);
  const std::string chosen = layer.empty() ? LongestLayer(workload, rows, cols) : layer;
  const GemmOperands operands = LayerOperands(workload, chosen, rows, cols, pixels);
  std::string text;
  nlohmann::json studies = nlohmann::json::array();
  for (const Library& library : libraries) {
    settings.on_progress = [&](const std::string& what) {
      line.Show(fmt::format("{}: {}", library.name, what));
    };
    PeerStudy study = MeasurePeers(AllPeers(rows, cols), library, operands, settings);
    study.workload = workload.name;
    study.layer = chosen;
    text += (text.empty() ? "" : "\n") + ToText(study);
    studies.push_back(ToJson(study));
  }
  line.Clear();
  WriteOutput(options, text, {{"systole", SYSTOLE_VERSION}, {"studies", studies}});
}

}  // namespace

void AddPeerStudy(const Command& study) {
  const Command command =
      study.Add("peers", "Our array beside textbook ones at equal work: area, clock, energy");
  auto options = std::make_shared<Options>(command);
  options->Declare("--rows", "N", "rows of processing elements, 2 to 32 [8]", "Study");
  options->Declare("--cols", "N", "columns of processing elements, 2 to 32 [8]", "Study");
  options->Declare("--liberty", "FILE",
                   "cell library, .lib or .lib.gz; may be given several times [OSU 0.18 um]",
                   "Study", true);
  options->Declare("--models", "DIR", "where lenet/ is [models]", "Study");
  options->Declare("--layer", "NAME", "layer of LeNet whose operands they get [the longest]",
                   "Study");
  options->Declare("--pixels", "N", "of it; a multiple of the rows is taken [32]", "Study");
  options->DeclareFlag("--no-power", "area and clock only", "Power");
  options->Declare("--wire-load", "FF", "femtofarads of wire that each pin adds to its net [0]",
                   "Synthesis");
  DeclareClockGating(*options, "Synthesis");
  options->Declare("--cache-dir", "DIR", "where mapped modules are kept", "Run");
  options->Declare("--jobs", "N", "Yosys processes [processors]", "Run");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole study peers\n"
      "  systole study peers --rows 4 --cols 4 --no-power --json peers.json\n"
      "  systole study peers --liberty sg13g2_stdcell_typ_1p20V_25C.lib.gz");
  command.SetRun([options] { StudyPeers(*options); });
}

}  // namespace systole
