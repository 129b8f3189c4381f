// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "synth/gates/flat_netlist.h"
#include "synth/power/power.h"

namespace systole {

/// Of a module with many instances in a design, such as the rows of an array, a few are simulated
/// with delays, and their glitches are taken for those of all.

struct SampleOptions {
  std::string module = {};  ///< of the RTL; its instances lie not in each other
  std::size_t count = 0;    ///< instances to simulate with delays, 2 or more; 0: all
  std::uint64_t seed = 1;
};

struct BlockSample {
  std::vector<std::uint32_t> units;  ///< of each block: which instance it lies in, or kNoUnit
  std::vector<bool> chosen;          ///< of each instance
  std::vector<bool> keep;            ///< of each block: what a simulation of the chosen has to have

  static constexpr std::uint32_t kNoUnit = ~std::uint32_t{0};
  std::size_t Count() const {
    return static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), true));
  }
  bool Outside(std::uint32_t block) const { return units[block] == kNoUnit; }
  bool Chosen(std::uint32_t block) const { return !Outside(block) && chosen[units[block]]; }
};

/// Chooses instances at random, each set of them with the same chance. What is kept: they, those
/// that drive them, and whatever lies in no instance. Chooses none where `count` is 0 or no less
/// than there are. Throws RequestError for a count of 1, which says nothing of the spread.
BlockSample ChooseBlocks(const FlatNetlist& netlist, const SampleOptions& options);

/// What is known of a design of which a sample was simulated with delays.
struct SampledPower {
  PowerReport timed;    ///< of all: outside and chosen as measured, the others estimated
  double interval = 0;  ///< watts on both sides that hold the total with 95 % confidence
};

/// The total with glitches by the ratio estimator: the power without delays is known of every
/// instance, and with them, z_i and t_i, of the chosen: T = Z sum(t) / sum(z), Z the sum of all z.
///
///   interval = q sqrt(N^2 (1 - n/N) / n * sum((t_i - z_i sum(t)/sum(z))^2) / (n - 1))
///
/// with the 97.5 % quantile q of Student's t for n - 1 degrees (Cochran, Sampling Techniques, 1977,
/// section 6.3). Groups and kinds of power are shared out as in the sum of the chosen, so that the
/// parts add up. `blended`: the power of the whole with the toggles of all nets of what lies
/// outside and of the chosen with delays, and of the others without.
SampledPower EstimatePower(const BlockSample& sample, const PowerReport& without_delays,
                           PowerReport blended);

/// The 97.5 % quantile of Student's t, `degrees` 1 or more.
double StudentT(std::size_t degrees);

}  // namespace systole
