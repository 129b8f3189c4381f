// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sw/scale_sim/topology_rows.h"

namespace systole {

/// Channels of a row's convolution.
struct RowChannels {
  std::int64_t in = 1, out = 1, group = 1;
};

struct ChannelChoice {
  RowChannels meant;
  RowChannels written;  ///< what SCALE-Sim counts
  std::string warning;  ///< how the two differ; empty: they do not
};

/// The channels of row `i`. SCALE-Sim has no depthwise layers but rows named `DP`; its topologies
/// write them with one filter, with one channel, or with both, and so count too few cycles.
ChannelChoice ChooseChannels(const std::vector<TopologyRow>& rows, std::size_t i);

}  // namespace systole
