// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/cache_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stimulus.h"

namespace systole {
namespace {

/// 128 bytes, two ways, two sets, 32-byte lines: LineWords 4, INIT takes 2 cycles.
CacheConfig Tiny() { return {.size_bytes = 128, .ways = 2, .line_bytes = 32, .address_width = 12}; }

CacheConfig TinyWithNullCache(int entries) {
  CacheConfig config = Tiny();
  config.null_cache = true;
  config.null.entries = entries;
  return config;
}

/// A model and its image: stores are applied after the model has seen them.
struct Machine {
  explicit Machine(const CacheConfig& config, const MemoryTiming& timing = {})
      : image(config.address_width), model(config, image, timing) {}

  CacheResponse Load(std::uint64_t address, std::uint32_t instructions = 1) {
    return model.Respond(
        {.address = address, .value = image.Load(address, 4), .instructions = instructions});
  }
  CacheResponse Store(std::uint64_t address, std::uint64_t value) {
    const CacheResponse response =
        model.Respond({.address = address, .value = value, .write = true});
    image.Store(address, 4, value);
    return response;
  }

  MemoryImage image;
  CacheModel model;
};

TEST(CacheModel, CyclesAreThoseOfTheDocumentation) {
  Machine m(Tiny(), {.latency = 10});
  m.image.Store(0x40, 4, 7);
  const CacheResponse miss = m.Load(0x40);
  EXPECT_EQ(miss.accepted, 2u);            // after INIT
  EXPECT_EQ(miss.cycle, 2 + 2 + 10 + 1u);  // REQUEST, latency, DECIDE
  EXPECT_EQ(miss.value, 7u);
  EXPECT_EQ(miss.source, ResponseSource::kMiss);
  const CacheResponse hit = m.Load(0x44);
  EXPECT_EQ(hit.accepted, miss.cycle + 5);  // after FILL
  EXPECT_EQ(hit.cycle, hit.accepted + 1);
  EXPECT_EQ(hit.source, ResponseSource::kL1Hit);
  EXPECT_EQ(m.Load(0x48, 3).accepted, hit.cycle + 2);
  const CacheResponse store = m.Store(0x4c, 1);
  EXPECT_EQ(store.cycle, store.accepted + 1);
  EXPECT_EQ(m.Load(0x40).accepted, store.accepted + 2);
}

TEST(CacheModel, ADirtyVictimIsCopiedDuringTheWait) {
  for (const std::uint32_t latency : {1u, 5u, 20u}) {
    Machine m(Tiny(), {.latency = latency});
    m.Store(0x000, 1);
    m.Store(0x080, 2);
    const CacheResponse miss = m.Load(0x100);  // replaces line 0
    const std::uint64_t request = miss.accepted + 2;
    EXPECT_EQ(miss.cycle, std::max<std::uint64_t>(request + latency, request + 1 + 4) + 1);
    EXPECT_EQ(m.model.Counters().write_backs, 1u);
    EXPECT_EQ(m.Load(0x080).source, ResponseSource::kL1Hit);
  }
}

TEST(CacheModel, ZeroLinesGoToTheNullCacheAndEvictNothing) {
  Machine m(TinyWithNullCache(8));
  m.image.Store(0x00, 4, 1);
  m.image.Store(0x40, 4, 1);
  m.Load(0x00);
  m.Load(0x40);
  for (std::uint64_t line = 4; line < 20; ++line) {
    EXPECT_EQ(m.Load(32 * line).source, ResponseSource::kZeroFill) << line;
  }
  EXPECT_EQ(m.Load(0x00).source, ResponseSource::kL1Hit);
  EXPECT_EQ(m.Load(0x40).source, ResponseSource::kL1Hit);
  // 16 lines from line 4 are entries 4-7, 8-15, 16-19.
  for (std::uint64_t line = 4; line < 20; ++line) {
    const CacheResponse hit = m.Load(32 * line);
    EXPECT_EQ(hit.source, ResponseSource::kNullHit);
    EXPECT_EQ(hit.cycle, hit.accepted + 1);
  }
  const CacheCounters counters = m.model.Counters(m.model.idle_cycle() + 1000);
  EXPECT_EQ(counters.null.insertions, 16u);
  EXPECT_EQ(counters.null.merges, (std::array<std::uint64_t, 8>{8, 4, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(counters.null.evictions, 0u);
}

TEST(CacheModel, ACoveredStoreLeavesTheOtherLinesOfItsEntry) {
  Machine m(TinyWithNullCache(8));
  for (std::uint64_t line = 0; line < 8; ++line) m.Load(32 * line);
  m.Load(0, 1000);  // time for the merger
  const CacheResponse store = m.Store(32 * 5 + 4, 9);
  EXPECT_EQ(store.source, ResponseSource::kMiss);
  const CacheResponse load = m.Load(32 * 5 + 4);
  EXPECT_EQ(load.value, 9u);
  // Order 3: four cycles of SPLIT, REQUEST, WAIT, DECIDE, four of FILL.
  EXPECT_EQ(load.accepted, store.accepted + 2 + 4 + 1 + 1 + 1 + 4);
  for (const std::uint64_t line : {0, 1, 2, 3, 4, 6, 7}) {
    EXPECT_EQ(m.Load(32 * line).source, ResponseSource::kNullHit) << line;
  }
  EXPECT_EQ(m.model.Counters().null.splits, 1u);
  EXPECT_EQ(m.model.Counters().null.drops, 0u);
  EXPECT_EQ(m.model.Counters().fills, 8u);
}

TEST(CacheModel, TheDropPolicyForgetsTheEntry) {
  CacheConfig config = TinyWithNullCache(8);
  config.null.store_policy = NullStorePolicy::kDrop;
  Machine m(config);
  for (std::uint64_t line = 0; line < 4; ++line) m.Load(32 * line);
  m.Load(0, 1000);  // time for the merger
  m.Store(0, 9);
  EXPECT_EQ(m.Load(32 * 2).source, ResponseSource::kZeroFill);
  EXPECT_EQ(m.model.Counters().null.drops, 1u);
}

TEST(CacheModel, WithoutEntriesEnoughASplitKeepsTheLargestHalf) {
  Machine m(TinyWithNullCache(4));
  for (std::uint64_t line = 0; line < 8; ++line) m.Load(32 * line);
  m.Load(0, 1000);  // time for the merger
  for (const std::uint64_t line : {64, 67, 76}) m.Load(32 * line);
  m.Store(0, 1);
  for (const std::uint64_t line : {4, 5, 6, 7}) {
    EXPECT_EQ(m.Load(32 * line).source, ResponseSource::kNullHit) << line;
  }
  EXPECT_EQ(m.Load(32).source, ResponseSource::kZeroFill);
  EXPECT_EQ(m.Load(32 * 76).source, ResponseSource::kNullHit);
  EXPECT_EQ(m.model.Counters().null.splits, 1u);
  EXPECT_EQ(m.model.Counters().null.drops, 1u);
}

TEST(CacheModel, TheMergeOrderLimitHolds) {
  for (const int limit : {0, 1, 2}) {
    CacheConfig config = TinyWithNullCache(16);
    config.null.merge_order = limit;
    Machine m(config);
    for (std::uint64_t line = 0; line < 16; ++line) m.Load(32 * line);
    const CacheState state = m.model.State(m.model.idle_cycle() + 1000);
    int valid = 0;
    for (const NullEntry& entry : state.entries) {
      if (!entry.valid) continue;
      ++valid;
      EXPECT_EQ(std::popcount(entry.mask), limit);
    }
    EXPECT_EQ(valid, 16 >> limit);
  }
}

TEST(CacheModel, AllMemoryFitsIntoOneEntry) {
  Machine m(TinyWithNullCache(8));
  for (std::uint64_t line = 0; line < 128; ++line) m.Load(32 * line);
  const CacheState state = m.model.State(m.model.idle_cycle() + 1000);
  int valid = 0;
  for (const NullEntry& entry : state.entries) valid += static_cast<int>(entry.valid);
  EXPECT_EQ(valid, 1);
  EXPECT_EQ(m.model.Counters().null.merges[6], 1u);
}

TEST(CacheModel, AStoreMayMakeItsLineZero) {
  CacheConfig config = TinyWithNullCache(4);
  config.null.zero_at_store = true;
  Machine m(config);
  m.image.Store(0x20, 4, 5);
  m.image.Store(0x3c, 4, 6);
  m.Load(0x20);
  m.Store(0x20, 0);
  EXPECT_EQ(m.Load(0x24).source, ResponseSource::kL1Hit);
  m.Store(0x3c, 0);
  EXPECT_EQ(m.Load(0x24).source, ResponseSource::kNullHit);
  EXPECT_EQ(m.model.Counters().write_backs, 1u);
}

TEST(CacheModel, AnEvictedZeroLineMayGoToTheNullCache) {
  for (const bool option : {false, true}) {
    CacheConfig config = TinyWithNullCache(4);
    config.null.zero_at_eviction = option;
    Machine m(config);
    m.image.Store(0x00, 4, 5);
    m.image.Store(0x80, 4, 5);
    m.image.Store(0x100, 4, 5);
    m.Store(0x00, 0);
    m.Load(0x80);
    m.Load(0x100);
    EXPECT_EQ(m.Load(0x00).source, option ? ResponseSource::kNullHit : ResponseSource::kZeroFill);
  }
}

TEST(CacheModel, ApproximationReadsSmallValuesAsZeros) {
  CacheConfig config = TinyWithNullCache(4);
  config.null.approximation = true;
  Machine m(config);
  for (std::uint64_t at = 0; at < 32; at += 4) m.image.Store(at, 4, 0x3a83126f);  // 0.001f
  m.image.Store(8, 4, 0x80000000);
  EXPECT_EQ(m.Load(0).value, 0x3a83126fu);
  m.image.Store(0x80, 4, 1);
  m.Load(0x80);
  m.image.Store(0x100, 4, 1);
  m.Load(0x100);  // line 0 has left
  m.model.WriteRegister(0, 1 | 1 << 2);
  m.model.WriteRegister(1, 0x3a83126f);
  EXPECT_EQ(m.Load(0).value, 0u);
  EXPECT_EQ(m.Load(4).source, ResponseSource::kNullHit);
  EXPECT_EQ(m.model.Counters().approximated, 1u);
  m.Store(4, 2);
  EXPECT_EQ(m.Load(0).value, 0u);
  EXPECT_EQ(m.Load(4).value, 2u);
}

TEST(CacheModel, DisablingAndFlushingForget) {
  Machine m(TinyWithNullCache(4));
  m.Load(0);
  EXPECT_EQ(m.Load(0).source, ResponseSource::kNullHit);
  m.model.WriteRegister(0, 3);
  EXPECT_EQ(m.Load(0).source, ResponseSource::kZeroFill);
  m.model.WriteRegister(0, 0);
  EXPECT_EQ(m.Load(0).source, ResponseSource::kMiss);
  EXPECT_EQ(m.Load(0).source, ResponseSource::kL1Hit);
  m.model.WriteRegister(0, 1 | 16);
  EXPECT_EQ(m.model.Counters(), CacheCounters{});
  EXPECT_THROW(m.model.WriteRegister(2, 0), RequestError);
}

/// The one law, exclusive contents and disjoint entries, after every access.
void ExpectLaw(Machine& m, const std::string& what) {
  const CacheState state = m.model.State(m.model.idle_cycle());
  const int bytes = m.model.config().line_bytes;
  std::vector<int> covering(static_cast<std::size_t>(m.image.size()) /
                            static_cast<std::size_t>(bytes));
  for (const NullEntry& entry : state.entries) {
    if (!entry.valid) continue;
    ASSERT_EQ(entry.value & entry.mask, 0u) << what;
    for (std::uint64_t line = 0; line < covering.size(); ++line) {
      if (((line ^ entry.value) & ~entry.mask) != 0) continue;
      ++covering[line];
      ASSERT_TRUE(IsZeroLine(m.image.At(line * static_cast<std::uint64_t>(bytes)), bytes)) << what;
    }
  }
  for (const int count : covering) ASSERT_LE(count, 1) << what;
  for (const CacheLineState& line : state.lines) {
    ASSERT_FALSE(line.valid && covering[line.line] != 0) << what;
  }
}

TEST(CacheModel, TheOneLawHoldsOnRandomStreams) {
  const std::uint64_t seed = 20261122;
  for (int variant = 0; variant < 48; ++variant) {
    CacheConfig config{.size_bytes = 128 << (variant % 2),
                       .ways = 1 << (variant % 3),
                       .line_bytes = 16,
                       .address_width = 10};
    config.null_cache = true;
    config.null.entries = 1 + variant % 5;
    config.null.merge_search = variant % 2 == 0 ? MergeSearch::kSerial : MergeSearch::kParallel;
    config.null.merge_trigger = static_cast<MergeTrigger>(variant % 3);
    config.null.store_policy = variant % 4 < 2 ? NullStorePolicy::kSplit : NullStorePolicy::kDrop;
    config.null.replacement = variant % 8 < 4 ? NullReplacement::kCoverage : NullReplacement::kLru;
    config.null.zero_at_eviction = variant % 5 < 2;
    config.null.zero_at_store = variant % 7 < 3;
    Machine m(config, {.latency = 3, .extra_accept = 4, .extra_latency = 9});
    Stimulus random(seed + static_cast<std::uint64_t>(variant));
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t address = 4 * random.Below(m.image.size() / 4);
      if (random.Chance(80)) {
        m.Store(address, random.Chance(200) ? 0 : random.Next());
      } else {
        const CacheResponse response = m.Load(address, 1 + static_cast<int>(random.Below(40)));
        ASSERT_EQ(response.value, m.image.Load(address, 4));
      }
      if (random.Chance(3)) m.model.WriteRegister(0, random.Below(4));
      ExpectLaw(m, "seed " + std::to_string(seed) + ", variant " + std::to_string(variant) +
                       ", access " + std::to_string(i));
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(CacheModel, AnIdealNullCacheNeverMissesAZeroLine) {
  CacheConfig config = TinyWithNullCache(1);
  MemoryImage image(12);
  CacheModel model(config, image, {}, {.ideal_null = true});
  image.Store(64, 4, 1);
  const auto source = [&](std::uint64_t address, std::uint64_t value, bool write) {
    const CacheResponse response =
        model.Respond({.address = address, .value = value, .write = write});
    if (write) image.Store(address, 4, value);
    return response.source;
  };
  EXPECT_EQ(source(0, 0, false), ResponseSource::kNullHit);
  EXPECT_EQ(source(64, 1, false), ResponseSource::kMiss);
  EXPECT_EQ(source(128, 0, true), ResponseSource::kNullHit);
  EXPECT_EQ(source(128, 3, true), ResponseSource::kMiss);
  EXPECT_EQ(source(128, 3, false), ResponseSource::kL1Hit);
  EXPECT_EQ(source(2048, 0, false), ResponseSource::kNullHit);
  EXPECT_EQ(model.Counters().fills, 1u);
}

TEST(CacheModel, AVictimCacheHoldsWhatLeftTheL1Last) {
  MemoryImage image(12);
  CacheModel model(Tiny(), image, {.latency = 10}, {.victim_lines = 2});
  const auto load = [&](std::uint64_t line) { return model.Respond({.address = 64 * line}); };
  model.Respond({.address = 0, .value = 5, .write = true});
  for (const std::uint64_t line : {1, 2, 3}) load(line);  // 0 and 1 have left
  EXPECT_EQ(model.Counters().victim_hits, 0u);
  const CacheResponse hit = load(0);
  EXPECT_EQ(hit.cycle, hit.accepted + 2);
  EXPECT_EQ(load(0).accepted, hit.accepted + 2 + 2 * 4);
  EXPECT_EQ(model.Counters().victim_hits, 1u);
  for (const std::uint64_t line : {4, 5, 6}) load(line);
  EXPECT_EQ(model.Counters().write_backs, 0u);  // 0 is dirty and still in the victim cache
  load(7);
  load(8);
  EXPECT_EQ(model.Counters().write_backs, 1u);
  EXPECT_EQ(load(0).source, ResponseSource::kMiss);
  EXPECT_THROW(CacheModel(TinyWithNullCache(2), image, {}, {.victim_lines = 1}), RequestError);
  EXPECT_THROW(CacheModel(Tiny(), image, {}, {.ideal_null = true}), RequestError);
}

TEST(CacheModel, PrefetchingFindsTheZeroLinesBehindAZeroLine) {
  MemoryImage image(12);
  CacheModel model(TinyWithNullCache(8), image, {.latency = 10}, {.zero_prefetch = 3});
  image.Store(32 * 3, 4, 1);
  const auto load = [&](std::uint64_t line, std::uint32_t instructions = 1) {
    return model
        .Respond(
            {.address = 32 * line, .value = image.Load(32 * line, 4), .instructions = instructions})
        .source;
  };
  EXPECT_EQ(load(0), ResponseSource::kZeroFill);
  EXPECT_EQ(load(1, 100), ResponseSource::kNullHit);
  EXPECT_EQ(load(2), ResponseSource::kNullHit);
  EXPECT_EQ(load(3), ResponseSource::kMiss);  // looked at, not zero
  EXPECT_EQ(load(4), ResponseSource::kZeroFill);
  EXPECT_EQ(load(5), ResponseSource::kZeroFill);  // the answer is not there yet
  const CacheCounters counters = model.Counters();
  EXPECT_EQ(counters.prefetches, 3u);
  EXPECT_EQ(counters.fills, 4u + 3u);
}

TEST(CacheModel, TheInsertionFilterKeepsEntriesThatWereHit) {
  MemoryImage image(12);
  CacheModel model(TinyWithNullCache(1), image, {}, {.filter_insertions = true});
  const auto load = [&](std::uint64_t line) {
    return model.Respond({.address = 32 * line}).source;
  };
  EXPECT_EQ(load(0), ResponseSource::kZeroFill);
  EXPECT_EQ(load(3), ResponseSource::kMiss);  // entry 0 has credit 1: line 3 goes to the L1
  EXPECT_EQ(load(3), ResponseSource::kL1Hit);
  EXPECT_EQ(load(0), ResponseSource::kNullHit);
  for (std::uint64_t line = 5; line < 5 + 7; ++line) {
    EXPECT_EQ(load(line), ResponseSource::kMiss);  // the hit was worth 7
  }
  EXPECT_EQ(load(12), ResponseSource::kZeroFill);  // no credit any more
  EXPECT_EQ(load(0), ResponseSource::kMiss);
}

TEST(CacheModel, CountsWhatItsArraysDo) {
  Machine m(TinyWithNullCache(4), {.latency = 10});
  for (const std::uint64_t address : {0x40, 0x80, 0xc0}) m.image.Store(address, 4, 7);
  m.Load(0x40);
  m.Store(0x44, 1);
  m.Load(0x00);  // zero: an entry is written, and the merger searches all 7 address bits
  m.Load(0x80, 100);
  m.Load(0xc0);  // replaces 0x40, which is dirty
  EXPECT_EQ(m.model.ArrayUse(), (CacheArrayUse{.store_hits = 1,
                                               .installs = 3,
                                               .victim_copies = 1,
                                               .zero_moves = 0,
                                               .tcam = {.searches = 7, .writes = 1}}));
  m.Store(0x00, 1);  // reads the entry that it leaves
  m.Load(0x100, 100);
  m.Load(0x120, 100);  // found at the first position; then 7 for the merged entry
  m.Load(0x80, 100);
  EXPECT_EQ(m.model.ArrayUse().installs, 5u);
  EXPECT_EQ(m.model.ArrayUse().tcam,
            (TcamUse{.searches = 7 + 7 + 1 + 7, .compares = 0, .reads = 2, .writes = 4}));
}

TEST(CacheModel, TheParallelMergerComparesInsteadOfSearching) {
  CacheConfig config = TinyWithNullCache(4);
  config.null.merge_search = MergeSearch::kParallel;
  Machine m(config, {.latency = 10});
  m.Load(0x100);
  m.Load(0x120, 100);
  m.Load(0x120, 100);
  // The first entry finds none; the second its partner, and then none.
  EXPECT_EQ(m.model.ArrayUse().tcam,
            (TcamUse{.searches = 0, .compares = 3, .reads = 3, .writes = 3}));
}

TEST(CacheModel, AZeroedLineLeavesItsArray) {
  CacheConfig config = TinyWithNullCache(4);
  config.null.zero_at_store = true;
  Machine m(config, {.latency = 10});
  m.image.Store(0x40, 4, 7);
  m.Load(0x40);
  m.Store(0x40, 0);
  EXPECT_EQ(m.model.ArrayUse().store_hits, 1u);
  EXPECT_EQ(m.model.ArrayUse().zero_moves, 1u);
  EXPECT_EQ(m.model.ArrayUse().victim_copies, 0u);
}

TEST(CacheModel, BadConfigurationsAreRefused) {
  MemoryImage image(12);
  EXPECT_THROW(CacheModel({.ways = 3}, image), RequestError);
  EXPECT_THROW(CacheModel({.size_bytes = 128, .ways = 1, .address_width = 13}, image),
               RequestError);
}

}  // namespace
}  // namespace systole
