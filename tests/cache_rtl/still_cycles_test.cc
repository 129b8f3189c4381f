// SPDX-License-Identifier: Apache-2.0
// Cycles in which nothing happens are not computed: the Verilated cache equals its model
// nevertheless, in all that is compared, and itself when every cycle is computed.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/cache_rtl/configurations.h"
#include "tests/cache_rtl/stream_run.h"

namespace systole {
namespace {

class StillCyclesTest : public ::testing::TestWithParam<NamedCache> {
 protected:
  StillCyclesTest()
      : library_(GetParam().config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache"}, true) {}

  CacheLibrary library_;
};

/// Accesses far apart, with long stretches in which only the processor or the memory works.
std::vector<Access> Accesses(const CacheConfig& config, std::uint64_t count, MemoryImage& memory) {
  Stimulus random(7);
  const auto span = std::min(memory.size(), 8 * static_cast<std::uint64_t>(config.size_bytes));
  for (std::uint64_t i = 0; i < span / 128; ++i) memory.Store(8 * random.Below(span / 8), 8, i + 1);
  std::vector<Access> accesses;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t address = 8 * random.Below(span / 8);
    accesses.push_back({.address = address,
                        .value = random.Below(2),
                        .instructions = 1 + static_cast<std::uint32_t>(
                                                random.Below(4) == 0 ? random.Below(300) : 0),
                        .bytes = 8,
                        .write = random.Below(3) == 0});
  }
  return accesses;
}

TEST_P(StillCyclesTest, WaitsForMemoryAndProcessorEqualTheModel) {
  const StreamMix mix{
      .zero_lines = 160, .gaps = 64, .longest_gap = 200, .registers = 20, .footprint = 128};
  const MemoryTiming timing{.latency = 80, .extra_accept = 60, .extra_latency = 90};
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    EXPECT_EQ(FirstDifference(library_, {mix, seed, 1500, timing, 97 * seed}), "")
        << "seed " << seed;
  }
}

TEST_P(StillCyclesTest, RepliesAndCountersAreThoseOfAllCycles) {
  const CacheSimOptions skips{.timing = {.latency = 100, .extra_accept = 40}};
  CacheSimOptions all = skips;
  std::uint64_t recorded = 0;
  all.record = [&](const std::uint8_t*) { ++recorded; };
  MemoryImage memory(GetParam().config.address_width), same(GetParam().config.address_width);
  const std::vector<Access> accesses = Accesses(GetParam().config, 1000, memory);
  Accesses(GetParam().config, 1, same);
  CacheSim fast(library_, memory, skips), whole(library_, same, all);
  std::vector<CacheReply> fast_replies, whole_replies;
  fast.Run(accesses, fast_replies);
  whole.Run(accesses, whole_replies);
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    ASSERT_EQ(fast_replies[i].cycle, whole_replies[i].cycle) << "access " << i;
    ASSERT_EQ(fast_replies[i].data, whole_replies[i].data) << "access " << i;
    ASSERT_EQ(fast_replies[i].source, whole_replies[i].source) << "access " << i;
  }
  for (std::uint32_t address = 0; address < 32; ++address) {
    EXPECT_EQ(fast.ReadRegister(address), whole.ReadRegister(address)) << "register " << address;
  }
  EXPECT_EQ(whole.computed_cycles(), whole.cycle());
  EXPECT_EQ(recorded, whole.cycle());
  EXPECT_LT(fast.computed_cycles(), fast.cycle() / 2);
}

INSTANTIATE_TEST_SUITE_P(Configurations, StillCyclesTest,
                         ::testing::ValuesIn(Configurations(false)),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
