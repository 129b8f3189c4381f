// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/prune.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "sw/prune/selection.h"

namespace systole {
namespace {

using prune::Grouping;

/// Names in a message; a network may have thousands.
std::string SomeOf(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 30;
  if (names.size() <= kShown) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + kShown, ", "),
                     names.size() - kShown);
}

void NoteBadDensity(const std::string& where, double density, std::vector<Problem>& problems) {
  if (density >= 0 && density <= 1) return;
  problems.push_back({fmt::format("{}density {} is out of range: 0 to 1", where, density),
                      "pass 0.3 to keep 30 %"});
}

/// Everything that is wrong with the request, given the layers.
std::vector<Problem> FindProblems(const PruneOptions& options, const PruneReport& report) {
  std::vector<Problem> problems;
  if (options.group < 1 || options.group > kMaxPruneGroup) {
    problems.push_back(
        {fmt::format("a group of {} is out of range: 1 to {}", options.group, kMaxPruneGroup),
         "take 8"});
  }
  if (options.density) NoteBadDensity("", *options.density, problems);
  std::vector<std::string> known;
  for (const PrunedLayer& layer : report.layers) known.push_back(layer.weights.layer);
  for (const auto& [name, density] : options.densities) {
    NoteBadDensity(fmt::format("layer \"{}\": ", name), density, problems);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto skipped =
        std::find_if(report.skipped.begin(), report.skipped.end(),
                     [&layer = name](const SkippedLayer& s) { return s.layer == layer; });
    if (skipped != report.skipped.end()) {
      problems.push_back(
          {fmt::format("layer \"{}\" cannot be pruned: {}", name, skipped->reason), ""});
    } else {
      problems.push_back({fmt::format("the network has no layer \"{}\" with weights", name),
                          known.empty() ? "" : "its layers are: " + SomeOf(known)});
    }
  }
  return problems;
}

/// The scales of int8 weights, with the index of a weight's scale; one scale of 1 without.
struct Scales {
  std::vector<float> values = {1.0F};
  std::int64_t row = 1;     ///< weights that share an index of the scale's axis, in a run
  bool along_last = false;  ///< the axis is the last dimension

  float Of(std::int64_t weight) const {
    if (values.size() == 1) return values.front();
    const auto count = static_cast<std::int64_t>(values.size());
    return values[static_cast<std::size_t>(along_last ? weight % count : weight / row)];
  }
};

Scales ScalesOf(const Network& network, const LayerWeights& layer) {
  constexpr std::size_t kScalePlace = 4;  // of QLinearConv and QLinearMatMul
  Scales scales;
  const Node& node = network.nodes[layer.node];
  if (!layer.op.starts_with("QLinear") || node.inputs.size() <= kScalePlace) return scales;
  const Tensor* tensor = network.Constant(node.inputs[kScalePlace]);
  if (tensor == nullptr || tensor->type() != ElementType::kFloat32) return scales;
  const Tensor& weights = network.initializers.at(layer.tensor);
  scales.along_last = layer.op == "QLinearMatMul";
  scales.row = layer.row;
  const std::int64_t channels =
      scales.along_last ? weights.shape().back() : weights.shape().front();
  if (tensor->size() != 1 && tensor->size() != channels) return scales;
  scales.values.assign(tensor->As<float>().begin(), tensor->As<float>().end());
  return scales;
}

/// The root mean square of every group. Throws RequestError when a weight is not finite.
template <typename T>
std::vector<float> NormsOf(std::span<const T> weights, const Grouping& grouping,
                           const Scales& scales, const std::string& layer) {
  std::vector<float> norms(static_cast<std::size_t>(grouping.Groups()));
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const auto group = static_cast<std::int64_t>(i);
    const std::int64_t begin = grouping.Begin(group), length = grouping.Length(group);
    double squares = 0;
    for (std::int64_t at = begin; at < begin + length; ++at) {
      const double value =
          static_cast<double>(weights[static_cast<std::size_t>(at)]) * scales.Of(at);
      squares += value * value;
    }
    norms[i] = static_cast<float>(std::sqrt(squares / static_cast<double>(length)));
    if (!std::isfinite(norms[i])) {
      throw RequestError(fmt::format("layer \"{}\": a weight is not finite", layer));
    }
  }
  return norms;
}

