// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace systole {

/// The lines of a victim cache, by address: fully associative, the one put in first leaves first
/// (a line that is used leaves for the L1, so that is LRU).
class VictimBuffer {
 public:
  explicit VictimBuffer(int lines) : capacity_(static_cast<std::size_t>(lines)) {}

  bool Has(std::uint64_t line) const { return Find(line) != lines_.end(); }
  /// Removes a line that is there; returns whether it was dirty.
  bool Take(std::uint64_t line) {
    const auto found = Find(line);
    const bool dirty = found->second;
    lines_.erase(found);
    return dirty;
  }
  /// Adds a line; returns the one that leaves for it and whether that was dirty. (Not dirty when
  /// none leaves.)
  std::pair<std::uint64_t, bool> Put(std::uint64_t line, bool dirty) {
    lines_.emplace_back(line, dirty);
    if (lines_.size() <= capacity_) return {line, false};
    const auto oldest = lines_.front();
    lines_.erase(lines_.begin());
    return oldest;
  }

 private:
  using Lines = std::vector<std::pair<std::uint64_t, bool>>;

  Lines::const_iterator Find(std::uint64_t line) const {
    return std::find_if(lines_.begin(), lines_.end(),
                        [line](const auto& held) { return held.first == line; });
  }

  std::size_t capacity_;
  Lines lines_;  ///< oldest first
};

}  // namespace systole
