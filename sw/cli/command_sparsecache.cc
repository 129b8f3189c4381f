// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/cache_study/cache_plots.h"
#include "sw/cache_study/coverage_map.h"
#include "sw/cli/cache_rtl.h"
#include "sw/cli/cache_tasks.h"
#include "sw/cli/commands.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/read_list.h"
#include "sw/cli/sparsecache_report.h"

namespace systole {
namespace {

constexpr std::int64_t kTraced = 20'000'000, kTracedInSweeps = 500'000;

struct StudyRequest {
  std::vector<WorkloadRequest> workloads;
  std::vector<CacheSweep> sweeps;
  Sampling sampling, sweep_sampling;
  CacheTaskSettings tasks;
  bool on_rtl = false;
  CacheRtlSettings rtl;
  std::vector<float> thresholds;
  std::int64_t samples = 1;
};

std::vector<CacheSweep> ReadSweeps(Options& options) {
  std::vector<CacheSweep> known = Sweeps();
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

StudyRequest ReadStudyRequest(Options& options) {
  StudyRequest request;
  const auto networks = ReadList(options, "--networks", AllCacheNetworks(), ParseCacheNetwork);
  const auto programs = ReadList(
      options, "--programs", std::vector<ProgramKind>{ProgramKind::kUnpacked}, ParseProgramKind);
  const auto prunings =
      ReadList(options, "--pruning", std::vector<WorkloadPruning>{WorkloadPruning::kPublished},
               ParseWorkloadPruning);
  const std::string data = options.Choice("--data", {"float32", "int8"}, "float32");
  const std::int64_t size = options.Integer("--size", 0, 32, 1024);
  for (const CacheNetwork network : networks) {
    for (const ProgramKind program : programs) {
      for (const WorkloadPruning pruning : prunings) {
        WorkloadRequest workload{network, pruning, program, data == "int8", {}, {}};
        workload.models = options.Text("--models", "models");
        const bool sized = network != CacheNetwork::kLenet && network != CacheNetwork::kFace;
        if (options.Has("--size") && sized) workload.size = size;
        // The face detector is only in the study when it was asked for, or can be.
        const bool face = network == CacheNetwork::kFace;
        if (face && !options.Has("--networks") &&
            (!IsPresent(workload) || pruning != WorkloadPruning::kPublished)) {
          continue;
        }
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
  for (const std::string& word : SplitNames(options.All("--thresholds"))) {
    const auto value = ParseNumber(word);
    if (value && *value >= 0) {
      request.thresholds.push_back(static_cast<float>(*value));
    } else {
      options.Note({fmt::format("--thresholds {} is no number from 0", word),
                    "pass --thresholds 0,0.001,0.01"});
    }
  }
  request.samples = options.Integer("--samples", 1, 1, kLenetSamples);
  if (request.thresholds.empty()) options.Refuse("--samples", "needs --thresholds");
  request.on_rtl = options.Has("--rtl");
  request.rtl.accesses_per_layer =
      static_cast<std::uint64_t>(options.Integer("--window", 0, 0, std::int64_t{1} << 40));
  request.rtl.cache_dir = options.Text("--cache-dir");
  if (!request.on_rtl) {
    for (const char* name : {"--window", "--cache-dir"}) options.Refuse(name, "needs --rtl");
  }
  request.tasks.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  request.tasks.store = options.Text("--store", "out/sparsecache");
  options.ThrowIfBad();
  return request;
}

/// One task for all sweeps of a program: a cache that several of them have runs once.
class SweepTask {
 public:
  SweepTask(const StudyRequest& request, const WorkloadRequest& workload)
      : task_{workload, {}, request.sweep_sampling} {
    for (const CacheSweep& sweep : request.sweeps) {
      for (const CacheSweep::Value& value : sweep.values) {
        Add(value.point);
        Add(value.base);
      }
    }
  }
  const CacheTask& task() const { return task_; }
  CacheSweepResult Result(const CacheSweep& sweep, const CacheTaskResult& result) const {
    CacheSweepResult out{task_.request, sweep, {}, {}};
    for (const CacheSweep::Value& value : sweep.values) {
      out.runs.push_back(result.runs[places_.at(Describe(value.point).dump())]);
      out.bases.push_back(result.runs[places_.at(Describe(value.base).dump())]);
    }
    return out;
  }

 private:
  void Add(const CachePoint& point) {
    if (places_.emplace(Describe(point).dump(), task_.points.size()).second) {
      task_.points.push_back(point);
    }
  }

  CacheTask task_;
  std::map<std::string, std::size_t> places_;  ///< of points in the task
};

CacheReport RunStudy(const StudyRequest& request, ProgressLine& line) {
  CacheReport report;
  std::vector<SweepTask> sweeps;
  for (const WorkloadRequest& workload : request.workloads) {
    report.tasks.push_back({workload, PublishedPoints(), request.sampling});
    sweeps.emplace_back(request, workload);
  }
  // All tasks at once, so that the workers are busy to the end.
  std::vector<CacheTask> tasks = report.tasks;
  for (const SweepTask& sweep : sweeps) tasks.push_back(sweep.task());
  const std::vector<CacheTaskResult> results = RunCacheTasks(tasks, request.tasks, line);
  const auto programs = static_cast<std::ptrdiff_t>(report.tasks.size());
  report.results.assign(results.begin(), results.begin() + programs);
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    for (const CacheSweep& sweep : request.sweeps) {
      report.sweeps.push_back(sweeps[i].Result(sweep, results[report.tasks.size() + i]));
    }
  }
  for (const WorkloadRequest& workload : request.workloads) {
    for (const float threshold : request.thresholds) {
      ThrowIfInterrupted();
      line.Show(fmt::format("{}: threshold {}", Label(workload), threshold));
      report.approximations.push_back(
          RunApproximations(workload, PublishedPoints()[kNullPoint], threshold, request.samples));
    }
  }
  line.Clear();
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
  const StudyRequest request = ReadStudyRequest(options);
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
  std::string text = ToText(report, options.Has("--layers"));
  nlohmann::json result = ToJson(report);
  if (request.on_rtl) {
    const auto runs = RunCachesOnRtl(request.workloads, request.rtl, line);
    text += ToText(runs);
    result["rtl"] = ToJson(runs);
  }
  WriteOutput(options, text, result);
}

}  // namespace

void AddSparseCacheStudy(const Command& study) {
  const Command command = study.Add(
      "sparsecache",
      "Pruned networks as programs on a data cache with and without the null cache: miss rates and "
      "execution times");
  auto options = std::make_shared<Options>(command);
  options->Declare("--networks", "A,B",
                   "lenet, alexnet, vgg-16, squeezenet, face (fetched by "
                   "models/fetch.sh) [all]",
                   "Study", true);
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
                   "entries, order, merger, replacement, stores, detection, ours, line, size, "
                   "latency, all [none]",
                   "Study", true);
  options->Declare("--sweep-accesses", "N", "as --accesses, of the sweeps [500000]", "Study");
  options->Declare("--thresholds", "A,B",
                   "also with approximation: values up to these count as zero", "Study", true);
  options->Declare("--samples", "N", "inputs that each threshold is tried with [1]", "Study");
  options->Declare("--models", "DIR", "where lenet/ is [models]", "Study");
  options->DeclareFlag(
      "--rtl",
      "also on the generated Verilog, in lock-step with the model: 16 KiB with and "
      "without the null cache",
      "RTL");
  options->Declare("--window", "N",
                   "only the first N accesses of each layer, from an empty cache; 0 is all [0]",
                   "RTL");
  options->Declare("--cache-dir", "DIR", "where compiled models are kept [~/.cache/systole]",
                   "RTL");
  options->Declare("--store", "DIR", "where results are kept [out/sparsecache]", "Run");
  options->Declare("--jobs", "N", "worker processes [processors]", "Run");
  options->Declare("--svg", "DIR",
                   "pictures: misses, time, merges, sweeps, a map of LeNet's memory", "Output");
  options->DeclareFlag("--layers", "also tables of the layers", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole study sparsecache --networks lenet --layers\n"
      "  systole study sparsecache --networks lenet --programs packed,unpacked,direct\n"
      "  systole study sparsecache --networks squeezenet --sweeps entries,order\n"
      "  systole study sparsecache --networks lenet --rtl\n"
      "  systole study sparsecache --networks lenet --thresholds 0,0.01,0.1 --samples 20");
  command.SetRun([options] { StudySparseCache(*options); });
}

}  // namespace systole
