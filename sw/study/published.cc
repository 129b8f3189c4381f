// SPDX-License-Identifier: Apache-2.0
#include "sw/study/published.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::array<int, 4> kSizes = {32, 64, 128, 256};

struct Published {
  ModelName network;
  std::array<std::uint64_t, 5> cycles;  // in the order of NetworkVariant
  std::array<double, 4> full_speedups;  // in the order of kSizes
};

constexpr std::array<Published, 5> kPublished = {{
    {ModelName::kMobileNetV1,
     {2'536'900, 621'300, 375'260, 1'151'124, 1'072'300},
     {2.024, 4.083, 6.778, 8.637}},
    {ModelName::kMobileNetV2,
     {2'979'156, 576'770, 411'910, 1'453'926, 1'375'054},
     {3.350, 5.165, 6.837, 7.891}},
    {ModelName::kMnasNetB1,
     {2'748'684, 542'818, 384'202, 1'458'602, 1'394'346},
     {3.316, 5.064, 6.456, 7.171}},
    {ModelName::kMobileNetV3Small,
     {700'161, 231'735, 167'935, 437'559, 414'921},
     {2.380, 3.021, 3.619, 3.971}},
    {ModelName::kMobileNetV3Large,
     {2'018'189, 558'553, 370'097, 1'144'825, 1'102'045},
     {2.480, 3.613, 4.820, 5.639}},
}};

const Published* Find(ModelName network) {
  for (const Published& row : kPublished) {
    if (row.network == network) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view ToString(NetworkVariant variant) {
  constexpr std::array<std::string_view, 5> kNames = {"baseline", "full", "half", "full50",
                                                      "half50"};
  return kNames[static_cast<std::size_t>(variant)];
}

const std::vector<NetworkVariant>& AllNetworkVariants() {
  static const std::vector<NetworkVariant> all = {NetworkVariant::kBaseline, NetworkVariant::kFull,
                                                  NetworkVariant::kHalf, NetworkVariant::kFull50,
                                                  NetworkVariant::kHalf50};
  return all;
}

NetworkVariant ParseNetworkVariant(std::string_view text) {
  for (const NetworkVariant variant : AllNetworkVariants()) {
    if (ToString(variant) == text) return variant;
  }
  throw RequestError(fmt::format("\"{}\" is no variant of a network", text),
                     "use baseline, full, half, full50 or half50");
}

const std::vector<ModelName>& PublishedNetworks() {
  static const std::vector<ModelName> networks = [] {
    std::vector<ModelName> names;
    for (const Published& row : kPublished) names.push_back(row.network);
    return names;
  }();
  return networks;
}

std::optional<std::uint64_t> PublishedCycles(ModelName network, NetworkVariant variant) {
  const Published* row = Find(network);
  if (row == nullptr) return std::nullopt;
  return row->cycles[static_cast<std::size_t>(variant)];
}

std::optional<double> PublishedFullSpeedup(ModelName network, int size) {
  const Published* row = Find(network);
  for (std::size_t i = 0; row != nullptr && i < kSizes.size(); ++i) {
    if (kSizes[i] == size) return row->full_speedups[i];
  }
  return std::nullopt;
}

}  // namespace systole
