// SPDX-License-Identifier: Apache-2.0
// Real programs on the Verilated cache in lock-step with the model.
#include <gtest/gtest.h>

#include "sw/cache_study/workload.h"
#include "tb/cache_windows.h"

namespace systole {
namespace {

/// The published cache: 16 KiB beside a null cache of 148 entries, with assertions in the RTL.
CacheLibrary PublishedCache() {
  CacheConfig config;
  config.null_cache = true;
  return {config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache", .assertions = true}, true};
}

WorkloadRequest Lenet() {
  WorkloadRequest request;
  request.models = SYSTOLE_SOURCE_DIR "/models";
  return request;
}

TEST(CacheWindows, EveryLayerOfLenetEqualsModel) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(), image);
  const CacheLibrary library = PublishedCache();
  const std::vector<CacheWindow> windows = RunWindows(
      library, workload.program, image, {.accesses_per_layer = 10'000, .state_every = 1000});
  ASSERT_EQ(windows.size(), workload.program.layers.size());
  std::uint64_t null_hits = 0;
  for (const CacheWindow& window : windows) {
    EXPECT_GT(window.accesses, 0U) << window.layer;
    EXPECT_LE(window.accesses, 10'000U) << window.layer;
    EXPECT_EQ(window.counters.accesses, window.accesses) << window.layer;
    null_hits += window.counters.null_hits;
  }
  EXPECT_GT(null_hits, 0U);
}

TEST(CacheWindows, WholeLenetEqualsModel) {
  MemoryImage image(32);
  const Workload workload = BuildWorkload(Lenet(), image);
  const CacheLibrary library = PublishedCache();
  const std::vector<CacheWindow> windows =
      RunWindows(library, workload.program, image, {.state_every = 10'000});
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_GT(windows[0].accesses, 300'000U);
  EXPECT_GT(windows[0].counters.null_hits, 0U);
}

}  // namespace
}  // namespace systole
