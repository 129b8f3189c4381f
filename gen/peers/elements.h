// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/emit/module.h"
#include "gen/peers/peers.h"

namespace systole {

/// The processing elements of the baselines, a module each; `config` is good.

/// `peer_element_in_place`: operands move on, the sum takes the one above while it drains.
rtl::Module BuildInPlaceElement(const PeerConfig& config);
/// `peer_element_broadcast`: a sum and a result register.
rtl::Module BuildBroadcastElement(const PeerConfig& config);
/// `peer_element_ws`: a weight, the next weight, a partial sum on its way down.
rtl::Module BuildWeightStationaryElement(const PeerConfig& config);

}  // namespace systole
