// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/map/layer.h"

namespace systole {

/// One layer of a SCALE-Sim topology file.
struct TopologyLayer {
  std::string name;  ///< unique in the file: a repeated name gets a number behind it
  int line = 0;
  ArrayLayer layer{};    ///< the layer that is meant
  ArrayLayer written{};  ///< the layer that SCALE-Sim counts for the row; differs where corrected
};

struct Topology {
  std::string name;  ///< of the file, without folder and extension
  std::vector<TopologyLayer> layers;
  /// One sentence for each row that SCALE-Sim counts wrongly, what was done about it, and for each
  /// column that has no meaning here.
  std::vector<std::string> warnings;
};

/// Reads a topology of SCALE-Sim (v1 to v3), either form, told apart by the header line:
///
///     Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter,
///         Strides [, Stride Width] [, Sparsity]                            convolutions
///     Layer, M, N, K                                                       matrix products
///
/// IFMAP sizes include padding; the last output of a stride that does not divide is kept, as
/// SCALE-Sim rounds up. Depthwise layers are recognized by name ("dw", "depthwise", a comment
/// "#dw", SCALE-Sim's own "DP") and by the next layer's channels, whatever shortcut they are
/// written with (docs/scale-sim.md). `origin` stands in messages.
/// Throws RequestError, naming origin and line, for anything else: no header, missing or bad
/// numbers, a filter larger than its input, more than 2^30 weights or input elements in all.
Topology ParseTopology(const std::string& text, const std::string& origin);
/// The same for a file.
Topology ReadTopology(const std::filesystem::path& path);

/// A quantized network of the layers, independent of each other: layer `A` is a QLinearConv or
/// QLinearMatMul node "A" with input "A/input" and output "A/output". Weights are random int8
/// values of `seed`; scales bring the results into the range of int8.
Network TopologyNetwork(const Topology& topology, std::uint64_t seed);

/// Random int8 values of `seed` for an input of any shape.
Tensor RandomInt8(const Shape& shape, std::uint64_t seed);

}  // namespace systole
