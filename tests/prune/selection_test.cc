// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/selection.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/stimulus.h"

namespace systole::prune {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(Grouping, StartsAnewInEveryRow) {
  const Grouping grouping{.count = 14, .row = 7, .group = 3};
  ASSERT_EQ(grouping.Groups(), 6);
  std::vector<std::int64_t> begins, lengths;
  for (std::int64_t i = 0; i < 6; ++i) {
    begins.push_back(grouping.Begin(i));
    lengths.push_back(grouping.Length(i));
  }
  EXPECT_THAT(begins, ElementsAre(0, 3, 6, 7, 10, 13));
  EXPECT_THAT(lengths, ElementsAre(3, 3, 1, 3, 3, 1));
}

TEST(LargestGroups, KeepsTheFirstOfEqualOnes) {
  const Grouping single{.count = 5, .row = 5, .group = 1};
  EXPECT_THAT(LargestGroups({1, 2, 2, 2, 1}, single, 2),
              ElementsAre(false, true, true, false, false));
  EXPECT_THAT(LargestGroups({1, 2, 2, 2, 1}, single, 4),
              ElementsAre(true, true, true, true, false));
  EXPECT_THAT(LargestGroups({0, 0, 0, 0, 0}, single, 3),
              ElementsAre(true, true, true, false, false));
}

TEST(LargestGroups, KeepsNothingForNothingAndAllForAll) {
  const Grouping grouping{.count = 14, .row = 7, .group = 3};
  const std::vector<float> norms = {3, 0, 1e-45F, 3e38F, 2, 1};
  EXPECT_THAT(LargestGroups(norms, grouping, 0), Each(false));
  EXPECT_THAT(LargestGroups(norms, grouping, 14), Each(true));
}

TEST(LargestGroups, TreatsBothZerosAlike) {
  const Grouping single{.count = 3, .row = 3, .group = 1};
  EXPECT_THAT(LargestGroups({-0.0F, 0.0F, 1.0F}, single, 2), ElementsAre(true, false, true));
}

/// What the contract says, by sorting.
std::vector<bool> BySorting(const std::vector<float>& norms, const Grouping& grouping,
                            std::int64_t target) {
  std::vector<std::size_t> order(norms.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return norms[a] > norms[b]; });
  std::vector<bool> stays(norms.size(), false);
  for (const std::size_t i : order) {
    if (target <= 0) break;
    stays[i] = true;
    target -= grouping.Length(static_cast<std::int64_t>(i));
  }
  return stays;
}

TEST(LargestGroups, IsWhatSortingWouldKeep) {
  constexpr std::uint64_t kSeed = 5;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    const std::int64_t row = random.Between(1, 40), group = random.Between(1, 11);
    const Grouping grouping{.count = row * random.Between(1, 30), .row = row, .group = group};
    std::vector<float> norms(static_cast<std::size_t>(grouping.Groups()));
    // Few different values: many ties, in the upper and in the lower half of the float's bits.
    for (float& norm : norms) norm = 1.0F + static_cast<float>(random.Below(9)) * 1e-6F;
    for (float& norm : norms) norm *= static_cast<float>(random.Below(4));
    const std::int64_t target = random.Between(0, grouping.count);
    SCOPED_TRACE(fmt::format("seed {}, trial {}: {} weights, rows of {}, groups of {}, target {}",
                             kSeed, trial, grouping.count, row, group, target));
    ASSERT_EQ(LargestGroups(norms, grouping, target), BySorting(norms, grouping, target));
  }
}

}  // namespace
}  // namespace systole::prune
