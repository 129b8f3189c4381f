// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "models/build_model.h"
#include "sw/cli/cache_overhead_report.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/libraries.h"
#include "sw/cli/output.h"
#include "sw/cli/overhead_caches.h"
#include "sw/cli/overhead_report.h"
#include "sw/cli/progress.h"
#include "sw/cli/read_list.h"
#include "sw/cli/workloads.h"
#include "synth/overhead/array_overhead.h"

namespace systole {
namespace {

constexpr std::int64_t kPictureSize = 96;

struct ArraySize {
  int rows = 0, cols = 0;
  friend bool operator==(const ArraySize&, const ArraySize&) = default;
};

/// "16" or "12x20".
ArraySize ParseSize(const std::string& text) {
  const std::size_t cross = text.find('x');
  const auto number = [&](const std::string& digits) {
    const bool good = !digits.empty() && digits.size() <= 3 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
    const int value = good ? std::stoi(digits) : 0;
    if (value < 1 || value > 128) {
      throw RequestError(fmt::format("--sizes {} is no array of 1 to 128 rows and columns", text),
                         "pass --sizes 8,16,12x20");
    }
    return value;
  };
  const int rows = number(text.substr(0, cross));
  return {rows, cross == std::string::npos ? rows : number(text.substr(cross + 1))};
}

struct OverheadRequest {
  std::vector<ArraySize> sizes;
  std::vector<std::string> networks;
  std::int64_t picture = kPictureSize;
  std::filesystem::path models;
  OverheadSettings settings;
};

constexpr const char* kArrayOptions[] = {"--sizes",  "--networks",    "--size",
                                         "--cycles", "--sample-rows", "--sample-above"};

OverheadRequest ReadOverheadRequest(Options& options) {
  OverheadRequest request;
  request.sizes = ReadList(options, "--sizes", std::vector<ArraySize>{{8, 8}, {16, 16}}, ParseSize);
  request.networks = SplitNames(options.All("--networks"));
  if (request.networks.empty()) request.networks = {"lenet"};
  request.picture = options.Integer("--size", kPictureSize, 32, 1024);
  request.models = options.Text("--models", "models");
  OverheadSettings& settings = request.settings;
  settings.power = !options.Has("--no-power");
  settings.sta = options.Has("--sta");
  settings.cycles = static_cast<std::uint64_t>(options.Integer("--cycles", 600, 50, 1'000'000));
  settings.warm_up = settings.cycles / 3;
  settings.sample_rows = static_cast<std::uint64_t>(options.Integer("--sample-rows", 8, 0, 65536));
  settings.every_gate =
      static_cast<std::uint64_t>(options.Integer("--sample-above", 2'000'000, 0, 1'000'000'000));
  if (settings.sample_rows == 1) {
    options.Refuse("--sample-rows", "1 says nothing of the spread: take 2 or more, or 0 for all");
  }
  settings.period = options.Number("--clock", 0, 0, 1e6) * 1e-9;
  ReadStudyRun(options, settings);
  settings.store = options.Text("--store", "out/overhead");
  for (const char* name : {"--networks", "--cycles", "--size", "--sample-rows", "--sample-above"}) {
    if (!settings.power) options.Refuse(name, "has no meaning with --no-power");
  }
  return request;
}

ArrayWorkload MakeWorkload(const std::string& name, const OverheadRequest& request) {
  if (name == "lenet") return LeNetWorkload(request.models);
  return BuiltWorkload(name, request.picture);
}

std::vector<ArrayOverhead> StudyArrays(OverheadRequest& request,
                                       const std::vector<Library>& libraries, ProgressLine& line) {
  std::vector<ArrayWorkload> workloads;
  if (request.settings.power) {
    for (const std::string& name : request.networks) {
      line.Show(name + ": quantizing, reference");
      workloads.push_back(MakeWorkload(name, request));
      ThrowIfInterrupted();
    }
  }
  request.settings.cancelled = WasInterrupted;
  std::vector<ArrayOverhead> overheads;
  for (const Library& library : libraries) {
    for (const ArraySize& size : request.sizes) {
      request.settings.on_progress = [&](const std::string& text) {
        line.Show(fmt::format("{}: {}", library.name, text));
      };
      overheads.push_back(
          MeasureArrayOverhead(size.rows, size.cols, library, workloads, request.settings));
      ThrowIfInterrupted();
    }
  }
  return overheads;
}

/// What the study measures.
enum class Part { kArrays, kCaches };
Part ParsePart(const std::string& text) {
  if (text == "arrays") return Part::kArrays;
  if (text == "caches") return Part::kCaches;
  throw RequestError(fmt::format("--parts {} is unknown", text), "use arrays, caches or both");
}

void StudyOverhead(Options& options) {
  const auto parts = ReadList(options, "--parts", std::vector<Part>{Part::kArrays}, ParsePart);
  const auto has = [&](Part part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  OverheadRequest arrays = ReadOverheadRequest(options);
  if (!has(Part::kArrays)) {
    for (const char* name : kArrayOptions) options.Refuse(name, "needs --parts arrays");
  }
  CacheStudyRequest caches;
  if (has(Part::kCaches)) {
    caches = ReadCacheStudy(options);
  } else {
    RefuseCacheStudy(options);
  }
  options.ThrowIfBad();
  const std::string json = options.Text("--json");
  if (!json.empty() && json != "-") CheckWritable(json);
  const InterruptGuard guard;
  ProgressLine line(stderr);
  const std::vector<Library> libraries = ChosenLibraries(options);
  std::string text;
  nlohmann::json result = {{"systole", SYSTOLE_VERSION}};
  if (has(Part::kArrays)) {
    const std::vector<ArrayOverhead> overheads = StudyArrays(arrays, libraries, line);
    if (options.Has("--svg")) WritePlots(options.Text("--svg"), overheads);
    text = ToText(overheads, options.Has("--blocks"));
    result["arrays"] = ToJson(overheads);
  }
  if (has(Part::kCaches)) {
    const std::vector<CacheOverhead> overheads = RunCacheStudy(caches, libraries, line);
    if (options.Has("--svg")) WritePlots(options.Text("--svg"), overheads);
    if (!text.empty()) text += "\n";
    text += ToText(overheads, options.Has("--blocks"));
    result["caches"] = ToJson(overheads);
  }
  line.Clear();
  WriteOutput(options, text, result);
}

}  // namespace

void AddOverheadStudy(const Command& study) {
  const Command command = study.Add("overhead",
                                    "What ST-OS costs over the same core without it, and "
                                    "the null cache over the same data cache: "
                                    "area, delay, power, energy");
  auto options = std::make_shared<Options>(command);
  options->Declare("--parts", "A,B", "arrays (ST-OS), caches (the null cache) [arrays]", "Study",
                   true);
  options->Declare("--sizes", "A,B", "arrays: 16, 12x20 [8,16]", "Study", true);
  options->Declare("--liberty", "FILE",
                   "cell library, .lib or .lib.gz; may be given several times [OSU 0.18 um]",
                   "Study", true);
  options->Declare("--networks", "A,B",
                   "whose layers the gates compute: lenet, or a network of `systole model`, "
                   "/half for its FuSe variant [lenet]",
                   "Study", true);
  options->Declare("--size", "N", "height and width of the picture; not LeNet's [96]", "Study");
  options->Declare("--models", "DIR", "where lenet/ is [models]", "Study");
  DeclareCacheStudy(*options);
  options->DeclareFlag("--sta",
                       "arrays: also the shortest clock period by OpenSTA, minutes for 16x16 and "
                       "larger; kept in --store",
                       "Study");
  options->DeclareFlag("--no-power", "area and delay only", "Power");
  options->Declare("--cycles", "N",
                   "of a layer at gate level; the first third does not count [600]", "Power");
  options->Declare("--sample-rows", "N",
                   "arrays: rows of large cores, parts of 32 columns, that are simulated with "
                   "delays and stand for the others; 0: all [8]",
                   "Power");
  options->Declare("--sample-above", "CELLS", "a core of more cells is a large one [2000000]",
                   "Power");
  options->Declare("--clock", "NS", "period [what both cores reach]", "Power");
  options->Declare("--wire-load", "FF", "femtofarads of wire that each pin adds to its net [0]",
                   "Power");
  DeclareClockGating(*options, "Synthesis");
  options->Declare("--store", "DIR", "where results are kept [out/overhead]", "Run");
  options->Declare("--cache-dir", "DIR", "where mapped modules and models are kept", "Run");
  options->Declare("--jobs", "N", "Yosys processes [processors]", "Run");
  options->DeclareFlag("--blocks", "also a table of the blocks", "Output");
  options->Declare("--svg", "DIR", "pictures: area by block, energy", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole study overhead --no-power --sizes 8,16,32 --blocks\n"
      "  systole study overhead --networks mobilenet-v2,mobilenet-v2/half --sizes 16\n"
      "  systole study overhead --parts caches --no-power --blocks\n"
      "  systole study overhead --liberty sg13g2_stdcell_typ_1p20V_25C.lib.gz");
  command.SetRun([options] { StudyOverhead(*options); });
}

}  // namespace systole
