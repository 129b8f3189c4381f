// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cache_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "sw/cli/interrupt.h"
#include "tb/result_store.h"
#include "tb/worker_pool.h"

namespace systole {
namespace {

/// Caches that one worker gives the accesses of one run of the program to.
constexpr std::size_t kPointsOfJob = 16;
/// Changes when the model or the programs change their results.
constexpr int kStoreVersion = 1;

/// Points of one task for one worker.
struct Job {
  std::size_t task = 0;
  std::vector<std::size_t> points;
};

nlohmann::json Description(const CacheTask& task) {
  return {{"study", "sparsecache"},
          {"version", fmt::format("{} {}", SYSTOLE_VERSION, kStoreVersion)},
          {"workload", Describe(task.request)}};
}

nlohmann::json Description(const CacheTask& task, const CachePoint& point) {
  nlohmann::json json = Description(task);
  json["accesses_per_layer"] = task.sampling.accesses_per_layer;
  json["point"] = Describe(point);
  return json;
}

nlohmann::json ToJson(const Workload& workload) {
  nlohmann::json zeros = nlohmann::json::array();
  for (const LayerZeros& layer : workload.zeros) {
    zeros.push_back({layer.layer, layer.op, layer.weights, layer.zero_weights, layer.activations,
                     layer.zero_activations});
  }
  return {{"origin", workload.origin}, {"zeros", zeros}};
}

void ReadFacts(const nlohmann::json& json, CacheTaskResult& result) {
  json.at("origin").get_to(result.origin);
  for (const nlohmann::json& item : json.at("zeros")) {
    result.zeros.push_back(
        {item.at(0), item.at(1), item.at(2), item.at(3), item.at(4), item.at(5)});
  }
}

/// The worker's side: builds the program, runs it, sends what came out.
void RunJob(const CacheTask& task, const Job& job, const SendMessage& send) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(task.request, image);
  send(nlohmann::json{{"facts", ToJson(workload)}}.dump());
  std::vector<CachePoint> points;
  for (const std::size_t point : job.points) points.push_back(task.points[point]);
  const std::size_t layers = workload.program.layers.size();
  const auto runs =
      RunCaches(workload.program, image, points, task.sampling, [&](std::size_t layer) {
        send(nlohmann::json{{"layer", layer + 1}, {"layers", layers}}.dump());
      });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    send(nlohmann::json{{"point", job.points[i]}, {"run", runs[i]}}.dump());
  }
}

std::vector<Job> MissingJobs(const std::vector<CacheTask>& tasks, ResultStore& store,
                             std::vector<CacheTaskResult>& results) {
  std::vector<Job> jobs;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    results[t].runs.resize(tasks[t].points.size());
    const auto facts = store.Find(Description(tasks[t]));
    if (facts) ReadFacts(*facts, results[t]);
    std::vector<std::size_t> missing;
    for (std::size_t p = 0; p < tasks[t].points.size(); ++p) {
      const auto stored = store.Find(Description(tasks[t], tasks[t].points[p]));
      if (stored && facts) {
        results[t].runs[p] = stored->get<CacheRun>();
      } else {
        missing.push_back(p);
      }
    }
    for (std::size_t begin = 0; begin < missing.size(); begin += kPointsOfJob) {
      const std::size_t end = std::min(missing.size(), begin + kPointsOfJob);
      jobs.push_back({t,
                      {missing.begin() + static_cast<std::ptrdiff_t>(begin),
                       missing.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
  }
  return jobs;
}

}  // namespace

std::vector<CacheTaskResult> RunCacheTasks(const std::vector<CacheTask>& tasks,
                                           const CacheTaskSettings& settings, ProgressLine& line) {
  ResultStore store(settings.store);
  std::vector<CacheTaskResult> results(tasks.size());
  const std::vector<Job> jobs = MissingJobs(tasks, store, results);
  std::string failure;
  WorkerEvents events;
  events.message = [&](std::size_t index, const std::string& text) {
    const Job& job = jobs[index];
    const CacheTask& task = tasks[job.task];
    const nlohmann::json message = nlohmann::json::parse(text);
    if (message.contains("facts")) {
      store.Put(Description(task), message.at("facts"));
      if (results[job.task].zeros.empty()) ReadFacts(message.at("facts"), results[job.task]);
    } else if (message.contains("run")) {
      const std::size_t point = message.at("point");
      store.Put(Description(task, task.points[point]), message.at("run"));
      results[job.task].runs[point] = message.at("run").get<CacheRun>();
    } else {
      line.Show(fmt::format("job {} of {}: {} {}, layer {} of {}", index + 1, jobs.size(),
                            ToString(task.request.network), ToString(task.request.program),
                            message.at("layer").get<std::size_t>(),
                            message.at("layers").get<std::size_t>()));
    }
  };
  events.failed = [&](std::size_t index, const std::string& why) {
    const WorkloadRequest& request = tasks[jobs[index].task].request;
    failure = fmt::format("{} {}: {}", ToString(request.network), ToString(request.program), why);
  };
  events.stop = [&] { return WasInterrupted() || !failure.empty(); };
  RunWorkers(
      jobs.size(), settings.jobs,
      [&](std::size_t index, const SendMessage& send) {
        RunJob(tasks[jobs[index].task], jobs[index], send);
      },
      events);
  line.Clear();
  ThrowIfInterrupted();
  if (!failure.empty()) throw RunError(failure);
  return results;
}

}  // namespace systole
