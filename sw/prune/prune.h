// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/prune/weights.h"
#include "sw/prune/zeros.h"

namespace systole {

/// What is set to zero together. In a group, the root mean square of its weights decides.
enum class PruneMethod {
  kMagnitude,  ///< single weights (Han et al., NIPS 2015)
  kSimd,       ///< aligned groups of a SIMD width, counted from the start of each row (Scalpel,
               ///< Yu et al., ISCA 2017); the last group of a row may be shorter
  kLine,       ///< whole cache lines of the tensor as it is stored, its start being aligned
};

/// "magnitude", "simd", "line".
std::string ToString(PruneMethod method);
std::optional<PruneMethod> ParsePruneMethod(const std::string& text);

/// The largest SIMD group of a request.
constexpr std::int64_t kMaxPruneGroup = 4096;

struct PruneOptions {
  PruneMethod method = PruneMethod::kMagnitude;
  std::int64_t group = 8;        ///< weights of a SIMD group, 1 to kMaxPruneGroup
  std::int64_t line_bytes = 32;  ///< a power of two; zero lines are counted by it as well
  /// Share of its weights that a layer keeps, 0 to 1, for layers that `densities` does not name;
  /// without it those stay as they are.
  std::optional<double> density{};
  std::map<std::string, double> densities{};  ///< by the name of the node
};

/// One layer before and after.
struct PrunedLayer {
  LayerWeights weights;
  ElementType type = ElementType::kUndefined;
  Shape shape;
  std::optional<double> target;  ///< the density asked for; none: left as it was
  ZeroCount before, after;
};

struct PruneReport {
  std::vector<PrunedLayer> layers;    ///< in the order of the network
  std::vector<SkippedLayer> skipped;  ///< layers whose weights cannot be pruned
};

/// Counts the zeros of all layers' weights; `before` and `after` are the same.
PruneReport CountZeros(const Network& network, std::int64_t line_bytes);

/// The network with weights set to +0: the same graph, biases as they are. A layer of `count`
/// weights keeps the groups of the largest root mean square, the first of equal ones first, as few
/// as hold round(density * count) weights: with `magnitude` exactly so many. int8 weights count
/// with the scale of their channel where it is a constant. Weights that are zero already are the
/// first to go, so a layer that is sparser than asked for keeps its zeros and gets no others.
/// Weights that several layers share are pruned once.
///
/// Throws RequestError, with every problem: a density outside 0 to 1, a group or line out of range,
/// a layer in `densities` that does not exist (the known ones are listed) or cannot be pruned,
/// layers that share weights but not the density, weights that are not finite.
Network Prune(Network network, const PruneOptions& options, PruneReport* report = nullptr);

}  // namespace systole
