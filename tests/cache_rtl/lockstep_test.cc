// SPDX-License-Identifier: Apache-2.0
// The Verilated data cache equals its model, access by access, on hostile streams, for a matrix of
// configurations. SYSTOLE_DEEP=1: more than 10^7 accesses.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cache_rtl/configurations.h"
#include "tests/cache_rtl/stream_run.h"

namespace systole {
namespace {

bool Deep() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  return deep != nullptr && *deep == '1';
}

class CacheLockstepTest : public ::testing::TestWithParam<NamedCache> {
 protected:
  CacheLockstepTest()
      : library_(GetParam().config,
                 {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true}, true) {}

  /// Runs a stream of the seed in lock-step; a difference fails the test.
  void ExpectEqual(const StreamMix& mix, std::uint64_t seed, std::uint64_t accesses,
                   const MemoryTiming& timing) {
    EXPECT_EQ(FirstDifference(library_, {mix, seed, accesses, timing}), "") << "seed " << seed;
  }

  static std::uint64_t Seeds() { return Deep() ? 30 : 1; }
  static MemoryTiming Stalls() { return {.latency = 1, .extra_accept = 5, .extra_latency = 12}; }

  CacheLibrary library_;
};

TEST_P(CacheLockstepTest, MixedStreamWithStallsEqualsModel) {
  for (std::uint64_t seed = 1; seed <= 2 * Seeds(); ++seed) {
    ExpectEqual({.scattered = seed % 2 == 0}, seed, 3000, Stalls());
  }
}

TEST_P(CacheLockstepTest, SmallFootprintEqualsModel) {
  for (std::uint64_t seed = 101; seed <= 100 + Seeds(); ++seed) {
    ExpectEqual({.footprint = 16}, seed, 2000, {.latency = 2});
  }
}

TEST_P(CacheLockstepTest, AllZeroMemoryEqualsModel) {
  for (std::uint64_t seed = 201; seed <= 200 + Seeds(); ++seed) {
    ExpectEqual({.zero_lines = 256, .zero_stores = 250, .gaps = 200, .footprint = 64}, seed, 2000,
                Stalls());
    ExpectEqual({.zero_lines = 256, .stores = 10, .zero_stores = 200, .scattered = true}, seed,
                2000, {.latency = 30});
  }
}

TEST_P(CacheLockstepTest, RegisterWritesAtAnyTimeEqualModel) {
  for (std::uint64_t seed = 301; seed <= 300 + Seeds(); ++seed) {
    ExpectEqual({.zero_lines = 200, .small_lines = 128, .registers = 128, .footprint = 64}, seed,
                2500, Stalls());
  }
}

TEST_P(CacheLockstepTest, SmallValuesWithManyZeroStoresEqualModel) {
  for (std::uint64_t seed = 401; seed <= 400 + Seeds(); ++seed) {
    ExpectEqual({.zero_lines = 100,
                 .small_lines = 200,
                 .stores = 160,
                 .zero_stores = 200,
                 .registers = 30,
                 .footprint = 256},
                seed, 2500, {.latency = 5, .extra_accept = 40});
  }
}

TEST_P(CacheLockstepTest, LongPausesEqualModel) {
  for (std::uint64_t seed = 501; seed <= 500 + Seeds(); ++seed) {
    ExpectEqual({.zero_lines = 220, .gaps = 256, .longest_gap = 120, .footprint = 128}, seed, 600,
                {.latency = 100});
  }
}

INSTANTIATE_TEST_SUITE_P(Configurations, CacheLockstepTest,
                         ::testing::ValuesIn(Configurations(Deep())),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
