// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/config/array_config.h"
#include "gen/emit/design.h"
#include "gen/peers/peers.h"

namespace systole {

/// Our core's array with the widths of a peer.
ArrayConfig SystoleArray(const PeerConfig& config);

/// `peer_array` of each kind; `config` is good.
rtl::Module BuildSystolePeer(const PeerConfig& config);
rtl::Module BuildInPlacePeer(const PeerConfig& config);
rtl::Module BuildBroadcastPeer(const PeerConfig& config);
rtl::Module BuildWeightStationaryPeer(const PeerConfig& config);

}  // namespace systole
