// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// SplitMix64's output function (Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t Mix64(std::uint64_t number) {
  std::uint64_t z = number + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// Seeded random stimulus. The mapping to integers is our own: those of `std::` distributions
/// differ between standard libraries, and a seed must mean the same everywhere.
/// Generator: xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift
/// generators", 2016), started through one round of splitmix64 so that seed 0 works.
class Stimulus {
 public:
  explicit Stimulus(std::uint64_t seed) : state_(Mix64(seed) | 1) {}

  /// 64 uniform bits.
  std::uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1dULL;
  }
  /// Uniform in [0, bound), bound > 0; the bias of the multiply-shift is below 2^-32.
  std::uint64_t Below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  /// Uniform in [low, high].
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// A signed value of `bits` bits, 1 to 63; one in eight is an extreme (minimum, maximum, 0, -1).
  std::int64_t Signed(int bits) {
    const std::int64_t low = -(std::int64_t{1} << (bits - 1)), high = -low - 1;
    if (Below(8) == 0) {
      const std::int64_t extremes[] = {low, high, 0, -1};
      return extremes[Below(4)];
    }
    return Between(low, high);
  }
  /// True with probability `numerator` / 256.
  bool Chance(unsigned numerator) { return (Next() >> 56) < numerator; }

 private:
  std::uint64_t state_;
};

}  // namespace systole
