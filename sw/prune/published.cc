// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/published.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace systole {
namespace {

using Densities = std::map<std::string, double>;

Densities SqueezeNet() {
  constexpr double kDensity = 0.33;
  Densities densities = {{"conv1", kDensity}, {"conv10", kDensity}};
  for (int fire = 2; fire <= 9; ++fire) {
    for (const char* leaf : {"squeeze1x1", "expand1x1", "expand3x3"}) {
      densities[fmt::format("fire{}/{}", fire, leaf)] = kDensity;
    }
  }
  return densities;
}

const std::map<std::string, Densities>& Table() {
  static const std::map<std::string, Densities> table = {
      {"alexnet",
       {{"conv1", 0.84},
        {"conv2", 0.38},
        {"conv3", 0.35},
        {"conv4", 0.37},
        {"conv5", 0.37},
        {"fc6", 0.09},
        {"fc7", 0.09},
        {"fc8", 0.25}}},
      {"squeezenet", SqueezeNet()},
      {"vgg-16",
       {{"conv1_1", 0.58},
        {"conv1_2", 0.22},
        {"conv2_1", 0.34},
        {"conv2_2", 0.36},
        {"conv3_1", 0.53},
        {"conv3_2", 0.24},
        {"conv3_3", 0.42},
        {"conv4_1", 0.32},
        {"conv4_2", 0.27},
        {"conv4_3", 0.34},
        {"conv5_1", 0.35},
        {"conv5_2", 0.29},
        {"conv5_3", 0.36},
        {"fc6", 0.04},
        {"fc7", 0.04},
        {"fc8", 0.23}}},
  };
  return table;
}

}  // namespace

std::vector<std::string> NetworksWithPublishedDensities() {
  std::vector<std::string> names;
  for (const auto& [name, densities] : Table()) names.push_back(name);
  return names;
}

const std::map<std::string, double>& PublishedDensities(const std::string& network) {
  const auto found = Table().find(network);
  if (found != Table().end()) return found->second;
  throw RequestError(
      fmt::format("no densities of \"{}\" are published", network),
      fmt::format("name one of: {}", fmt::join(NetworksWithPublishedDensities(), ", ")));
}

}  // namespace systole
