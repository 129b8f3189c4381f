// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::fuse {

/// What is known of the channels of an activation: they are dimension 1 of `rank`.
struct Channels {
  std::size_t rank = 4;
  std::int64_t count = -1;  ///< -1: not known

  friend bool operator==(const Channels&, const Channels&) = default;
};

/// A constant input that has one value a channel, on dimension `axis`.
struct ChannelInput {
  std::size_t input = 0;
  std::size_t axis = 0;
};

/// When every output channel of `node` is a function of the same channel of `value` and of
/// constants, element by element: its constants that differ by channel. Nothing for other nodes,
/// for nodes that read `value` twice and for nodes with a second output that is used.
std::optional<std::vector<ChannelInput>> ChannelwiseIn(const Network& network,
                                                       const GraphIndex& index, const Node& node,
                                                       const std::string& value,
                                                       const Channels& channels);

/// Nodes behind a tensor that are channel-wise as a whole, with one way in and one way out.
struct Block {
  std::vector<std::size_t> nodes;  ///< in the order of the network
  std::string end;                 ///< the tensor that leaves
};
/// The block that alone reads `value`: one channel-wise node, or a product of `value` with
/// channel-wise functions of itself (the written-out forms of HardSwish and Swish). Nothing when
/// others read it too or it is an output of the network.
std::optional<Block> NextBlock(const Network& network, const GraphIndex& index,
                               const std::string& value, const Channels& channels);

/// True for the operators that only multiply and add, or do nothing at all; rounding to integers
/// counts as nothing.
bool IsAffine(const std::string& op);

/// For operators that work on the dimensions behind the channels only, the same for every channel
/// (pools, means, padding, resizing): the rank of what they make of an activation of rank `rank`.
/// Nothing for other nodes.
std::optional<std::size_t> RankBehind(const Network& network, const Node& node, std::size_t rank);

/// True for the operators of two or more activations that broadcast them element by element.
bool IsBroadcasting(const std::string& op);

/// True for the operators that sum over the channels of their first input with weights: Conv and
/// QLinearConv with one group, Gemm, MatMul.
bool SumsOverChannels(const Network& network, const Node& node, const std::string& value);

/// The elements `begin` to `end` (excluded) of dimension `axis`.
Tensor SliceOf(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t end);
/// The tensor twice, one behind the other on dimension `axis`.
Tensor Twice(const Tensor& tensor, std::size_t axis);

}  // namespace systole::fuse
