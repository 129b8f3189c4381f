// SPDX-License-Identifier: Apache-2.0
// What holds for areas of caches over configurations. Areas carry the noise of mapping
// (docs/synthesis.md).
#include <gtest/gtest.h>

#include <filesystem>

#include "synth/overhead/cache_overhead.h"

namespace systole {
namespace {

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr TcamReading kReadings[] = {TcamReading::kMacro, TcamReading::kFlipFlops};

CacheConfig Cache(int bytes, int ways) {
  CacheConfig config;
  config.size_bytes = bytes;
  config.ways = ways;
  config.line_bytes = 16;
  config.address_width = 14;
  return config;
}

class CacheProperty : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  }
};

/// Areas of `config`, of it with null caches of these entries, and of twice the size.
std::vector<CacheFigures> AreasOf(const CacheConfig& config, const std::vector<int>& entries) {
  static const Library library = ReadLiberty(kLibrary);
  CacheOverheadSettings settings;
  settings.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  settings.power = settings.timing = false;
  return MeasureCacheOverhead(StudiedCaches(config, entries, {}), library, settings).caches;
}

TEST_F(CacheProperty, MoreBytesAndMoreWaysAreNeverSmaller) {
  const std::vector<CacheFigures> direct = AreasOf(Cache(256, 1), {});
  const std::vector<CacheFigures> two_ways = AreasOf(Cache(256, 2), {});
  const auto expect_larger = [](const CacheFigures& more, const CacheFigures& less) {
    EXPECT_GT(more.registers, less.registers);  // dirty bits, replacement
    EXPECT_GT(more.logic, less.logic);
    EXPECT_GT(more.memories.L1Area().typical, less.memories.L1Area().typical);
  };
  expect_larger(direct.back(), direct.front());
  expect_larger(two_ways.back(), two_ways.front());
  expect_larger(two_ways.front(), direct.front());
  expect_larger(two_ways.back(), direct.back());
}

TEST_F(CacheProperty, WhatTheNullCacheAddsIsAFixedPartAndAShareOfEachEntry) {
  const std::vector<int> entries = {8, 16, 32};
  const std::vector<CacheFigures> caches = AreasOf(Cache(256, 2), entries);
  const CacheFigures &base = caches[0], &few = caches[1], &more = caches[2], &most = caches[3];
  // Exact: registers, the TCAM's among them, have no noise.
  EXPECT_EQ(2 * (more.registers - few.registers), most.registers - more.registers);
  EXPECT_GT(few.registers - base.registers, more.registers - few.registers);
  EXPECT_NEAR(more.tcam_flip_flops / few.tcam_flip_flops, 2, 0.04);
  EXPECT_NEAR(most.tcam_flip_flops / few.tcam_flip_flops, 4, 0.08);
  for (const TcamReading reading : kReadings) {
    const auto area = [&](const CacheFigures& cache) { return cache.Area(reading).typical; };
    const double an_entry = (area(more) - area(few)) / 8;
    EXPECT_NEAR((area(most) - area(more)) / 16 / an_entry, 1, 0.1);
    EXPECT_GT((area(few) - area(base)) / 8, an_entry);
  }
}

}  // namespace
}  // namespace systole
