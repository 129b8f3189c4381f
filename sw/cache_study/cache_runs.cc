// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/cache_runs.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace systole {
namespace {

/// All counts with their names, so that each is written once.
template <typename Counts, typename Visit>
void ForEach(Counts& counts, Visit visit) {
  visit("accesses", counts.accesses);
  visit("instructions", counts.instructions);
  visit("cycles", counts.cycles);
  visit("l1_hits", counts.l1_hits);
  visit("null_hits", counts.null_hits);
  visit("victim_hits", counts.victim_hits);
  visit("fills", counts.fills);
  visit("prefetches", counts.prefetches);
  visit("write_backs", counts.write_backs);
  visit("insertions", counts.insertions);
  visit("evictions", counts.evictions);
  visit("covered_stores", counts.covered_stores);
  visit("splits", counts.splits);
  visit("drops", counts.drops);
  visit("approximated", counts.approximated);
  visit("store_hits", counts.store_hits);
  visit("installs", counts.installs);
  visit("victim_copies", counts.victim_copies);
  visit("zero_moves", counts.zero_moves);
  visit("merger_searches", counts.merger_searches);
  visit("merger_compares", counts.merger_compares);
  visit("entry_reads", counts.entry_reads);
  visit("entry_writes", counts.entry_writes);
}

/// What a model has done so far.
struct Progress {
  CacheCounters counters;
  CacheArrayUse use;
  std::uint64_t cycle = 0;
};

double Difference(std::uint64_t now, std::uint64_t before) {
  return static_cast<double>(now - before);
}

CacheCounts Between(const Progress& before, const Progress& now) {
  const CacheCounters &a = before.counters, &b = now.counters;
  CacheCounts counts;
  counts.accesses = Difference(b.accesses, a.accesses);
  counts.cycles = Difference(now.cycle, before.cycle);
  counts.l1_hits = Difference(b.l1_hits, a.l1_hits);
  counts.null_hits = Difference(b.null_hits, a.null_hits);
  counts.victim_hits = Difference(b.victim_hits, a.victim_hits);
  counts.fills = Difference(b.fills, a.fills);
  counts.prefetches = Difference(b.prefetches, a.prefetches);
  counts.write_backs = Difference(b.write_backs, a.write_backs);
  counts.insertions = Difference(b.null.insertions, a.null.insertions);
  counts.evictions = Difference(b.null.evictions, a.null.evictions);
  counts.covered_stores = Difference(b.null.covered_stores, a.null.covered_stores);
  counts.splits = Difference(b.null.splits, a.null.splits);
  counts.drops = Difference(b.null.drops, a.null.drops);
  counts.approximated = Difference(b.approximated, a.approximated);
  counts.store_hits = Difference(now.use.store_hits, before.use.store_hits);
  counts.installs = Difference(now.use.installs, before.use.installs);
  counts.victim_copies = Difference(now.use.victim_copies, before.use.victim_copies);
  counts.zero_moves = Difference(now.use.zero_moves, before.use.zero_moves);
  counts.merger_searches = Difference(now.use.tcam.searches, before.use.tcam.searches);
  counts.merger_compares = Difference(now.use.tcam.compares, before.use.tcam.compares);
  counts.entry_reads = Difference(now.use.tcam.reads, before.use.tcam.reads);
  counts.entry_writes = Difference(now.use.tcam.writes, before.use.tcam.writes);
  for (std::size_t i = 0; i < counts.merges.size(); ++i) {
    counts.merges[i] = Difference(b.null.merges[i], a.null.merges[i]);
  }
  return counts;
}

CacheCounts Scaled(CacheCounts counts, double factor) {
  ForEach(counts, [&](const char*, double& value) { value *= factor; });
  for (double& merges : counts.merges) merges *= factor;
  return counts;
}

/// One access to all models.
class FanOut {
 public:
  FanOut(const std::vector<CachePoint>& points, MemoryImage& image) {
    for (const CachePoint& point : points) {
      models_.push_back(std::make_unique<CacheModel>(
          point.config, image, MemoryTiming{.latency = point.latency}, point.extras));
    }
  }
  std::uint64_t Access(const systole::Access& access) {
    for (const auto& model : models_) model->Access(access);
    return access.value;
  }
  CacheModel& model(std::size_t i) { return *models_[i]; }
  std::size_t size() const { return models_.size(); }

