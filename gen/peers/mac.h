// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gen/peers/peers.h"

namespace systole {

/// Verilog that declares `next`, AccW bits: `sum` plus the product of `act` and `wgt`, DataW bits
/// each. With kPipelined the product is one cycle old.
std::string MacText(MacStyle style);

}  // namespace systole
