// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sw/fuse/channels.h"
#include "sw/fuse/depthwise.h"
#include "sw/fuse/fuse.h"
#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::fuse {

/// The channel-wise nodes behind a depthwise convolution that go into its branches: batch
/// normalization, activations, the QuantizeLinear of a QDQ network, with which it ends.
Block FollowDepthwise(const Network& network, const GraphIndex& index, const Depthwise& layer);

/// The nodes that stand for a depthwise convolution and what follows it.
struct Branches {
  std::vector<Node> nodes;  ///< the last one is the Concat, which makes `tail.end`
  std::string row, column;  ///< names of the convolutions
  std::string reason;       ///< why they cannot be made; empty: they were
};

/// Makes both branches of `layer` with the nodes of `tail` behind each. `affine` says that only
/// multiplications and additions lie between the convolution and the sums over its channels, so
/// that the lines may share the kernel. Constants are added to `network`, nodes are not.
Branches MakeBranches(Network& network, NameSource& names, const GraphIndex& index,
                      const Depthwise& layer, const Block& tail, const FuseOptions& options,
                      bool affine);

}  // namespace systole::fuse