 private:
  std::vector<std::unique_ptr<CacheModel>> models_;
};

}  // namespace

CacheCounts& CacheCounts::operator+=(const CacheCounts& other) {
  std::vector<double> values;
  ForEach(other, [&](const char*, double value) { values.push_back(value); });
  std::size_t i = 0;
  ForEach(*this, [&](const char*, double& value) { value += values[i++]; });
  for (std::size_t j = 0; j < merges.size(); ++j) merges[j] += other.merges[j];
  return *this;
}

CacheCounts CacheRun::Total() const {
  CacheCounts total;
  for (const CacheLayerRun& layer : layers) total += layer.counts;
  return total;
}

void to_json(nlohmann::json& json, const CacheCounts& counts) {
  json = nlohmann::json::object();
  ForEach(counts, [&](const char* name, double value) { json[name] = value; });
  json["merges"] = counts.merges;
}

void from_json(const nlohmann::json& json, CacheCounts& counts) {
  ForEach(counts, [&](const char* name, double& value) { json.at(name).get_to(value); });
  json.at("merges").get_to(counts.merges);
}

void to_json(nlohmann::json& json, const CacheRun& run) {
  json = nlohmann::json::array();
  for (const CacheLayerRun& layer : run.layers) {
    json.push_back({{"layer", layer.layer},
                    {"op", layer.op},
                    {"factor", layer.factor},
                    {"counts", layer.counts},
                    {"entries", layer.entries},
                    {"covered_lines", layer.covered_lines}});
  }
}

void from_json(const nlohmann::json& json, CacheRun& run) {
  run.layers.clear();
  for (const nlohmann::json& item : json) {
    CacheLayerRun& layer = run.layers.emplace_back();
    item.at("layer").get_to(layer.layer);
    item.at("op").get_to(layer.op);
    item.at("factor").get_to(layer.factor);
    item.at("counts").get_to(layer.counts);
    item.at("entries").get_to(layer.entries);
    item.at("covered_lines").get_to(layer.covered_lines);
  }
}

std::vector<CacheRun> RunCaches(const Program& program, MemoryImage& image,
                                const std::vector<CachePoint>& points, const Sampling& sampling,
                                const LayerDone& done) {
  FanOut caches(points, image);
  std::vector<CacheRun> runs(points.size());
  std::vector<Progress> before(points.size());
  const auto observe = [&](std::size_t layer, bool begin) {
    if (begin) return;
    for (std::size_t i = 0; i < caches.size(); ++i) {
      CacheModel& model = caches.model(i);
      const Progress now{model.Counters(), model.ArrayUse(), model.cycle()};
      CacheLayerRun& run = runs[i].layers.emplace_back();
      run.layer = program.layers[layer].name;
      run.op = program.layers[layer].op;
      run.counts = Between(before[i], now);
      if (points[i].config.null_cache) {
        const NullCacheModel::Coverage coverage = model.null_cache().Covered();
        run.entries = coverage.entries;
        run.covered_lines = coverage.lines;
      }
      before[i] = now;
    }
    if (done) done(layer);
  };
  const ProgramRun traced = RunProgram(program, image, caches, sampling, observe);
  for (CacheRun& run : runs) {
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
      CacheLayerRun& layer = run.layers[i];
      layer.factor = traced.layers[i].Factor();
      layer.counts = Scaled(layer.counts, layer.factor);
      layer.counts.instructions = static_cast<double>(traced.layers[i].total.instructions);
    }
    if (!run.layers.empty()) run.layers.back().counts.cycles += traced.trailing_instructions;
  }
  return runs;
}

CacheCounts Totals(CacheModel& model, const ProgramRun& run) {
  CacheCounts counts = Between({}, {model.Counters(), model.ArrayUse(), model.cycle()});
  counts.cycles += run.trailing_instructions;
  for (const ProgramLayerRun& layer : run.layers) {
    counts.instructions += static_cast<double>(layer.total.instructions);
  }
  return counts;
}

}  // namespace systole
