// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sw/fuse/fuse.h"
#include "sw/ir/network.h"

namespace systole {

/// The variants of a network as the paper names them: all layers or half of them, with both lines
/// on all channels (Full) or one on each half (Half).
enum class FuseVariant { kFull, kHalf, kFull50, kHalf50 };

/// "full", "half", "full50", "half50".
std::string_view ToString(FuseVariant variant);
/// Nothing for another text.
std::optional<FuseVariant> ParseFuseVariant(std::string_view text);
/// True for kHalf and kHalf50.
bool IsHalf(FuseVariant variant);
/// True for kFull50 and kHalf50.
bool IsHalfOfLayers(FuseVariant variant);

/// The depthwise nodes that the published 50 % variants of a network replace (Ganesan and Kumar,
/// DATE 2021, section 5): V1 blocks 1 to 5; V2 the stages of 24, 32 and 64 channels; MnasNet-B1 the
/// stages of 24, 40 and 80; V3-Large blocks 2 to 8; V3-Small blocks 3 and 5 to 8. Node names are
/// those of BuildModel, `network` its name: "mobilenet-v1", "mobilenet-v2", "mobilenet-v3-small",
/// "mobilenet-v3-large", "mnasnet-b1". Throws RequestError that lists them for another one.
std::set<std::string> PublishedHalfOfLayers(std::string_view network);
/// The networks that PublishedHalfOfLayers knows.
std::vector<std::string> NetworksWithPublishedHalf();

/// Cycles of a network; the function infers the shapes that it needs.
using NetworkCycles = std::function<std::uint64_t(const Network&)>;

/// What the choice was made from: a layer that can be replaced, and what that alone saves.
struct LayerSaving {
  std::string name;
  std::int64_t cycles = 0;  ///< before less after, over the whole network; may be negative
};

/// The layers that can be replaced as `options` say (those in `options.nodes`, if given), most
/// cycles saved first, equal ones in the order of the network.
std::vector<LayerSaving> RankLayers(const Network& network, const FuseOptions& options,
                                    const NetworkCycles& cycles);

/// The better half of a ranking: of n layers the first (n + 1) / 2, less those that save nothing.
std::set<std::string> BetterHalf(const std::vector<LayerSaving>& ranking);

}  // namespace systole
