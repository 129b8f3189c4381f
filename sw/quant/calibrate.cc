// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "sw/ir/graph.h"

namespace systole::quant {
namespace {

constexpr std::size_t kBins = 65536;

using Visit = std::function<void(const std::string& name, const Tensor& tensor)>;

/// Calls `visit` with every wanted tensor of every run.
void ForEachTensor(const Network& network, const std::vector<Tensors>& inputs,
                   const std::set<std::string>& wanted, const Visit& visit,
                   const std::function<void()>& run_done) {
  for (const Tensors& set : inputs) {
    for (const std::string& name : network.inputs) {
      const auto found = set.find(name);
      if (wanted.contains(name) && found != set.end()) visit(name, found->second);
    }
    ExecuteNetwork(network, set, [&](const Node& node, const Tensors& tensors) {
      for (const std::string& name : node.outputs) {
        if (wanted.contains(name)) visit(name, tensors.at(name));
      }
    });
    run_done();
  }
}

[[noreturn]] void FailNotFinite(const Network& network, const std::string& name, float value) {
  const auto producer = GraphIndex(network).Producer(name);
  throw RequestError(
      fmt::format("calibration: tensor '{}' ({}) has the value {}, which no scale can hold", name,
                  producer ? Describe(network.nodes[*producer]) : "a network input", value),
      "calibrate with inputs for which the float network gives finite values");
}

using Ranges = std::map<std::string, Range>;

void Widen(const Network& network, const std::string& name, const Tensor& tensor, Ranges& ranges) {
  if (tensor.size() == 0) return;
  const auto values = tensor.As<float>();
  const auto known = ranges.find(name);
  Range range = known == ranges.end() ? Range{values[0], values[0]} : known->second;
  for (const float value : values) {
    if (!std::isfinite(value)) FailNotFinite(network, name, value);
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  ranges[name] = range;
}

struct Histogram {
  Range range;
  std::uint64_t count = 0;
  std::vector<std::uint64_t> bins = std::vector<std::uint64_t>(kBins);

  double Edge(std::size_t bin) const {
    return range.low + (double{range.high} - range.low) * static_cast<double>(bin) / kBins;
  }
  void Add(float value) {
    const double width = double{range.high} - range.low;
    const double position = width > 0 ? (double{value} - range.low) / width * kBins : 0;
    ++bins[std::min(static_cast<std::size_t>(position), kBins - 1)];
    ++count;
  }
  /// The range without the `cut` lowest and the `cut` highest values.
  Range Without(std::uint64_t cut) const {
    std::size_t low = 0, high = kBins - 1;
    for (std::uint64_t seen = bins[low]; seen <= cut && low < high; seen += bins[low]) ++low;
    for (std::uint64_t seen = bins[high]; seen <= cut && low < high; seen += bins[high]) --high;
    return {static_cast<float>(Edge(low)), static_cast<float>(Edge(high + 1))};
  }
};

}  // namespace

std::int32_t LowestOf(ElementType type) { return type == ElementType::kUint8 ? 0 : -128; }
std::int32_t HighestOf(ElementType type) { return type == ElementType::kUint8 ? 255 : 127; }

QuantParams ChooseParams(const Range& range, ElementType type) {
  const double low = std::min(range.low, 0.0F), high = std::max(range.high, 0.0F);
  const std::int32_t lowest = LowestOf(type), highest = HighestOf(type);
  QuantParams params;
  if (high > low) {
    params.scale = std::max(static_cast<float>((high - low) / (highest - lowest)),
                            std::numeric_limits<float>::min());
  }
  params.zero = static_cast<std::int32_t>(
      std::clamp(std::nearbyint(lowest - low / params.scale), double(lowest), double(highest)));
  return params;
}

std::map<std::string, Range> Calibrate(const Network& network, const std::vector<Tensors>& inputs,
                                       const std::set<std::string>& tensors,
                                       const QuantizeOptions& options) {
  const bool percentile = options.method == CalibrationMethod::kPercentile;
  const std::size_t total = inputs.size() * (percentile ? 2 : 1);
  std::size_t done = 0;
  const auto run_done = [&] {
    ++done;
    if (options.progress) options.progress(done, total);
  };
  Ranges ranges;
  ForEachTensor(
      network, inputs, tensors,
      [&](const std::string& name, const Tensor& tensor) { Widen(network, name, tensor, ranges); },
      run_done);
  if (!percentile) return ranges;

  std::map<std::string, Histogram> histograms;
  for (const auto& [name, range] : ranges) histograms[name].range = range;
  ForEachTensor(
      network, inputs, tensors,
      [&](const std::string& name, const Tensor& tensor) {
        for (const float value : tensor.As<float>()) histograms.at(name).Add(value);
      },
      run_done);
  for (auto& [name, range] : ranges) {
    const Histogram& histogram = histograms.at(name);
    const double outside = static_cast<double>(histogram.count) * (100 - options.percentile) / 100;
    range = histogram.Without(static_cast<std::uint64_t>(outside / 2));
  }
  return ranges;
}

}  // namespace systole::quant
