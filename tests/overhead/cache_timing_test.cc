// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_timing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/overhead/cache_overhead.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

CacheFigures MeasureOne(bool null_cache) {
  const Library library = ReadLiberty("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  CacheConfig config;
  config.size_bytes = 256;
  config.ways = 2;
  config.line_bytes = 16;
  config.address_width = 14;
  config.counter_width = 0;
  config.null_cache = null_cache;
  config.null.entries = 4;
  CacheOverheadSettings settings;
  settings.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  settings.power = false;
  return MeasureCacheOverhead({{"one", config}}, library, settings).caches.front();
}

double Sum(const CachePath& path) {
  double sum = 0;
  for (const PathStep& step : path.steps) sum += step.seconds;
  return sum;
}

TEST(CacheTiming, TheLongestPathIsThePeriod) {
  for (const bool null_cache : {false, true}) {
    const CacheTiming timing = MeasureOne(null_cache).timing.value();
    double longest = 0;
    for (const CachePath& path : timing.paths) {
      longest = std::max(longest, path.period);
      EXPECT_LE(path.period, timing.period + 1e-15) << path.name;
      EXPECT_LE(Sum(path), path.period + 1e-15) << path.name;
      EXPECT_LE(path.tcam, Sum(path)) << path.name;
    }
    // The other places are memory-side and register ports.
    EXPECT_GT(longest, 0.7 * timing.period);
  }
}

TEST(CacheTiming, WithoutNullCacheNoPathLeadsThroughIt) {
  const CacheTiming timing = MeasureOne(false).timing.value();
  EXPECT_EQ(timing.paths.size(), 4U);
  EXPECT_EQ(FindPath(timing, "null cache"), nullptr);
  EXPECT_FALSE(HitWaits(timing));
  for (const CachePath& path : timing.paths) EXPECT_FALSE(path.null_cache);
  const CachePath* alone = FindPath(timing, "response of the L1");
  ASSERT_NE(alone, nullptr);
  EXPECT_EQ(alone->steps.front().module, "cache_ram");
  EXPECT_EQ(alone->period, FindPath(timing, "hit: response")->period);
}

TEST(CacheTiming, WithNullCacheThePathsIntoItAreNamed) {
  const CacheTiming timing = MeasureOne(true).timing.value();
  const CachePath* path = FindPath(timing, "null cache");
  ASSERT_NE(path, nullptr);
  EXPECT_TRUE(path->null_cache);
  EXPECT_THAT(path->to, HasSubstr("u_null_cache"));
}

TEST(CacheTiming, HitWaitsWhenAWorstPathOfAHitLeadsThroughTheNullCache) {
  CacheTiming timing;
  timing.paths = {{.name = "hit: response"}, {.name = "null cache", .null_cache = true}};
  EXPECT_FALSE(HitWaits(timing));
  timing.paths.push_back({.name = "hit: next request", .null_cache = true});
  EXPECT_TRUE(HitWaits(timing));
}

}  // namespace
}  // namespace systole
