// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_timing.h"

#include <algorithm>
#include <array>
#include <map>

#include "synth/netlist/cells.h"
#include "synth/overhead/tcam_reading.h"

namespace systole {
namespace {

constexpr const char* kNullCache = "null_cache";
constexpr std::array kHitPaths = {kCachePaths[0], kCachePaths[1]};

/// Where paths begin and end, by the names that OpenSTA has for them; and the module of each block.
class Places {
 public:
  Places(const Netlist& netlist, const std::vector<Library>& libraries) : finder_(libraries) {
    for (const NetlistModule& module : netlist.modules) modules_[module.name] = &module;
    Walk(netlist.top(), "", false);
  }

  std::vector<std::string> arrays;      ///< tags and data
  std::vector<std::string> controller;  ///< registers outside the null cache
  std::vector<std::string> null_cache;  ///< registers in it

  /// Of a cell or block named from the top.
  const std::string& ModuleOf(const std::string& instance) const {
    const auto macro = blocks_.find(instance);
    if (macro != blocks_.end()) return macro->second;
    const std::size_t slash = instance.rfind('/');
    return blocks_.at(slash == std::string::npos ? "" : instance.substr(0, slash));
  }
  bool InNullCache(const std::string& instance) const {
    return !null_block_.empty() && instance.starts_with(null_block_ + "/");
  }

 private:
  void Walk(const NetlistModule& module, const std::string& path, bool in_null) {
    blocks_[path] = module.block;
    const std::string prefix = path.empty() ? "" : path + "/";
    for (const NetlistInstance& instance : module.instances) {
      const std::string name = prefix + instance.name;
      if (instance.is_module) {
        const NetlistModule& child = *modules_.at(instance.type);
        if (child.block == kNullCache) null_block_ = name;
        Walk(child, name, in_null || child.block == kNullCache);
      } else if (!instance.block.empty()) {
        blocks_[name] = instance.block;
        arrays.push_back(name);
      } else if (finder_.Get(instance.type).sequential) {
        (in_null ? null_cache : controller).push_back(name);
      }
    }
  }

  CellFinder finder_;
  std::map<std::string, const NetlistModule*> modules_;
  std::map<std::string, std::string> blocks_;  ///< module by path, macros too
  std::string null_block_;
};

CachePath Condense(const std::string& name, const TimingPath& path, const Places& places) {
  CachePath result{name, path.period, path.from, path.to, false, 0, {}};
  double before = 0;
  for (std::size_t i = 0; i + 1 < path.stages.size(); ++i) {  // the last is where it ends
    const TimingStage& stage = path.stages[i];
    if (stage.cell == "in") continue;
    const std::string& module = places.ModuleOf(stage.instance);
    if (result.steps.empty() || result.steps.back().module != module) {
      result.steps.push_back({module, 0, 0});
    }
    PathStep& step = result.steps.back();
    ++step.cells;
    step.seconds += stage.arrival - before;
    if (IsTcam(module)) result.tcam += stage.arrival - before;
    if (places.InNullCache(stage.instance)) result.null_cache = true;
    before = stage.arrival;
  }
  return result;
}

}  // namespace

const CachePath* FindPath(const CacheTiming& timing, const std::string& name) {
  for (const CachePath& path : timing.paths) {
    if (path.name == name) return &path;
  }
  return nullptr;
}

bool HitWaits(const CacheTiming& timing) {
  return std::any_of(kHitPaths.begin(), kHitPaths.end(), [&](const char* name) {
    const CachePath* path = FindPath(timing, name);
    return path != nullptr && path->null_cache;
  });
}

CacheTiming TimeCache(const SynthesisResult& cache, double wire_per_fanout,
                      const Cancelled& cancelled) {
  const Places places(cache.netlist, cache.libraries);
  const std::vector<std::string> response = {"resp_valid_o", "resp_rdata_o", "resp_source_o"};
  TimingOptions options;
  options.wire_capacitance = wire_per_fanout;
  options.cancelled = cancelled;
  options.queries = {{response, {}, {}},
                     {{"req_ready_o"}, places.arrays, {}},
                     {{}, places.controller, {}},
                     {response, {}, places.arrays}};
  if (!places.null_cache.empty()) options.queries.push_back({{}, places.null_cache, {}});
  const TimingResult result = AnalyzeTiming(cache.netlist, cache.libraries, options);
  CacheTiming timing;
  timing.period = result.min_period;
  timing.from = result.from;
  timing.to = result.to;
  timing.tool = result.tool;
  for (std::size_t i = 0; i < result.paths.size(); ++i) {
    if (result.paths[i]) {
      timing.paths.push_back(Condense(kCachePaths[i], *result.paths[i], places));
    }
  }
  return timing;
}

}  // namespace systole
