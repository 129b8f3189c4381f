// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_variants.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {
namespace {

struct Change {
  const char* name;
  void (*make)(NullCacheConfig& config);
};

constexpr Change kChanges[] = {
    {"approximation", [](NullCacheConfig& c) { c.approximation = true; }},
    {"parallel", [](NullCacheConfig& c) { c.merge_search = MergeSearch::kParallel; }},
    {"no-merger", [](NullCacheConfig& c) { c.merge_order = 0; }},
    {"drop", [](NullCacheConfig& c) { c.store_policy = NullStorePolicy::kDrop; }},
    {"lru", [](NullCacheConfig& c) { c.replacement = NullReplacement::kLru; }},
};

std::string SizeName(const CacheConfig& config) {
  return config.size_bytes % 1024 == 0 ? fmt::format("{} KiB", config.size_bytes / 1024)
                                       : fmt::format("{} B", config.size_bytes);
}

void Add(std::vector<CacheVariant>& variants, std::string name, const CacheConfig& config) {
  std::vector<Problem> problems = Check(config);
  if (!problems.empty()) throw RequestError(std::move(problems));
  variants.push_back({std::move(name), config});
}

}  // namespace

std::vector<std::string> NullCacheChanges() {
  std::vector<std::string> names;
  for (const Change& change : kChanges) names.emplace_back(change.name);
  return names;
}

void ChangeNullCache(NullCacheConfig& config, const std::string& change) {
  for (std::size_t at = 0; at <= change.size();) {
    const std::size_t end = std::min(change.find('+', at), change.size());
    const std::string name = change.substr(at, end - at);
    at = end + 1;
    const Change* known = nullptr;
    for (const Change& candidate : kChanges) {
      if (name == candidate.name) known = &candidate;
    }
    if (known == nullptr) {
      throw RequestError(
          fmt::format("change {} of the null cache is unknown", name),
          fmt::format("use {}, or several joined by +", fmt::join(NullCacheChanges(), ", ")));
    }
    known->make(config);
  }
}

std::vector<CacheVariant> StudiedCaches(CacheConfig base, const std::vector<int>& entries,
                                        const std::vector<std::string>& changes) {
  base.counter_width = 0;
  base.null_cache = false;
  base.null = {};
  std::vector<CacheVariant> variants;
  Add(variants, SizeName(base), base);
  CacheConfig config = base;
  config.null_cache = true;
  for (const int count : entries) {
    config.null = {};
    config.null.entries = count;
    Add(variants, fmt::format("+ {} entries", count), config);
  }
  for (const std::string& change : changes) {
    config.null = {};
    ChangeNullCache(config.null, change);
    Add(variants, fmt::format("+ {} entries, {}", config.null.entries, change), config);
  }
  config = base;
  config.size_bytes *= 2;
  Add(variants, SizeName(config), config);
  return variants;
}

}  // namespace systole
