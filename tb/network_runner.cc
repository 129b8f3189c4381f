// SPDX-License-Identifier: Apache-2.0
#include "tb/network_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <system_error>

#include "base/error.h"
#include "sw/cost/layer_cost.h"
#include "sw/map/plan.h"
#include "tb/tensor_difference.h"
#include "tb/worker_pool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Processor time of this process since its start.
double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// An array layer of the network, planned.
struct Job {
  const Node* node = nullptr;
  std::unique_ptr<LayerPlan> plan;
  LayerResult result;
  std::uint64_t tiles_done = 0, cycles_done = 0;
};

bool Wanted(const RunSettings& settings, const std::string& name) {
  return settings.layers.empty() ||
         std::find(settings.layers.begin(), settings.layers.end(), name) != settings.layers.end();
}

void CheckNames(const std::vector<std::string>& array_nodes, const RunSettings& settings) {
  std::vector<Problem> problems;
  const auto check = [&](const std::string& option, const std::string& name) {
    if (std::find(array_nodes.begin(), array_nodes.end(), name) != array_nodes.end()) return;
    problems.push_back(
        {fmt::format("{} {}: the network has no array layer of this name", option, name),
         fmt::format("its array layers are: {}", fmt::join(array_nodes, ", "))});
  };
  for (const std::string& name : settings.layers) check("--layers", name);
  if (settings.trace) check("--trace-layer", settings.trace->layer);
  if (!problems.empty()) throw RequestError(std::move(problems));
}

Job PlanJob(const Network& network, const Node& node, const Tensors& values,
            const RunSettings& settings) {
  Job job;
  job.node = &node;
  job.plan = MakePlan(node, InputsOf(network, node, values), settings.config, settings.mappings);
  const LayerCost cost = Cost(job.plan->layer(), job.plan->tiling(), settings.config);
  const Tensor& output = values.at(node.outputs.front());
  LayerResult& result = job.result;
  result.node = node.name;
  result.op = node.op;
  result.tensor = node.outputs.front();
  result.type = output.type();
  result.shape = output.shape();
  result.mapping = job.plan->tiling().mapping;
  result.tiles = job.plan->tile_count();
  result.macs = static_cast<std::uint64_t>(job.plan->layer().Macs());
  result.cycles = result.model_cycles = cost.cycles;
  result.limit_cycles = cost.limit.Cycles();
  return job;
}

