// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/cache_study/cache_plots.h"
#include "sw/cache_study/coverage_map.h"
#include "sw/cli/cache_tasks.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/sparsecache_report.h"

namespace systole {
namespace {

constexpr std::int64_t kTraced = 20'000'000, kTracedInSweeps = 2'000'000;

struct StudyRequest {
  std::vector<WorkloadRequest> workloads;
  std::vector<CacheSweep> sweeps;
  Sampling sampling, sweep_sampling;
  CacheTaskSettings tasks;
};

template <typename T, typename Parse>
std::vector<T> ReadWords(Options& options, const char* name, std::vector<T> fallback, Parse parse) {
  std::vector<T> values;
  for (const std::string& word : SplitNames(options.All(name))) {
    try {
      const T value = parse(word);
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    } catch (const RequestError& error) {
      options.Note(error.problems());
    }
  }
  return values.empty() ? fallback : values;
}

std::vector<CacheSweep> ReadSweeps(Options& options) {
  const std::vector<CacheSweep> known = Sweeps();
  std::vector<CacheSweep> chosen;
  for (const std::string& word : SplitNames(options.All("--sweeps"))) {
    if (word == "all") return known;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const CacheSweep& sweep) { return sweep.key == word; });
    if (found != known.end()) {
      chosen.push_back(*found);
      continue;
    }
    std::string list = "all";
    for (const CacheSweep& sweep : known) list += ", " + sweep.key;
    options.Note({fmt::format("--sweeps {} is unknown", word), "use " + list});
  }
  return chosen;
}

StudyRequest ReadRequest(Options& options) {
  StudyRequest request;
  const auto networks = ReadWords(options, "--networks", AllCacheNetworks(), ParseCacheNetwork);
  const auto programs = ReadWords(
      options, "--programs", std::vector<ProgramKind>{ProgramKind::kUnpacked}, ParseProgramKind);
  const auto prunings =
      ReadWords(options, "--pruning", std::vector<WorkloadPruning>{WorkloadPruning::kPublished},
                ParseWorkloadPruning);
  const std::string data = options.Choice("--data", {"float32", "int8"}, "float32");
  const std::int64_t size = options.Integer("--size", 0, 32, 1024);
  for (const CacheNetwork network : networks) {
    for (const ProgramKind program : programs) {
      for (const WorkloadPruning pruning : prunings) {
        WorkloadRequest workload{network, pruning, program, data == "int8", {}, {}};
        if (options.Has("--size") && network != CacheNetwork::kLenet) workload.size = size;
        workload.models = options.Text("--models", "models");
        request.workloads.push_back(workload);
      }
    }
  }
  request.sweeps = ReadSweeps(options);
  const auto traced = [&](const char* name, std::int64_t fallback) {
    return Sampling{
        static_cast<std::uint64_t>(options.Integer(name, fallback, 0, std::int64_t{1} << 40))};
  };
  request.sampling = traced("--accesses", kTraced);
  request.sweep_sampling = traced("--sweep-accesses", kTracedInSweeps);
  request.tasks.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  request.tasks.store = options.Text("--store", "out/sparsecache");
  options.ThrowIfBad();
  return request;
}

CacheReport RunStudy(const StudyRequest& request, ProgressLine& line) {
  CacheReport report;
  for (const WorkloadRequest& workload : request.workloads) {
    report.tasks.push_back({workload, PublishedPoints(), request.sampling});
  }
  // All tasks at once, so that the workers are busy to the end.
  std::vector<CacheTask> tasks = report.tasks;
  for (const WorkloadRequest& workload : request.workloads) {
    for (const CacheSweep& sweep : request.sweeps) {
      CacheTask task{workload, {}, request.sweep_sampling};
      for (const CacheSweep::Value& value : sweep.values) {
        task.points.push_back(value.point);
        task.points.push_back(value.base);
      }
      tasks.push_back(task);
    }
  }
  std::vector<CacheTaskResult> results = RunCacheTasks(tasks, request.tasks, line);
  std::size_t next = report.tasks.size();
  for (const WorkloadRequest& workload : request.workloads) {
    for (const CacheSweep& sweep : request.sweeps) {
      CacheSweepResult& out = report.sweeps.emplace_back();
      out.request = workload;
      out.sweep = sweep;
      const std::vector<CacheRun>& runs = results[next++].runs;
      for (std::size_t i = 0; i < runs.size(); i += 2) {
        out.runs.push_back(runs[i]);
        out.bases.push_back(runs[i + 1]);
      }
    }
  }
  results.resize(report.tasks.size());
  report.results = std::move(results);
  return report;
}

