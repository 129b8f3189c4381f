// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_overhead.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

const Library& Osu() {
  static const Library library = ReadLiberty(kLibrary);
  return library;
}

CacheConfig Small() {
  CacheConfig config;
  config.size_bytes = 256;
  config.ways = 2;
  config.line_bytes = 16;
  config.address_width = 14;
  return config;
}

/// A baseline, null caches of 2, 4 and 8 entries, twice the size.
const CacheOverhead& Measured() {
  static const CacheOverhead overhead = [] {
    CacheOverheadSettings settings;
    settings.cache_dir = kCache;
    settings.power = false;
    return MeasureCacheOverhead(StudiedCaches(Small(), {2, 4, 8}, {}), Osu(), settings);
  }();
  return overhead;
}

TEST(StudiedCaches, AreTheBaselineTheNullCachesAndTwiceTheSize) {
  const auto caches = StudiedCaches({}, {64, 256}, {"drop+lru"});
  ASSERT_EQ(caches.size(), 5U);
  EXPECT_EQ(caches[0].name, "16 KiB");
  EXPECT_FALSE(caches[0].config.null_cache);
  EXPECT_EQ(caches[1].name, "+ 64 entries");
  EXPECT_EQ(caches[1].config.null.entries, 64);
  EXPECT_EQ(caches[3].name, "+ 148 entries, drop+lru");
  EXPECT_EQ(caches[3].config.null.store_policy, NullStorePolicy::kDrop);
  EXPECT_EQ(caches[3].config.null.replacement, NullReplacement::kLru);
  EXPECT_EQ(caches[4].name, "32 KiB");
  EXPECT_FALSE(caches[4].config.null_cache);
  for (const CacheVariant& cache : caches) EXPECT_EQ(cache.config.counter_width, 0);
}

TEST(StudiedCaches, UnknownChangesAndBadEntriesAreRefused) {
  EXPECT_THROW(StudiedCaches({}, {}, {"smaller"}), RequestError);
  EXPECT_THROW(StudiedCaches({}, {}, {"drop+"}), RequestError);
  EXPECT_THROW(StudiedCaches({}, {0}, {}), RequestError);
}

TEST(IsTcam, TakesTheTcamAndItsParts) {
  EXPECT_TRUE(IsTcam("tcam"));
  EXPECT_TRUE(IsTcam("tcam_column"));
  EXPECT_FALSE(IsTcam("null_cache"));
  EXPECT_FALSE(IsTcam("tcamera"));
}

TEST(CacheOverhead, BlocksAddUpToTheArea) {
  for (const CacheFigures& cache : Measured().caches) {
    const double sum = std::accumulate(cache.modules.begin(), cache.modules.end(), 0.0,
                                       [](double a, const auto& part) { return a + part.second; });
    EXPECT_NEAR(sum, cache.logic + cache.tcam_flip_flops, 1e-9 * sum) << cache.name;
    const Band all = cache.Area(TcamReading::kFlipFlops);
    EXPECT_NEAR(all.typical, sum + cache.memories.L1Area().typical, 1e-9 * all.typical);
  }
}

TEST(CacheOverhead, LogicOfABaselineHasNoTcam) {
  for (const CacheFigures* cache : {&Measured().caches.front(), &Measured().caches.back()}) {
    EXPECT_EQ(cache->tcam_flip_flops, 0);
    EXPECT_EQ(cache->TcamArea(TcamReading::kMacro), Band());
    EXPECT_EQ(cache->Area(TcamReading::kMacro), cache->Area(TcamReading::kFlipFlops));
  }
}

TEST(CacheOverhead, TheTwoReadingsDifferInTheTcamAlone) {
  for (const CacheFigures& cache : Measured().caches) {
    const Band macro = cache.Area(TcamReading::kMacro), gates = cache.Area(TcamReading::kFlipFlops);
    EXPECT_NEAR(gates.typical - macro.typical,
                cache.tcam_flip_flops - cache.memories.TcamArea().typical, 1e-6);
    EXPECT_NEAR(gates.high - macro.high, cache.tcam_flip_flops - cache.memories.TcamArea().high,
                1e-6);
  }
}

TEST(CacheOverhead, MoreEntriesAreNeverSmaller) {
  for (std::size_t i = 1; i < 4; ++i) {
    const CacheFigures &less = Measured().caches[i - 1], &more = Measured().caches[i];
    EXPECT_GT(more.tcam_flip_flops, less.tcam_flip_flops);
    EXPECT_GT(more.registers, less.registers);
    for (const TcamReading reading : {TcamReading::kMacro, TcamReading::kFlipFlops}) {
      EXPECT_GT(more.Area(reading).typical, less.Area(reading).typical) << more.name;
    }
  }
}

TEST(CacheOverhead, RegistersOfTheTcamAreTwoATernaryBit) {
  // 10 bits of line address. An entry has its valid bit and what replacement and merger keep.
  const auto& caches = Measured().caches;
  const auto per_entry = (caches[3].registers - caches[2].registers) / 4;
  EXPECT_GE(per_entry, 2 * 10 + 1U);
  EXPECT_LE(per_entry, 2 * 10 + 10U);
}

TEST(CacheOverhead, ExtensionOverItselfIsNothing) {
  const CacheFigures& base = Measured().caches.front();
  const CacheExtension none = ExtensionOf(Measured(), base, TcamReading::kMacro);
  EXPECT_EQ(none.area, Band());
  const auto over = Overheads(none, Measured().node, Measured().nand2_area, 1e8);
  for (const OverheadReading& reading : over) EXPECT_EQ(reading.area_percent, Band());
}

TEST(CacheOverhead, LibraryOfAnUnknownNodeIsRefused) {
  Library library = Osu();
  library.name = "something_else";
  CacheOverheadSettings settings;
  settings.power = false;
  try {
    MeasureCacheOverhead(StudiedCaches(Small(), {}, {}), library, settings);
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_THAT(error.what(), HasSubstr("something_else"));
  }
}

}  // namespace
}  // namespace systole
