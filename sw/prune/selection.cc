// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/selection.h"

#include <bit>
#include <cstddef>

namespace systole::prune {
namespace {

constexpr int kHalf = 16;
constexpr std::uint32_t kBins = 1U << kHalf;

/// Floats that are not negative are in the order of their bits. Adding 0 turns -0 into 0.
std::uint32_t OrderOf(float norm) { return std::bit_cast<std::uint32_t>(norm + 0.0F); }

/// The highest bin with which the weights from the top reach `target`; what is above it is taken
/// from `target`.
std::uint32_t ReachingBin(const std::vector<std::int64_t>& weights, std::int64_t& target) {
  std::uint32_t bin = kBins - 1;
  for (; bin > 0 && weights[bin] < target; --bin) target -= weights[bin];
  return bin;
}

}  // namespace

std::vector<bool> LargestGroups(const std::vector<float>& norms, const Grouping& grouping,
                                std::int64_t target) {
  std::vector<bool> stays(norms.size(), false);
  if (target <= 0) return stays;
  // Radix selection: the norm at which the target is reached, by its upper and its lower half.
  std::vector<std::int64_t> upper(kBins), lower(kBins);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    upper[OrderOf(norms[i]) >> kHalf] += grouping.Length(static_cast<std::int64_t>(i));
  }
  const std::uint32_t high = ReachingBin(upper, target);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const std::uint32_t order = OrderOf(norms[i]);
    if (order >> kHalf != high) continue;
    lower[order & (kBins - 1)] += grouping.Length(static_cast<std::int64_t>(i));
  }
  const std::uint32_t threshold = high << kHalf | ReachingBin(lower, target);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const std::uint32_t order = OrderOf(norms[i]);
    if (order > threshold) {
      stays[i] = true;
    } else if (order == threshold && target > 0) {
      stays[i] = true;
      target -= grouping.Length(static_cast<std::int64_t>(i));
    }
  }
  return stays;
}

}  // namespace systole::prune
