// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "gen/nullcache/data_cache.h"
#include "gen/systolic/systolic_core.h"
#include "sw/cli/array_options.h"
#include "sw/cli/cache_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/libraries.h"
#include "sw/cli/output.h"
#include "sw/cli/progress.h"
#include "sw/cli/synth_report.h"
#include "sw/cli/synth_words.h"
#include "synth/flow/synthesize.h"
#include "synth/flow/timing.h"
#include "synth/macros/macro_data.h"
#include "synth/macros/macro_liberty.h"

namespace systole {
namespace {

void DeclareSynthOptions(Options& options) {
  const std::string group = "Synthesis";
  options.Declare("--liberty", "FILE",
                  "cell library, .lib or .lib.gz; further ones may have macros [OSU 0.18 um of "
                  "Debian's qflow-tech-osu018]",
                  group, true);
  options.Declare("--clock", "NS", "a clock period in ns, to be told the slack at it", group);
  options.DeclareFlag("--no-timing", "leave OpenSTA out: no worst path, no clock", group);
  options.DeclareFlag("--flat", "one module instead of the hierarchy of the RTL", group);
  DeclareClockGating(options, group);
  options.Declare("--max-fanout", "N", "pins that one output drives without a buffer [16]", group);
  options.Declare("--wire-load", "FF", "femtofarads of wire that each pin adds to its net [0]",
                  group);
  options.Declare("--synth-options", "TEXT", "further options of Yosys' synth", group);
  options.Declare("--abc-options", "TEXT", "further options of Yosys' abc", group);
  options.Declare("--yosys", "PATH", "the Yosys to use [the one of PATH]", group);
  options.Declare("--sta", "PATH", "the OpenSTA to use [`sta` of PATH]", group);
  options.Declare("--jobs", "N", fmt::format("Yosys processes at the same time [{}]", Processors()),
                  group);
  options.Declare("--cache-dir", "DIR", "where results are kept [~/.cache/systole]", group);
  options.DeclareFlag("--no-cache", "make every module again and keep nothing", group);
  DeclareJson(options);
}

std::optional<TimingOptions> ReadTimingOptions(Options& options) {
  TimingOptions timing;
  if (options.Has("--no-timing")) {
    for (const char* name : {"--clock", "--sta"}) {
      options.Refuse(name, "has no meaning with --no-timing");
    }
    return std::nullopt;
  }
  if (options.Has("--clock")) timing.period = options.Number("--clock", 10, 0.001, 1e6) * 1e-9;
  timing.wire_capacitance = options.Number("--wire-load", 0, 0, 1000) * 1e-15;
  timing.sta = options.Text("--sta");
  return timing;
}

SynthesisRequest ReadSynthOptions(Options& options) {
  SynthesisRequest request;
  request.options.flatten = options.Has("--flat");
  request.options.clock_gating = ReadClockGating(options);
  request.options.synth_options = options.Text("--synth-options");
  request.options.abc_options = options.Text("--abc-options");
  request.buffers.max_fanout = static_cast<int>(options.Integer("--max-fanout", 16, 2, 1000));
  request.buffers.wire_capacitance = options.Number("--wire-load", 0, 0, 1000) * 1e-15;
  request.yosys = options.Text("--yosys");
  request.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  request.cache_dir = options.Text("--cache-dir");
  request.use_cache = !options.Has("--no-cache");
  if (!request.use_cache) options.Refuse("--cache-dir", "has no meaning with --no-cache");
  return request;
}

/// What is asked for of any kind of design.
struct SynthRun {
  SynthesisRequest request;
  std::optional<TimingOptions> timing;
};

void Run(const Options& options, SynthRun& run, SynthReport& report, const rtl::Design& design) {
  SynthesisRequest& request = run.request;
  const InterruptGuard guard;
  if (options.Has("--json") && options.Text("--json") != "-") CheckWritable(options.Text("--json"));
  const std::vector<Library> libraries = ChosenLibraries(options);
  ProgressLine line(stderr);
  request.files = rtl::VerilogFiles(design);
  request.top = design.top;
  request.libraries = &libraries;
  request.cancelled = WasInterrupted;
  request.on_progress = [&](const std::string& text) { line.Show(text); };
  report.nand2_area = libraries[0].Nand2Area();
  if (run.timing) FindSta(run.timing->sta);  // before minutes of work, not after
  report.synthesis = Synthesize(request);
  if (run.timing) {
    line.Show("OpenSTA: worst path and clock");
    run.timing->cancelled = WasInterrupted;
    report.timing =
        AnalyzeTiming(report.synthesis.netlist, report.synthesis.libraries, *run.timing);
  }
  line.Clear();
  WriteOutput(options, ToText(report), ToJson(report));
}

void SynthArray(Options& options) {
  const ArrayConfig config = ReadArrayOptions(options);
  SynthRun run{ReadSynthOptions(options), ReadTimingOptions(options)};
  options.ThrowIfBad();
  SynthReport report{"array", ToString(config), config, {}, {}, 0};
  Run(options, run, report, BuildSystolicCore(config));
}

/// The cache's memories as macros of the library's node; nothing where the node is not known.
std::string LibertyOfMemories(const std::vector<MacroUse>& uses, const Library& library) {
  std::optional<MacroNode> node;
  try {
    node = NodeOf(library);
  } catch (const RequestError&) {
    return "";  // the report says which macros are not counted
  }
  std::vector<MacroCell> cells;
  for (const MacroUse& use : uses) {
    const MacroShape shape{static_cast<int>(use.parameters.at("Depth")),
                           static_cast<int>(use.parameters.at("Width"))};
    cells.push_back({use.type, shape, ModelSram(shape, *node)});
  }
  return MacroLiberty("memories", cells, *node);
}

void SynthCache(Options& options) {
  const CacheConfig config = ReadCacheOptions(options);
  const bool axi4 = options.Has("--axi4");
  SynthRun run{ReadSynthOptions(options), ReadTimingOptions(options)};
  options.ThrowIfBad();
  run.request.black_boxes = {"cache_ram"};
  run.request.macro_liberty = [&run](const std::vector<MacroUse>& uses) {
    return LibertyOfMemories(uses, run.request.libraries->front());
  };
  SynthReport report{"cache", ToString(config), config, {}, {}, 0};
  Run(options, run, report, axi4 ? BuildDataCacheAxi4(config) : BuildDataCache(config));
}

void AddSynthArray(const Command& synth) {
  const Command command =
      synth.Add("array", "Area of a systolic array core in a cell library, by block");
  auto options = std::make_shared<Options>(command);
  DeclareArrayOptions(*options);
  DeclareSynthOptions(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole synth array --rows 8 --cols 8\n"
      "  systole synth array --config core.toml --dataflow os --json os.json\n"
      "  systole synth array --liberty sg13g2_stdcell_typ_1p20V_25C.lib.gz");
  command.SetRun([options] { SynthArray(*options); });
}

void AddSynthCache(const Command& synth) {
  const Command command = synth.Add(
      "cache", "Area of a data cache in a cell library, by block; its memories are macros");
  auto options = std::make_shared<Options>(command);
  DeclareCacheOptions(*options);
  options->DeclareFlag("--axi4", "an AXI4 manager at the memory side: data_cache_axi4", "Cache");
  DeclareSynthOptions(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole synth cache --null-cache\n"
      "  systole synth cache --size 32K --ways 8 --line 64 --json baseline.json");
  command.SetRun([options] { SynthCache(*options); });
}

}  // namespace

std::vector<std::string> NameWhatIsSynthesized(std::vector<std::string> words) {
  if (words.size() < 2 || words[0] != "synth" || words[1].starts_with('-')) return words;
  const std::string file = words[1];
  const std::string extension = std::filesystem::path(file).extension().string();
  if (extension != ".json" && extension != ".toml" && extension != ".cfg") return words;
  const bool array = Describes(file, ArrayKeys());
  if (!array && !Describes(file, CacheKeys())) {
    throw RequestError(fmt::format("{} describes neither an array nor a cache", file),
                       "write {\"rows\": 16, \"cols\": 16} or {\"size\": \"16K\"}");
  }
  words[1] = array ? "array" : "cache";
  words.insert(words.begin() + 2, {"--config", file});
  return words;
}

void AddSynthCommand(const Command& app) {
  const Command synth = app.Add("synth", "Map hardware to a cell library and measure it");
  synth.NeedCommand();
  synth.SetFooter(
      "Examples:\n"
      "  systole synth core.json                 the array or cache that the file describes\n"
      "  systole synth array --rows 8 --cols 8");
  AddSynthArray(synth);
  AddSynthCache(synth);
}

}  // namespace systole
