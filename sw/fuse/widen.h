// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sw/fuse/channels.h"
#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::fuse {

/// What has to change when a tensor gets twice its channels: a second copy of each behind the
/// first.
struct Widening {
  std::string reason;               ///< why it cannot be; empty: it can
  std::set<std::string> tensors{};  ///< that have twice the channels then
  /// Nodes with other inputs, and the nodes to put before each.
  std::map<std::size_t, Node> changed{};
  std::map<std::size_t, std::vector<Node>> before{};
  std::vector<std::string> grown{};  ///< names of those that sum over channels
  bool affine = true;  ///< only multiplications and additions lie before the sums over channels
};

/// Follows `value` (an activation of `channels` channels and rank 4) through channel-wise operators
/// and pools to the operators that sum over its channels, whose weights are halved and repeated, so
/// that equal copies give the old result. A gate (squeeze-and-excite: a product with what is
/// computed from the pooled value) becomes two gates, one for each copy, with nothing between them.
/// Adds the new constants to `network` when there is no reason against it.
Widening Widen(Network& network, NameSource& names, const GraphIndex& index,
               const std::string& value, std::int64_t channels);

}  // namespace systole::fuse
