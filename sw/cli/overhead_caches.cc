// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/overhead_caches.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sw/cli/cache_options.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/libraries.h"
#include "sw/cli/read_list.h"
#include "synth/flow/tools.h"

namespace systole {
namespace {

constexpr const char* kPowerOptions[] = {"--pruned", "--windows", "--window", "--traced",
                                         "--memory"};
constexpr const char* kOptions[] = {"--cache-size", "--entries", "--changes", "--sram",
                                    "--no-timing"};
constexpr int kMostEntries = 1024;

int ParseEntries(const std::string& text) {
  const auto number = ParseInteger(text);
  if (!number || *number < 1 || *number > kMostEntries) {
    throw RequestError(fmt::format("--entries {} is no number from 1 to {}", text, kMostEntries),
                       "pass --entries 64,128,148,256");
  }
  return static_cast<int>(*number);
}

/// A change that ChangeNullCache knows; "none" is taken care of before.
std::string ParseChange(const std::string& text) {
  NullCacheConfig config;
  try {
    ChangeNullCache(config, text);
  } catch (const RequestError& error) {
    throw RequestError("--changes: " + error.problems().front().what, error.problems().front().fix);
  }
  return text;
}

void ReadPower(Options& options, CacheOverheadSettings& settings) {
  settings.power = !options.Has("--no-power");
  settings.period = options.Number("--clock", 0, 0, 1e6) * 1e-9;
  settings.window = static_cast<std::uint64_t>(options.Integer("--window", 600, 50, 1'000'000));
  settings.sampling.accesses_per_layer =
      static_cast<std::uint64_t>(options.Integer("--traced", 2'000'000, 0, std::int64_t{1} << 40));
  settings.memory = options.Choice("--memory", {"dram", "lpddr2", "ddr3"}, settings.memory);
  const auto layers = SplitNames(options.All("--windows"));
  if (!layers.empty()) settings.layers = layers;
  for (const CacheNetwork network :
       ReadList(options, "--pruned", std::vector<CacheNetwork>{CacheNetwork::kLenet},
                ParseCacheNetwork)) {
    WorkloadRequest workload;
    workload.network = network;
    workload.models = options.Text("--models", "models");
    if (settings.power && !IsPresent(workload)) {
      options.Note(Problem{fmt::format("the files of {} are not there", ToString(network)),
                           "run models/fetch.sh, or pass --models DIR"});
    }
    settings.workloads.push_back(workload);
  }
  if (!settings.power) {
    for (const char* name : kPowerOptions) options.Refuse(name, "has no meaning with --no-power");
  } else if (!settings.timing && settings.period == 0) {
    options.Note(
        Problem{"--no-timing leaves no clock for the power", "pass --clock NS, or --no-power"});
  }
}

}  // namespace

void DeclareCacheStudy(Options& options) {
  const std::string group = "Caches";
  options.Declare("--cache-size", "BYTES", "of the L1 data cache [16K]", group);
  options.Declare("--entries", "A,B", "of the null caches [64,128,148,256]", group, true);
  options.Declare(
      "--changes", "A,B",
      fmt::format("of the null cache with the default entries: {}, several joined by +, or none "
                  "[approximation,parallel,drop,lru,drop+lru]",
                  fmt::join(NullCacheChanges(), ", ")),
      group, true);
  options.Declare("--sram", "modelled|real",
                  "tags and data by formula, or of IHP's macros at 0.13 um [modelled]", group);
  options.Declare(
      "--pruned", "A,B",
      "pruned networks of `systole study sparsecache` whose inferences count; the gates "
      "run the first [lenet]",
      group, true);
  options.Declare("--windows", "A,B", "its layers that the gates run [the one with most weights]",
                  group, true);
  options.Declare("--window", "N", "accesses of a layer at gate level [600]", group);
  options.Declare("--traced", "N", "accesses of a layer that are counted; 0: all [2000000]", group);
  options.Declare("--memory", "NAME", "main memory: dram, lpddr2 or ddr3 [lpddr2]", group);
  options.DeclareFlag("--no-timing", "without OpenSTA: no clock, no paths of a hit", group);
}

void RefuseCacheStudy(Options& options) {
  for (const char* name : kOptions) options.Refuse(name, "needs --parts caches");
  for (const char* name : kPowerOptions) options.Refuse(name, "needs --parts caches");
}

CacheStudyRequest ReadCacheStudy(Options& options) {
  CacheStudyRequest request;
  const auto entries =
      ReadList(options, "--entries", std::vector<int>{64, 128, 148, 256}, ParseEntries);
  std::vector<std::string> changes;
  if (SplitNames(options.All("--changes")) != std::vector<std::string>{"none"}) {
    changes =
        ReadList(options, "--changes",
                 std::vector<std::string>{"approximation", "parallel", "drop", "lru", "drop+lru"},
                 ParseChange);
  }
  CacheOverheadSettings& settings = request.settings;
  settings.sram = options.Choice("--sram", {"modelled", "real"}, "modelled") == "real"
                      ? SramReading::kReal
                      : SramReading::kModelled;
  ReadStudyRun(options, settings);
  settings.store = options.Text("--store", "out/overhead");
  settings.timing = !options.Has("--no-timing");
  ReadPower(options, settings);
  CacheConfig base;
  ReadBytes(options, "--cache-size", base.size_bytes);
  try {
    if (options.good()) request.variants = StudiedCaches(base, entries, changes);
  } catch (const RequestError& error) {
    options.Note(error.problems());
  }
  return request;
}

std::vector<CacheOverhead> RunCacheStudy(CacheStudyRequest request,
                                         const std::vector<Library>& libraries,
                                         ProgressLine& line) {
  request.settings.cancelled = WasInterrupted;
  // What is missing is said before minutes of work, not after.
  if (request.settings.timing) FindSta("");
  if (request.settings.power) {
    for (const WorkloadRequest& workload : request.settings.workloads) Describe(workload);
  }
  std::vector<CacheOverhead> overheads;
  for (const Library& library : libraries) {
    request.settings.on_progress = [&](const std::string& text) {
      line.Show(fmt::format("{}: {}", library.name, text));
    };
    overheads.push_back(MeasureCacheOverhead(request.variants, library, request.settings));
    ThrowIfInterrupted();
  }
  return overheads;
}

}  // namespace systole
