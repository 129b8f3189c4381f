// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cache_options.h"

#include <fmt/format.h>

#include <limits>

namespace systole {
namespace {

constexpr const char* kNullOptions[] = {
    "--null-entries",     "--merge-order",   "--merge-search",
    "--merge-trigger",    "--null-store",    "--null-replacement",
    "--zero-at-eviction", "--zero-at-store", "--approximation"};

constexpr std::int64_t kAny = std::numeric_limits<int>::max();  // Check knows the ranges

void ReadInteger(Options& options, const char* name, int& value) {
  value = static_cast<int>(options.Integer(name, value, -kAny, kAny));
}

/// A configuration file gives a flag as true or false.
bool ReadFlag(Options& options, const char* name) {
  return options.Choice(name, {"true", "false"}, "false") == "true";
}

/// One of an enumeration's words.
template <typename Enum>
void ReadWord(Options& options, const char* name, std::initializer_list<Enum> choices,
              Enum& value) {
  std::vector<std::string> words;
  for (const Enum choice : choices) words.push_back(ToString(choice));
  const std::string word = options.Choice(name, words, ToString(value));
  for (const Enum choice : choices) {
    if (ToString(choice) == word) value = choice;
  }
}

void DeclareNullOptions(Options& options) {
  const NullCacheConfig config;
  const std::string group = "Null cache";
  const auto declare = [&](const char* name, const char* values, const std::string& help) {
    options.Declare(name, values, help, group);
  };
  options.DeclareFlag("--null-cache", "a TCAM beside the cache that remembers lines of zeros",
                      group);
  declare("--null-entries", "N", fmt::format("entries, 1 to 1024 [{}]", config.entries));
  declare("--merge-order", "N",
          fmt::format("highest order that merging reaches; 0: no merging, -1: no limit [{}]",
                      config.merge_order));
  declare("--merge-search", "serial|parallel",
          fmt::format("how the merger finds a partner [{}]", ToString(config.merge_search)));
  declare("--merge-trigger", "insert|sweep|both",
          fmt::format("which entries the merger takes [{}]", ToString(config.merge_trigger)));
  declare("--null-store", "drop|split",
          fmt::format("what a store does to the entry that covers its line [{}]",
                      ToString(config.store_policy)));
  declare("--null-replacement", "lru|coverage",
          fmt::format("which entry goes when all are valid [{}]", ToString(config.replacement)));
  options.DeclareFlag("--zero-at-eviction", "dirty lines are checked for zeros when evicted",
                      group);
  options.DeclareFlag("--zero-at-store", "a line that a store makes zero moves there", group);
  options.DeclareFlag("--approximation", "thresholds below which values count as zero", group);
}

void ReadNullOptions(Options& options, NullCacheConfig& null) {
  ReadInteger(options, "--null-entries", null.entries);
  ReadInteger(options, "--merge-order", null.merge_order);
  ReadWord(options, "--merge-search", {MergeSearch::kSerial, MergeSearch::kParallel},
           null.merge_search);
  ReadWord(options, "--merge-trigger",
           {MergeTrigger::kInsert, MergeTrigger::kSweep, MergeTrigger::kBoth}, null.merge_trigger);
  ReadWord(options, "--null-store", {NullStorePolicy::kDrop, NullStorePolicy::kSplit},
           null.store_policy);
  ReadWord(options, "--null-replacement", {NullReplacement::kLru, NullReplacement::kCoverage},
           null.replacement);
  null.zero_at_eviction = ReadFlag(options, "--zero-at-eviction");
  null.zero_at_store = ReadFlag(options, "--zero-at-store");
  null.approximation = ReadFlag(options, "--approximation");
}

}  // namespace

const ConfigKeys& CacheKeys() {
  static const ConfigKeys keys{
      "a cache",
      {"size", "ways", "line", "address-width", "replacement", "counter-width", "null-cache",
       "null-entries", "merge-order", "merge-search", "merge-trigger", "null-store",
       "null-replacement", "zero-at-eviction", "zero-at-store", "approximation"}};
  return keys;
}

void ReadBytes(Options& options, const char* name, int& value) {
  if (!options.Has(name)) return;
  const std::string text = options.Text(name);
  const char unit = text.empty() ? '0' : text.back();
  const int scale = unit == 'K' ? 1 << 10 : unit == 'M' ? 1 << 20 : 1;
  const auto count = ParseInteger(scale == 1 ? text : text.substr(0, text.size() - 1));
  if (!count || *count > kAny / scale || *count < -kAny / scale) {
    options.Note({fmt::format("{} {} is no number of bytes", name, text),
                  fmt::format("pass {} 16384 or {} 16K", name, name)});
    return;
  }
  value = static_cast<int>(*count) * scale;
}

void DeclareCacheOptions(Options& options) {
  const CacheConfig config;
  const std::string group = "Cache";
  const auto declare = [&](const char* name, const char* values, const std::string& help) {
    options.Declare(name, values, help, group);
  };
  declare("--size", "BYTES", "power of two, 64 to 1M; 16384 or 16K [16K]");
  declare("--ways", "N", fmt::format("ways of a set: 1, 2, 4 or 8 [{}]", config.ways));
  declare("--line", "BYTES", fmt::format("bytes of a line: 16, 32 or 64 [{}]", config.line_bytes));
  declare("--address-width", "N",
          fmt::format("bits of a byte address, up to 48 [{}]", config.address_width));
  declare("--replacement", "lru|plru",
          fmt::format("which way goes [{}]", ToString(config.replacement)));
  declare("--counter-width", "N",
          fmt::format("bits of the performance counters, 16 to 64; 0: none [{}]",
                      config.counter_width));
  declare("--config", "FILE", "these options from a .toml or .json file; the command line wins");
  DeclareNullOptions(options);
}

CacheConfig ReadCacheOptions(Options& options) {
  ApplyConfigFile(options, CacheKeys());
  CacheConfig config;
  ReadBytes(options, "--size", config.size_bytes);
  ReadInteger(options, "--ways", config.ways);
  ReadInteger(options, "--line", config.line_bytes);
  ReadInteger(options, "--address-width", config.address_width);
  ReadWord(options, "--replacement", {CacheReplacement::kLru, CacheReplacement::kPseudoLru},
           config.replacement);
  ReadInteger(options, "--counter-width", config.counter_width);
  config.null_cache = ReadFlag(options, "--null-cache");
  if (config.null_cache) {
    ReadNullOptions(options, config.null);
  } else {
    for (const char* name : kNullOptions) options.Refuse(name, "needs --null-cache");
  }
  options.Note(Check(config));
  return config;
}

}  // namespace systole
