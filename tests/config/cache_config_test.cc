// SPDX-License-Identifier: Apache-2.0
#include "gen/config/cache_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CacheConfig, TheDefaultsAreGoodWithAndWithoutANullCache) {
  CacheConfig config;
  EXPECT_THAT(Check(config), IsEmpty());
  config.null_cache = true;
  EXPECT_THAT(Check(config), IsEmpty());
  EXPECT_EQ(Sets(config), 128);
  EXPECT_EQ(LineWords(config), 4);
  EXPECT_EQ(LineAddressBits(config), 27);
  EXPECT_EQ(MergeOrderLimit(config), 27);
  EXPECT_EQ(ToString(config), "16 KiB 4-way 32 B lru + 148 null entries");
}

TEST(CacheConfig, TheDefaultEntriesAreWhatFitsIntoOneKilobyte) {
  const CacheConfig config;
  EXPECT_EQ(config.null.entries, 8 * 1024 / (2 * LineAddressBits(config) + 1));
}

TEST(CacheConfig, EveryProblemIsNamedAtOnce) {
  CacheConfig config{.size_bytes = 10000, .ways = 3, .line_bytes = 24, .counter_width = 8};
  config.null_cache = true;
  config.null.entries = 0;
  config.null.merge_order = -2;
  const std::vector<Problem> problems = Check(config);
  ASSERT_THAT(problems, SizeIs(6));
  EXPECT_THAT(problems[0].what, HasSubstr("--size 10000"));
  EXPECT_THAT(problems[1].what, HasSubstr("--ways 3"));
  EXPECT_THAT(problems[2].what, HasSubstr("--line 24"));
  EXPECT_THAT(problems[3].what, HasSubstr("--counter-width 8"));
  EXPECT_THAT(problems[4].what, HasSubstr("--null-entries 0"));
  EXPECT_THAT(problems[5].what, HasSubstr("--merge-order -2"));
}

TEST(CacheConfig, ASetNeedsItsWaysAndATagItsBit) {
  EXPECT_THAT(Check({.size_bytes = 64, .ways = 4, .line_bytes = 16}), SizeIs(1));
  EXPECT_THAT(Check({.address_width = 12}), SizeIs(1));
  EXPECT_THAT(Check({.address_width = 13}), IsEmpty());
}

TEST(CacheConfig, JsonReadsWhatItWrote) {
  CacheConfig config{.size_bytes = 512, .ways = 2, .line_bytes = 16, .address_width = 20};
  config.replacement = CacheReplacement::kPseudoLru;
  config.null_cache = true;
  config.null = {.entries = 7,
                 .merge_order = 2,
                 .merge_search = MergeSearch::kParallel,
                 .merge_trigger = MergeTrigger::kSweep,
                 .store_policy = NullStorePolicy::kDrop,
                 .replacement = NullReplacement::kLru,
                 .zero_at_eviction = true,
                 .zero_at_store = true,
                 .approximation = true};
  EXPECT_EQ(nlohmann::json(config).get<CacheConfig>(), config);
}

TEST(CacheConfig, UnknownKeysAndWordsAreRefused) {
  const auto read = [](const char* text) { return nlohmann::json::parse(text).get<CacheConfig>(); };
  EXPECT_THROW(read(R"({"sizes": 1})"), RequestError);
  EXPECT_THROW(read(R"({"size": "16"})"), RequestError);
  EXPECT_THROW(read(R"({"size": 4294967360})"), RequestError);
  EXPECT_THROW(read(R"({"null_store": "merge"})"), RequestError);
  EXPECT_THROW(read(R"({"null_cache": 1})"), RequestError);
  EXPECT_THROW(read(R"([])"), RequestError);
}

}  // namespace
}  // namespace systole
