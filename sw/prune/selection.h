// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which weights stay. Internal to sw/prune.

#include <cstdint>
#include <vector>

namespace systole::prune {

/// How `count` weights fall into groups: rows of `row` weights, each cut into groups of `group`
/// from its start; the last of a row may be shorter. `row` divides `count`, both are at least 1.
struct Grouping {
  std::int64_t count = 0;
  std::int64_t row = 1;
  std::int64_t group = 1;

  std::int64_t GroupsInRow() const { return (row + group - 1) / group; }
  std::int64_t Groups() const { return count / row * GroupsInRow(); }
  /// First weight of a group, and how many weights it has.
  std::int64_t Begin(std::int64_t index) const {
    return index / GroupsInRow() * row + index % GroupsInRow() * group;
  }
  std::int64_t Length(std::int64_t index) const {
    const std::int64_t left = row - index % GroupsInRow() * group;
    return left < group ? left : group;
  }
};

/// The groups that stay: those of the largest norms, the first of equal ones first, as few as hold
/// at least `target` weights. `norms`, one a group, are finite and not negative. Linear time.
std::vector<bool> LargestGroups(const std::vector<float>& norms, const Grouping& grouping,
                                std::int64_t target);

}  // namespace systole::prune
