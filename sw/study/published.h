// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/build_model.h"

namespace systole {

/// A network of the study: as it is, or with FuSeConv in place of all its depthwise layers or of
/// the half of them that the publication lists.
enum class NetworkVariant { kBaseline, kFull, kHalf, kFull50, kHalf50 };

/// "baseline", "full", "half", "full50", "half50".
std::string_view ToString(NetworkVariant variant);
/// All of them, in the order above.
const std::vector<NetworkVariant>& AllNetworkVariants();
/// The variant of that name. Throws RequestError that lists the names.
NetworkVariant ParseNetworkVariant(std::string_view text);

/// The five networks of the publication, in its order.
const std::vector<ModelName>& PublishedNetworks();

/// What FuSeConv's authors printed (DATE 2021, table of the evaluation): cycles of a network of
/// 224x224 inputs on a 64x64 array. Nothing for other networks.
std::optional<std::uint64_t> PublishedCycles(ModelName network, NetworkVariant variant);

/// Likewise the speedup of Full over the baseline on square arrays of 32, 64, 128 and 256, to three
/// digits. Nothing for other networks and sizes.
std::optional<double> PublishedFullSpeedup(ModelName network, int size);

}  // namespace systole
