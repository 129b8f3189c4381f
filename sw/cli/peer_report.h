// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "synth/peers/study.h"

namespace systole {

/// Tables of the arrays, of one processing element, and where the figures come from.
std::string ToText(const PeerStudy& study);

/// docs/schema/peers.schema.json describes it, as an item of `studies`.
nlohmann::json ToJson(const PeerStudy& study);

}  // namespace systole
