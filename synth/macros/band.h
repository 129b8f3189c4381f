// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace systole {

/// A figure with its uncertainty: 0 <= low <= typical <= high, in one unit. Sums of bands add their
/// ends: parts of one design err together, not independently.
struct Band {
  double low = 0, typical = 0, high = 0;

  static Band Exactly(double value) { return {value, value, value}; }
  friend bool operator==(const Band&, const Band&) = default;
};

inline Band operator+(const Band& a, const Band& b) {
  return {a.low + b.low, a.typical + b.typical, a.high + b.high};
}
/// `factor` >= 0.
inline Band operator*(double factor, const Band& band) {
  return {factor * band.low, factor * band.typical, factor * band.high};
}
/// `typical` with ends that are at most and at least as large.
inline Band Around(double low, double typical, double high) {
  return {std::min(low, typical), typical, std::max(high, typical)};
}

}  // namespace systole
