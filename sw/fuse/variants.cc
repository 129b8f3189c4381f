// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::array kVariants = {FuseVariant::kFull, FuseVariant::kHalf, FuseVariant::kFull50,
                                  FuseVariant::kHalf50};

using Blocks = std::vector<std::string>;

const std::map<std::string, Blocks, std::less<>>& PublishedBlocks() {
  static const std::map<std::string, Blocks, std::less<>> blocks = {
      {"mobilenet-v1", {"block1", "block2", "block3", "block4", "block5"}},
      {"mobilenet-v2",
       {"t6_c24_1", "t6_c24_2", "t6_c32_1", "t6_c32_2", "t6_c32_3", "t6_c64_1", "t6_c64_2",
        "t6_c64_3", "t6_c64_4"}},
      {"mnasnet-b1",
       {"t3_c24_1", "t3_c24_2", "t3_c24_3", "t3_c40_1", "t3_c40_2", "t3_c40_3", "t6_c80_1",
        "t6_c80_2", "t6_c80_3"}},
      {"mobilenet-v3-large",
       {"bneck2", "bneck3", "bneck4", "bneck5", "bneck6", "bneck7", "bneck8"}},
      {"mobilenet-v3-small", {"bneck3", "bneck5", "bneck6", "bneck7", "bneck8"}},
  };
  return blocks;
}

}  // namespace

std::string_view ToString(FuseVariant variant) {
  switch (variant) {
    case FuseVariant::kFull:
      return "full";
    case FuseVariant::kHalf:
      return "half";
    case FuseVariant::kFull50:
      return "full50";
    case FuseVariant::kHalf50:
      break;
  }
  return "half50";
}

std::optional<FuseVariant> ParseFuseVariant(std::string_view text) {
  for (const FuseVariant variant : kVariants) {
    if (ToString(variant) == text) return variant;
  }
  return std::nullopt;
}

bool IsHalf(FuseVariant variant) {
  return variant == FuseVariant::kHalf || variant == FuseVariant::kHalf50;
}

bool IsHalfOfLayers(FuseVariant variant) {
  return variant == FuseVariant::kFull50 || variant == FuseVariant::kHalf50;
}

std::vector<std::string> NetworksWithPublishedHalf() {
  std::vector<std::string> names;
  for (const auto& [name, blocks] : PublishedBlocks()) names.push_back(name);
  return names;
}

std::set<std::string> PublishedHalfOfLayers(std::string_view network) {
  const auto found = PublishedBlocks().find(network);
  if (found == PublishedBlocks().end()) {
    throw RequestError(
        fmt::format("there is no published 50 % variant of \"{}\"", network),
        fmt::format("name one of: {}", fmt::join(NetworksWithPublishedHalf(), ", ")));
  }
  std::set<std::string> layers;
  for (const std::string& block : found->second) layers.insert(block + "/depthwise");
  return layers;
}

std::vector<LayerSaving> RankLayers(const Network& network, const FuseOptions& options,
                                    const NetworkCycles& cycles) {
  FuseReport report;
  Fuse(network, options, &report);
  const auto before = static_cast<std::int64_t>(cycles(network));
  std::vector<LayerSaving> ranking;
  for (const FusedLayer& layer : report.replaced) {
    FuseOptions one = options;
    one.nodes = {layer.name};
    const auto after = static_cast<std::int64_t>(cycles(Fuse(network, one)));
    ranking.push_back({layer.name, before - after});
  }
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const LayerSaving& a, const LayerSaving& b) { return a.cycles > b.cycles; });
  return ranking;
}

std::set<std::string> BetterHalf(const std::vector<LayerSaving>& ranking) {
  std::set<std::string> layers;
  for (std::size_t i = 0; i < (ranking.size() + 1) / 2; ++i) {
    if (ranking[i].cycles > 0) layers.insert(ranking[i].name);
  }
  return layers;
}

}  // namespace systole
