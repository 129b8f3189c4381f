// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/block_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/stimulus.h"
#include "synth/overhead/cut_out.h"

namespace systole {
namespace {

double Watts(const GroupedPower& power) { return power.sum().total(); }

/// Marks the instances that drive a net which a chosen one reads: those have to run, too.
std::vector<bool> WithDrivers(const FlatNetlist& netlist, const BlockSample& sample) {
  const std::vector<std::uint32_t> drivers = DrivingCells(netlist);
  std::vector<bool> run = sample.chosen;
  for (std::uint32_t i = 0; i < netlist.cells.size(); ++i) {
    if (!sample.Chosen(netlist.cells[i].block)) continue;
    for (std::uint32_t pin = netlist.cells[i].first_pin; pin < EndOfPins(netlist, i); ++pin) {
      const std::int32_t net = netlist.pin_nets[pin];
      const std::uint32_t driver = net < 0 ? kNoCell : drivers[static_cast<std::size_t>(net)];
      if (driver == kNoCell) continue;
      const std::uint32_t unit = sample.units[netlist.cells[driver].block];
      if (unit != BlockSample::kNoUnit) run[unit] = true;
    }
  }
  return run;
}

GroupedPower Scaled(GroupedPower power, double factor) {
  for (PowerParts& parts : power.groups) {
    parts.switching *= factor;
    parts.internal *= factor;
    parts.leakage *= factor;
  }
  return power;
}

}  // namespace

BlockSample ChooseBlocks(const FlatNetlist& netlist, const SampleOptions& options) {
  BlockSample sample;
  std::uint32_t units = 0;
  for (const Block& block : netlist.blocks) {
    const std::uint32_t above =
        sample.units.empty() ? BlockSample::kNoUnit : sample.units[block.parent];
    const bool one = above == BlockSample::kNoUnit && block.module == options.module;
    sample.units.push_back(one ? units++ : above);
  }
  sample.chosen.assign(units, false);
  sample.keep.assign(netlist.blocks.size(), true);
  if (options.count == 0 || options.count >= units) return sample;
  if (options.count < 2) {
    throw RequestError("a sample of one says nothing of the spread", "sample 2 or more");
  }
  std::vector<std::uint32_t> order(units);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = 0; i < options.count; ++i) {
    const std::uint64_t random = Mix64(options.seed ^ Mix64(i + 1));
    std::swap(order[i], order[i + random % (units - i)]);
    sample.chosen[order[i]] = true;
  }
  const std::vector<bool> run = WithDrivers(netlist, sample);
  for (std::size_t block = 0; block < netlist.blocks.size(); ++block) {
    const std::uint32_t unit = sample.units[block];
    sample.keep[block] = unit == BlockSample::kNoUnit || run[unit];
  }
  return sample;
}

SampledPower EstimatePower(const BlockSample& sample, const PowerReport& without_delays,
                           PowerReport blended) {
  const std::size_t all = sample.chosen.size();
  std::vector<double> still(all, 0), timed(all, 0);
  GroupedPower measured;
  for (std::uint32_t block = 0; block < blended.blocks.size(); ++block) {
    const std::uint32_t unit = sample.units[block];
    if (unit == BlockSample::kNoUnit) continue;
    still[unit] += Watts(without_delays.blocks[block].own);
    if (!sample.chosen[unit]) continue;
    timed[unit] += Watts(blended.blocks[block].own);
    measured += blended.blocks[block].own;
  }
  double still_sum = 0;
  for (std::size_t i = 0; i < all; ++i) still_sum += sample.chosen[i] ? still[i] : 0;
  const double ratio = still_sum == 0 ? 1 : Watts(measured) / still_sum;
  double squares = 0;
  for (std::size_t i = 0; i < all; ++i) {
    if (sample.chosen[i]) squares += std::pow(timed[i] - ratio * still[i], 2);
  }
  for (std::uint32_t block = 0; block < blended.blocks.size(); ++block) {
    if (sample.Outside(block) || sample.Chosen(block) || still_sum == 0) continue;
    const double watts = Watts(without_delays.blocks[block].own);
    blended.blocks[block].own = Scaled(measured, watts / still_sum);
  }
  AddUpBlocks(blended);
  const auto n = static_cast<double>(sample.Count()), of = static_cast<double>(all);
  const double variance = of * of * (1 - n / of) / n * squares / (n - 1);
  return {std::move(blended), StudentT(sample.Count() - 1) * std::sqrt(variance)};
}

double StudentT(std::size_t degrees) {
  static constexpr std::array kQuantiles = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                            2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                            2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                            2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
  if (degrees == 0) throw RequestError("a sample of one says nothing of the spread");
  // Beyond 30 degrees the last one: never too narrow.
  return kQuantiles[std::min(degrees, kQuantiles.size()) - 1];
}

}  // namespace systole
