// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_events.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

TEST(CacheEvents, OfAStudysCounts) {
  CacheCounts counts;
  counts.accesses = 100;
  counts.cycles = 800;
  counts.fills = 7;
  counts.write_backs = 2;
  counts.store_hits = 20;
  counts.installs = 5;
  counts.victim_copies = 3;
  counts.zero_moves = 1;
  counts.merger_searches = 40;
  counts.merger_compares = 4;
  counts.entry_reads = 6;
  counts.entry_writes = 8;
  const CacheEvents events = EventsOf(counts, 400e6);
  EXPECT_EQ(events.accesses, 100);
  EXPECT_EQ(events.store_hits, 20);
  EXPECT_EQ(events.installs, 5);
  EXPECT_EQ(events.victim_copies, 3);
  EXPECT_EQ(events.zero_moves, 1);
  EXPECT_EQ(events.merger_searches, 44);
  EXPECT_EQ(events.entry_reads, 6);
  EXPECT_EQ(events.entry_writes, 8);
  EXPECT_EQ(events.line_transfers, 9);
  EXPECT_DOUBLE_EQ(events.seconds, 2e-6);
  EXPECT_THROW(EventsOf(counts, 0), RequestError);
}

}  // namespace
}  // namespace systole
