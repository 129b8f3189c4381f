// SPDX-License-Identifier: Apache-2.0
#include "gen/config/cache_config.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/words.h"
#include "gen/config/check_range.h"

namespace systole {
namespace {

constexpr EnumWords<CacheReplacement, 2> kReplacements{
    {{CacheReplacement::kLru, "lru"}, {CacheReplacement::kPseudoLru, "plru"}}};
constexpr EnumWords<MergeSearch, 2> kSearches{
    {{MergeSearch::kSerial, "serial"}, {MergeSearch::kParallel, "parallel"}}};
constexpr EnumWords<MergeTrigger, 3> kTriggers{{{MergeTrigger::kInsert, "insert"},
                                                {MergeTrigger::kSweep, "sweep"},
                                                {MergeTrigger::kBoth, "both"}}};
constexpr EnumWords<NullStorePolicy, 2> kPolicies{
    {{NullStorePolicy::kDrop, "drop"}, {NullStorePolicy::kSplit, "split"}}};
constexpr EnumWords<NullReplacement, 2> kNullReplacements{
    {{NullReplacement::kLru, "lru"}, {NullReplacement::kCoverage, "coverage"}}};

template <typename Enum, std::size_t N>
void Read(const nlohmann::json& value, const std::string& key, const EnumWords<Enum, N>& words,
          Enum& out) {
  if (value.is_string()) {
    for (const auto& [known, word] : words) {
      if (value.get<std::string>() == word) {
        out = known;
        return;
      }
    }
  }
  std::string list;
  for (const auto& [known, word] : words) list += (list.empty() ? "" : " or ") + std::string(word);
  throw RequestError(fmt::format("{} {} is unknown: {} is expected", key, value.dump(), list));
}

void Read(const nlohmann::json& value, const std::string& key, int& out) {
  if (!value.is_number_integer()) {
    throw RequestError(fmt::format("{} is {}: an integer is expected", key, value.dump()));
  }
  const auto wide = value.get<std::int64_t>();
  if (wide != static_cast<int>(wide)) {
    throw RequestError(fmt::format("{} {} is out of range", key, value.dump()));
  }
  out = static_cast<int>(wide);
}

void Read(const nlohmann::json& value, const std::string& key, bool& out) {
  if (!value.is_boolean()) {
    throw RequestError(fmt::format("{} is {}: true or false is expected", key, value.dump()));
  }
  out = value.get<bool>();
}

bool IsPowerOfTwo(int value) {
  return value > 0 && std::has_single_bit(static_cast<unsigned>(value));
}

int Log2(int value) { return std::bit_width(static_cast<unsigned>(value)) - 1; }

void CheckL1(std::vector<Problem>& problems, const CacheConfig& config) {
  const std::size_t before = problems.size();
  if (!IsPowerOfTwo(config.size_bytes) || config.size_bytes < 64 || config.size_bytes > (1 << 20)) {
    problems.push_back(
        {fmt::format("--size {} is no power of two from 64 to 1048576", config.size_bytes),
         "pass --size 16384"});
  }
  if (!IsPowerOfTwo(config.ways) || config.ways > 8) {
    problems.push_back(
        {fmt::format("--ways {} is not supported: 1, 2, 4 or 8", config.ways), "pass --ways 4"});
  }
  if (config.line_bytes != 16 && config.line_bytes != 32 && config.line_bytes != 64) {
    problems.push_back(
        {fmt::format("--line {} is not supported: 16, 32 or 64 bytes", config.line_bytes),
         "pass --line 32"});
  }
  if (problems.size() != before) return;
  if (Sets(config) < 2) {
    problems.push_back({fmt::format("--size {} holds fewer than two sets of {} ways of {} bytes",
                                    config.size_bytes, config.ways, config.line_bytes),
                        fmt::format("pass --size {}", 2 * config.ways * config.line_bytes)});
    return;
  }
  CheckRange(problems, "--address-width", config.address_width,
             OffsetBits(config) + IndexBits(config) + 1, 48, 32);
}

void CheckNull(std::vector<Problem>& problems, const CacheConfig& config) {
  CheckRange(problems, "--null-entries", config.null.entries, 1, 1024, 148);
  CheckRange(problems, "--merge-order", config.null.merge_order, -1, 48, -1);
}

}  // namespace

std::vector<Problem> Check(const CacheConfig& config) {
  std::vector<Problem> problems;
  CheckL1(problems, config);
  if (config.counter_width != 0) {
    CheckRange(problems, "--counter-width", config.counter_width, 16, 64, 48);
  }
  if (config.null_cache) CheckNull(problems, config);
  return problems;
}

int OffsetBits(const CacheConfig& config) { return Log2(config.line_bytes); }
int IndexBits(const CacheConfig& config) { return Log2(Sets(config)); }
int LineAddressBits(const CacheConfig& config) { return config.address_width - OffsetBits(config); }
int MergeOrderLimit(const CacheConfig& config) {
  const int bits = LineAddressBits(config);
  return config.null.merge_order < 0 || config.null.merge_order > bits ? bits
                                                                       : config.null.merge_order;
}

std::string ToString(CacheReplacement replacement) { return WordOf(kReplacements, replacement); }
std::string ToString(MergeSearch search) { return WordOf(kSearches, search); }
std::string ToString(MergeTrigger trigger) { return WordOf(kTriggers, trigger); }
std::string ToString(NullStorePolicy policy) { return WordOf(kPolicies, policy); }
std::string ToString(NullReplacement replacement) { return WordOf(kNullReplacements, replacement); }

std::string ToString(const CacheConfig& config) {
  const std::string size = config.size_bytes >= 1024
                               ? fmt::format("{} KiB", config.size_bytes / 1024)
                               : fmt::format("{} B", config.size_bytes);
  std::string text = fmt::format("{} {}-way {} B {}", size, config.ways, config.line_bytes,
                                 ToString(config.replacement));
  if (!config.null_cache) return text;
  return fmt::format("{} + {} null entries", text, config.null.entries);
}

void to_json(nlohmann::json& json, const CacheConfig& config) {
  json = {{"size", config.size_bytes},
          {"ways", config.ways},
          {"line", config.line_bytes},
          {"address_width", config.address_width},
          {"replacement", ToString(config.replacement)},
          {"counter_width", config.counter_width},
          {"null_cache", config.null_cache}};
  if (!config.null_cache) return;
  const NullCacheConfig& null = config.null;
  json["null_entries"] = null.entries;
  json["merge_order"] = null.merge_order;
  json["merge_search"] = ToString(null.merge_search);
  json["merge_trigger"] = ToString(null.merge_trigger);
  json["null_store"] = ToString(null.store_policy);
  json["null_replacement"] = ToString(null.replacement);
  json["zero_at_eviction"] = null.zero_at_eviction;
  json["zero_at_store"] = null.zero_at_store;
  json["approximation"] = null.approximation;
}

void from_json(const nlohmann::json& json, CacheConfig& config) {
  if (!json.is_object()) throw RequestError("a cache configuration is a table of options");
  NullCacheConfig& null = config.null;
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const nlohmann::json& value = item.value();
    if (key == "size") {
      Read(value, key, config.size_bytes);
    } else if (key == "ways") {
      Read(value, key, config.ways);
    } else if (key == "line") {
      Read(value, key, config.line_bytes);
    } else if (key == "address_width") {
      Read(value, key, config.address_width);
    } else if (key == "replacement") {
      Read(value, key, kReplacements, config.replacement);
    } else if (key == "counter_width") {
      Read(value, key, config.counter_width);
    } else if (key == "null_cache") {
      Read(value, key, config.null_cache);
    } else if (key == "null_entries") {
      Read(value, key, null.entries);
    } else if (key == "merge_order") {
      Read(value, key, null.merge_order);
    } else if (key == "merge_search") {
      Read(value, key, kSearches, null.merge_search);
    } else if (key == "merge_trigger") {
      Read(value, key, kTriggers, null.merge_trigger);
    } else if (key == "null_store") {
      Read(value, key, kPolicies, null.store_policy);
    } else if (key == "null_replacement") {
      Read(value, key, kNullReplacements, null.replacement);
    } else if (key == "zero_at_eviction") {
      Read(value, key, null.zero_at_eviction);
    } else if (key == "zero_at_store") {
      Read(value, key, null.zero_at_store);
    } else if (key == "approximation") {
      Read(value, key, null.approximation);
    } else {
      throw RequestError(
          fmt::format("\"{}\" is no option of a cache", key),
          "use size, ways, line, address_width, replacement, counter_width, null_cache, "
          "null_entries, merge_order, merge_search, merge_trigger, null_store, null_replacement, "
          "zero_at_eviction, zero_at_store, approximation");
    }
  }
}

}  // namespace systole