std::vector<Job> PlanJobs(const Network& network, const Tensors& values,
                          const RunSettings& settings) {
  std::vector<const Node*> nodes;
  std::vector<std::string> names;
  for (const Node& node : network.nodes) {
    if (!DescribeArrayLayer(network, node)) continue;
    nodes.push_back(&node);
    names.push_back(node.name);
  }
  if (nodes.empty()) {
    throw RequestError("the network has no integer layer for the array",
                       "quantize it: systole quantize MODEL.onnx --calibrate NAME=FILE.npy -o "
                       "MODEL.int8.onnx");
  }
  CheckNames(names, settings);
  std::vector<Job> jobs;
  std::vector<Problem> problems;
  for (const Node* node : nodes) {
    if (!Wanted(settings, node->name)) continue;
    try {
      jobs.push_back(PlanJob(network, *node, values, settings));
    } catch (const RequestError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
  return jobs;
}

/// A waveform is written under this name until its layer has run.
fs::path Unfinished(const fs::path& trace) { return trace.string() + ".part"; }

RunOptions OptionsFor(const RunSettings& settings, const Job& job) {
  RunOptions options;
  options.stall.fill(settings.stall);
  options.seed = settings.seed;
  if (settings.trace && settings.trace->layer == job.node->name) {
    options.trace = Unfinished(settings.trace->file);
    options.trace_from = settings.trace->from;
    options.trace_to = settings.trace->to;
  }
  return options;
}

/// In the worker: runs the layer and says what happened.
nlohmann::json RunJob(Job& job, const Tensors& values, const RunSettings& settings,
                      const TileRunner& run, const SendMessage& send) {
  RunOptions options = OptionsFor(settings, job);
  options.progress = [&send](std::uint64_t tiles, std::uint64_t cycle) {
    send(nlohmann::json{{"tiles", tiles}, {"cycles", cycle}}.dump());
  };
  const RunResult done = run(*job.plan, options);
  std::vector<std::string> problems;
  const std::string difference =
      DescribeDifference(job.plan->TakeOutput(), values.at(job.result.tensor));
  if (!difference.empty()) problems.push_back(difference);
  if (!done.timing_difference.empty()) problems.push_back(done.timing_difference);
  if (settings.stall == 0 && done.cycles != job.result.model_cycles) {
    problems.push_back(
        fmt::format("took {} cycles, the formula says {}", done.cycles, job.result.model_cycles));
  }
  return {{"done", true},
          {"cycles", done.cycles},
          {"seconds", done.seconds},
          {"cpu_seconds", CpuSeconds()},
          {"problem", fmt::format("{}", fmt::join(problems, "; "))}};
}

/// Keeps the jobs' state in step with the workers' messages.
class Monitor {
 public:
  Monitor(const std::vector<Job>& jobs, const RunSettings& settings, const RunHooks& hooks)
      : settings_(settings), hooks_(hooks), start_(Clock::now()) {
    progress_.layers = jobs.size();
    for (const Job& job : jobs) {
      progress_.tiles += job.result.tiles;
      progress_.cycles += job.result.model_cycles;
    }
  }

  void OnMessage(Job& job, const std::string& text) {
    const nlohmann::json message = nlohmann::json::parse(text);
    if (!message.contains("done")) {
      Advance(job, message.at("tiles"), message.at("cycles"));
      return;
    }
    LayerResult& result = job.result;
    result.cycles = message.at("cycles");
    result.seconds = message.at("seconds");
    result.cpu_seconds = message.at("cpu_seconds");
    result.problem = message.at("problem");
    result.verdict = result.problem.empty() ? Verdict::kVerified : Verdict::kDiffers;
    if (settings_.trace && settings_.trace->layer == job.node->name) FinishTrace();
    Done(job);
  }

  void OnFailure(Job& job, const std::string& why) {
    job.result.verdict = Verdict::kFailed;
    job.result.problem = why;
    job.result.cycles = 0;
    Done(job);
  }

  double seconds() const { return SecondsSince(start_); }

 private:
  void Done(Job& job) {
    ++progress_.layers_done;
    if (hooks_.on_layer) hooks_.on_layer(job.result);
    Advance(job, job.result.tiles, job.result.model_cycles);
  }

  void Advance(Job& job, std::uint64_t tiles, std::uint64_t cycles) {
    progress_.tiles_done += tiles - job.tiles_done;
    progress_.cycles_done += cycles - job.cycles_done;
    job.tiles_done = tiles;
    job.cycles_done = cycles;
    progress_.layer = job.node->name;
    progress_.seconds = SecondsSince(start_);
    if (hooks_.on_progress) hooks_.on_progress(progress_);
  }

  void FinishTrace() {
    std::error_code error;
    fs::rename(Unfinished(settings_.trace->file), settings_.trace->file, error);
    if (error) {
      throw RunError(
          fmt::format("cannot write {}: {}", settings_.trace->file.string(), error.message()));
    }
  }

  const RunSettings& settings_;
  const RunHooks& hooks_;
  Clock::time_point start_;
  RunProgress progress_;
};

/// The compiled cores of one run: one for speed, one with waveforms for the traced layer.
struct Cores {
  std::unique_ptr<CoreSim> fast, traced;

  const CoreSim& For(const Job& job, const RunSettings& settings) const {
    return settings.trace && settings.trace->layer == job.node->name ? *traced : *fast;
  }
};

Cores CompileCores(const std::vector<Job>& jobs, const RunSettings& settings, const RunHooks& hooks,
                   NetworkRun& run) {
  ModelOptions options;
  if (!settings.cache_dir.empty()) options.cache_dir = settings.cache_dir;
  options.on_build = hooks.on_build;
  Cores cores;
  const auto compile = [&](std::unique_ptr<CoreSim>& core) {
    core = std::make_unique<CoreSim>(settings.config, options);
    run.tools = core->model().tools();
    run.build_seconds += core->model().build_seconds();
  };
  if (!settings.trace || jobs.size() > 1) compile(cores.fast);
  if (settings.trace) {
    options.trace = true;
    compile(cores.traced);
  }
  return cores;
}

/// Runs the jobs in worker processes, the longest first.
void Execute(std::vector<Job>& jobs, const Tensors& values, const RunSettings& settings,
             const RunHooks& hooks, NetworkRun& run) {
  Cores cores;
  if (!hooks.tile_runner) cores = CompileCores(jobs, settings, hooks, run);
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return jobs[a].result.model_cycles > jobs[b].result.model_cycles;
  });
  Monitor monitor(jobs, settings, hooks);
  WorkerEvents events;
  events.message = [&](std::size_t i, const std::string& text) {
    monitor.OnMessage(jobs[order[i]], text);
  };
  events.failed = [&](std::size_t i, const std::string& why) {
    monitor.OnFailure(jobs[order[i]], why);
  };
  events.stop = hooks.stop;
  const auto work = [&](std::size_t i, const SendMessage& send) {
    Job& job = jobs[order[i]];
    const auto on_core = [&](TileSource& source, const RunOptions& options) {
      return cores.For(job, settings).Run(source, 0, source.tile_count(), options);
    };
    const TileRunner runner = hooks.tile_runner ? hooks.tile_runner : TileRunner(on_core);
    send(RunJob(job, values, settings, runner, send).dump());
  };
  run.stopped = !RunWorkers(jobs.size(), settings.jobs, work, events);
  run.wall_seconds = monitor.seconds();
}

}  // namespace

bool NetworkRun::Good() const {
  return !stopped && std::all_of(layers.begin(), layers.end(), [](const LayerResult& layer) {
    return layer.verdict == Verdict::kVerified || layer.verdict == Verdict::kModel;
  });
}

NetworkRun RunLayers(const Network& network, const Tensors& values, const RunSettings& settings,
                     const RunHooks& hooks) {
  std::vector<Job> jobs = PlanJobs(network, values, settings);
  NetworkRun run;
  if (settings.engine == Engine::kRtl) {
    const auto remove_unfinished = [&] {
      std::error_code ignored;
      if (settings.trace) fs::remove(Unfinished(settings.trace->file), ignored);
    };
    try {
      Execute(jobs, values, settings, hooks, run);
    } catch (...) {
      remove_unfinished();
      throw;
    }
    remove_unfinished();
  }
  for (Job& job : jobs) run.layers.push_back(std::move(job.result));
  return run;
}

}  // namespace systole
