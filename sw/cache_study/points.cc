// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/points.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace systole {
namespace {

constexpr int kVictimLines = 32;  // 1 KiB of data

CachePoint L1(int kilobytes) {
  CachePoint point;
  point.config.size_bytes = 1024 * kilobytes;
  point.config.counter_width = 0;
  point.name = fmt::format("{} KiB", kilobytes);
  return point;
}

CachePoint WithNullCache(CachePoint point) {
  point.config.null_cache = true;
  point.name += " + null cache";
  return point;
}

using Change = std::function<void(CachePoint&)>;

/// The null cache point with one change; a change of L1 or memory is the base's as well.
CacheSweep::Value Changed(const std::string& text, const Change& change) {
  CacheSweep::Value value{text, WithNullCache(L1(16)), L1(16)};
  change(value.point);
  change(value.base);
  value.base.config.null = {};
  value.base.extras = {};
  return value;
}

template <typename T>
CacheSweep Integers(const std::string& key, const std::string& title,
                    const std::vector<int>& values, T change) {
  CacheSweep sweep{key, title, {}};
  for (const int value : values) {
    sweep.values.push_back(
        Changed(std::to_string(value), [&](CachePoint& point) { change(point, value); }));
  }
  return sweep;
}

}  // namespace

std::vector<CachePoint> PublishedPoints() {
  CachePoint ideal = WithNullCache(L1(16));
  ideal.name = "16 KiB + ideal null cache";
  ideal.extras.ideal_null = true;
  CachePoint victim = L1(16);
  victim.name = "16 KiB + victim cache";
  victim.extras.victim_lines = kVictimLines;
  return {L1(16), WithNullCache(L1(16)), L1(32), ideal, victim};
}

std::vector<CacheSweep> Sweeps() {
  std::vector<CacheSweep> sweeps;
  sweeps.push_back(Integers("entries", "entries", {16, 32, 64, 128, 148, 256, 512},
                            [](CachePoint& p, int n) { p.config.null.entries = n; }));
  CacheSweep orders = Integers("order", "highest merge order", {0, 1, 2, 3, 4, 6, 8},
                               [](CachePoint& p, int n) { p.config.null.merge_order = n; });
  orders.values.push_back(Changed("unlimited", [](CachePoint&) {}));
  sweeps.push_back(orders);
  sweeps.push_back(
      {"merger",
       "address merger",
       {Changed("serial, at insertion",
                [](CachePoint& p) { p.config.null.merge_trigger = MergeTrigger::kInsert; }),
        Changed("serial, sweep",
                [](CachePoint& p) { p.config.null.merge_trigger = MergeTrigger::kSweep; }),
        Changed("serial, both", [](CachePoint&) {}), Changed("parallel, both", [](CachePoint& p) {
          p.config.null.merge_search = MergeSearch::kParallel;
        })}});
  sweeps.push_back({"replacement",
                    "replacement of entries",
                    {Changed("coverage", [](CachePoint&) {}), Changed("lru", [](CachePoint& p) {
                       p.config.null.replacement = NullReplacement::kLru;
                     })}});
  sweeps.push_back({"stores",
                    "stores to covered lines",
                    {Changed("split", [](CachePoint&) {}), Changed("drop", [](CachePoint& p) {
                       p.config.null.store_policy = NullStorePolicy::kDrop;
                     })}});
  sweeps.push_back(
      {"detection",
       "zero detection",
       {Changed("fill", [](CachePoint&) {}),
        Changed("fill, eviction", [](CachePoint& p) { p.config.null.zero_at_eviction = true; }),
        Changed("fill, store", [](CachePoint& p) { p.config.null.zero_at_store = true; }),
        Changed("fill, eviction, store", [](CachePoint& p) {
          p.config.null.zero_at_eviction = true;
          p.config.null.zero_at_store = true;
        })}});
  sweeps.push_back(
      {"ours",
       "beyond the published design",
       {Changed("as published", [](CachePoint&) {}),
        Changed("insertion filter", [](CachePoint& p) { p.extras.filter_insertions = true; }),
        Changed("prefetch 1", [](CachePoint& p) { p.extras.zero_prefetch = 1; }),
        Changed("prefetch 4", [](CachePoint& p) { p.extras.zero_prefetch = 4; }),
        Changed("prefetch 16", [](CachePoint& p) { p.extras.zero_prefetch = 16; }),
        Changed("filter, detection at stores, prefetch 4", [](CachePoint& p) {
          p.extras.filter_insertions = true;
          p.extras.zero_prefetch = 4;
          p.config.null.zero_at_store = true;
        })}});
  sweeps.push_back(Integers("line", "line, bytes", {16, 32, 64},
                            [](CachePoint& p, int n) { p.config.line_bytes = n; }));
  sweeps.push_back(Integers("size", "L1, KiB", {4, 8, 16, 32, 64},
                            [](CachePoint& p, int n) { p.config.size_bytes = 1024 * n; }));
  sweeps.push_back(Integers("latency", "memory latency, cycles", {20, 50, 100, 200},
                            [](CachePoint& p, int n) { p.latency = static_cast<unsigned>(n); }));
  return sweeps;
}

nlohmann::json Describe(const CachePoint& point) {
  nlohmann::json json = {{"cache", point.config}, {"latency", point.latency}};
  if (point.extras.ideal_null) json["ideal_null"] = true;
  if (point.extras.victim_lines > 0) json["victim_lines"] = point.extras.victim_lines;
  if (point.extras.filter_insertions) json["filter_insertions"] = true;
  if (point.extras.zero_prefetch > 0) json["zero_prefetch"] = point.extras.zero_prefetch;
  return json;
}

}  // namespace systole
