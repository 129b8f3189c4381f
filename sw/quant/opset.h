// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "sw/ir/network.h"

namespace systole::quant {

/// Rewrites a network of operator set 6 to 12 in that of version 13, the first whose
/// DequantizeLinear has channels: attributes become inputs (Clip, Pad, Slice, Split, Squeeze,
/// Unsqueeze, ReduceSum), Upsample and the first Resize become Resize with explicit rules, Softmax
/// over several axes is written out, with Shape and Reshape. Later versions stay as they are.
/// `ranks` holds the ranks of tensors, as far as they are known.
/// Throws RequestError naming the node for the few forms that have no equal in version 13.
void UpgradeOpset(Network& network, const std::map<std::string, std::size_t>& ranks);

}  // namespace systole::quant
