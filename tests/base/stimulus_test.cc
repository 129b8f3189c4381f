// SPDX-License-Identifier: Apache-2.0
#include "base/stimulus.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/hash.h"

namespace systole {
namespace {

TEST(Stimulus, ASeedMeansTheSameEverywhere) {
  // Fixed values: a change of the generator changes what every recorded seed stands for.
  Stimulus random(1);
  const std::vector<std::uint64_t> first = {random.Next(), random.Next()};
  Stimulus again(1);
  EXPECT_EQ(again.Next(), first[0]);
  EXPECT_EQ(again.Next(), first[1]);
  EXPECT_NE(Stimulus(2).Next(), first[0]);
  EXPECT_EQ(first[0], 5424204624148110235ULL);
}

TEST(Stimulus, SignedCoversItsRangeWithItsExtremes) {
  Stimulus random(7);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(random.Signed(4));
  EXPECT_EQ(seen.size(), 16U);
  EXPECT_EQ(*seen.begin(), -8);
  EXPECT_EQ(*seen.rbegin(), 7);
}

TEST(Stimulus, BetweenIncludesBothEnds) {
  Stimulus random(3);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.Between(-1, 1));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-1, 0, 1}));
}

TEST(ContentHash, EveryByteCounts) {
  const std::string text(1000, 'a');
  std::set<std::string> hashes = {ContentHash(text)};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = 'b';
    hashes.insert(ContentHash(changed));
  }
  EXPECT_EQ(hashes.size(), 1001U);
  EXPECT_EQ(ContentHash(text).size(), 32U);
}

}  // namespace
}  // namespace systole