/// The pictures, each in a file of its own.
void WritePlots(const std::filesystem::path& folder, const CacheReport& report) {
  WriteFile(folder / "sparsecache-misses.svg", PlotMisses(report));
  WriteFile(folder / "sparsecache-time.svg", PlotTimes(report));
  WriteFile(folder / "sparsecache-merges.svg", PlotMerges(report));
  for (const CacheSweepResult& sweep : report.sweeps) {
    WriteFile(folder / fmt::format("sparsecache-{}.svg", sweep.sweep.key),
              PlotSweep(report, sweep.sweep.key));
  }
}

/// The map of LeNet's memory: small enough to be seen.
void WriteMap(const std::filesystem::path& folder, const WorkloadRequest& request) {
  constexpr std::size_t kColumns = 160, kRows = 110;
  MemoryImage image(32);
  const Workload workload = BuildWorkload(request, image);
  const CoverageMap map =
      MapCoverage(workload.program, image, PublishedPoints()[kNullPoint], kColumns, kRows);
  WriteFile(folder / "sparsecache-map.svg",
            DrawCoverage(map, "What the null cache covers: " + Label(request)));
}

void StudySparseCache(Options& options) {
  const StudyRequest request = ReadRequest(options);
  const std::string json = options.Text("--json");
  if (!json.empty() && json != "-") CheckWritable(json);
  const InterruptGuard guard;
  ProgressLine line(stderr);
  const CacheReport report = RunStudy(request, line);
  if (options.Has("--svg")) {
    const std::filesystem::path folder = options.Text("--svg");
    WritePlots(folder, report);
    for (const WorkloadRequest& workload : request.workloads) {
      if (workload.network == CacheNetwork::kLenet) {
        WriteMap(folder, workload);
        break;
      }
    }
  }
  WriteOutput(options, ToText(report, options.Has("--layers")), ToJson(report));
}

}  // namespace

void AddSparseCacheStudy(CLI::App& study) {
  CLI::App* command = study.add_subcommand(
      "sparsecache",
      "Pruned networks as programs on a data cache with and without the null cache: miss rates and "
      "execution times");
  auto options = std::make_shared<Options>(*command);
  options->Declare("--networks", "A,B", "lenet, alexnet, vgg-16, squeezenet [all]", "Study", true);
  options->Declare("--programs", "A,B",
                   "packed, unpacked (im2col and blocked matrix product), direct [unpacked]",
                   "Study", true);
  options->Declare("--pruning", "A,B", "published, none, line (ours) [published]", "Study", true);
  options->Declare("--data", "TYPE", "float32 or int8 [float32]", "Study");
  options->Declare("--size", "N", "height and width of the pictures, 32 to 1024 [as published]",
                   "Study");
  options->Declare("--accesses", "N",
                   "accesses of a layer that are traced, about; 0 is all [20000000]", "Study");
  options->Declare("--sweeps", "A,B",
                   "entries, order, merger, replacement, stores, detection, line, size, latency, "
                   "all [none]",
                   "Study", true);
  options->Declare("--sweep-accesses", "N", "as --accesses, of the sweeps [2000000]", "Study");
  options->Declare("--models", "DIR", "where lenet/ is [models]", "Study");
  options->Declare("--store", "DIR", "where results are kept [out/sparsecache]", "Run");
  options->Declare("--jobs", "N", "worker processes [processors]", "Run");
  options->Declare("--svg", "DIR",
                   "pictures: misses, time, merges, sweeps, a map of LeNet's memory", "Output");
  options->DeclareFlag("--layers", "also tables of the layers", "Output");
  DeclareJson(*options);
  command->footer(
      "Examples:\n"
      "  systole study sparsecache --networks lenet --layers\n"
      "  systole study sparsecache --networks lenet --programs packed,unpacked,direct\n"
      "  systole study sparsecache --networks squeezenet --sweeps entries,order");
  command->final_callback([options] { StudySparseCache(*options); });
}

}  // namespace systole
