// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/ir/network.h"

namespace systole::quant {

/// Rewrites a network of operator set 6 to 12 in that of version 13, the first whose
/// DequantizeLinear has channels: attributes become inputs (Clip, Pad, Slice, Split, Squeeze,
/// Unsqueeze, ReduceSum), Upsample and the first Resize become Resize with explicit rules, Softmax
/// over several axes is written out. Later versions stay as they are.
/// Throws RequestError naming the node for the few forms that have no equal in version 13.
void UpgradeOpset(Network& network);

}  // namespace systole::quant