template <typename T>
void PruneTensor(Tensor& tensor, const Grouping& grouping, double density, const Scales& scales,
                 const std::string& layer) {
  const std::span<T> weights = tensor.As<T>();
  const auto target =
      static_cast<std::int64_t>(std::llround(density * static_cast<double>(grouping.count)));
  const std::vector<bool> stays =
      prune::LargestGroups(NormsOf<T>(weights, grouping, scales, layer), grouping, target);
  for (std::size_t i = 0; i < stays.size(); ++i) {
    if (stays[i]) continue;
    const auto group = static_cast<std::int64_t>(i);
    const auto part = weights.subspan(static_cast<std::size_t>(grouping.Begin(group)),
                                      static_cast<std::size_t>(grouping.Length(group)));
    std::fill(part.begin(), part.end(), T{0});
  }
}

Grouping GroupingOf(const Tensor& tensor, const LayerWeights& layer, const PruneOptions& options) {
  switch (options.method) {
    case PruneMethod::kMagnitude:
      return {tensor.size(), tensor.size(), 1};
    case PruneMethod::kSimd:
      return {tensor.size(), layer.row, options.group};
    case PruneMethod::kLine:
      return {tensor.size(), tensor.size(),
              std::max<std::int64_t>(
                  1, options.line_bytes / static_cast<std::int64_t>(SizeOf(tensor.type())))};
  }
  throw std::logic_error("no such method");
}

std::optional<double> TargetOf(const PruneOptions& options, const std::string& layer) {
  const auto found = options.densities.find(layer);
  return found == options.densities.end() ? options.density : std::optional(found->second);
}

/// Layers that share a tensor have to agree.
void CheckShared(const PruneReport& report) {
  std::map<std::string, const PrunedLayer*> first;
  std::vector<Problem> problems;
  for (const PrunedLayer& layer : report.layers) {
    const auto [other, is_first] = first.emplace(layer.weights.tensor, &layer);
    if (is_first || other->second->target == layer.target) continue;
    problems.push_back({fmt::format("layers \"{}\" and \"{}\" share their weights but not their "
                                    "density",
                                    other->second->weights.layer, layer.weights.layer),
                        "give both the same density"});
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
}

}  // namespace

std::string ToString(PruneMethod method) {
  switch (method) {
    case PruneMethod::kMagnitude:
      return "magnitude";
    case PruneMethod::kSimd:
      return "simd";
    case PruneMethod::kLine:
      return "line";
  }
  throw std::logic_error("no such method");
}

std::optional<PruneMethod> ParsePruneMethod(const std::string& text) {
  for (const PruneMethod method :
       {PruneMethod::kMagnitude, PruneMethod::kSimd, PruneMethod::kLine}) {
    if (ToString(method) == text) return method;
  }
  return std::nullopt;
}

PruneReport CountZeros(const Network& network, std::int64_t line_bytes) {
  CheckLineBytes(line_bytes);
  PruneReport report;
  for (LayerWeights& layer : FindLayerWeights(network, report.skipped)) {
    const Tensor& tensor = network.initializers.at(layer.tensor);
    const ZeroCount zeros = CountZeros(tensor, line_bytes);
    report.layers.push_back(
        {std::move(layer), tensor.type(), tensor.shape(), std::nullopt, zeros, zeros});
  }
  return report;
}

Network Prune(Network network, const PruneOptions& options, PruneReport* report) {
  PruneReport result = CountZeros(network, options.line_bytes);
  std::vector<Problem> problems = FindProblems(options, result);
  if (!problems.empty()) throw RequestError(std::move(problems));
  for (PrunedLayer& layer : result.layers) layer.target = TargetOf(options, layer.weights.layer);
  CheckShared(result);
  std::map<std::string, ZeroCount> done;
  for (PrunedLayer& layer : result.layers) {
    if (!layer.target) continue;
    Tensor& tensor = network.initializers.at(layer.weights.tensor);
    if (const auto shared = done.find(layer.weights.tensor); shared != done.end()) {
      layer.after = shared->second;
      continue;
    }
    const Grouping grouping = GroupingOf(tensor, layer.weights, options);
    if (tensor.type() == ElementType::kFloat32) {
      PruneTensor<float>(tensor, grouping, *layer.target, {}, layer.weights.layer);
    } else {
      PruneTensor<std::int8_t>(tensor, grouping, *layer.target, ScalesOf(network, layer.weights),
                               layer.weights.layer);
    }
    layer.after = CountZeros(tensor, options.line_bytes);
    done[layer.weights.tensor] = layer.after;
  }
  if (report != nullptr) *report = std::move(result);
  return network;
}

}  // namespace systole
