// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/fuse.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "sw/fuse/branches.h"
#include "sw/fuse/depthwise.h"
#include "sw/fuse/widen.h"
#include "sw/ir/graph.h"

namespace systole {
namespace {

class Fuser {
 public:
  Fuser(const Network& network, const FuseOptions& options)
      : network_(network), options_(options), names_(network) {}

  /// The network with the layers replaced; nothing when there is none to replace.
  std::optional<Network> Run(FuseReport& report) {
    RemoveUnused(network_);  // what nobody reads is no layer
    // Layers by name: nodes move while layers are replaced.
    std::vector<std::string> layers;
    {
      const GraphIndex index(network_);
      for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
        if (fuse::ReadDepthwise(network_, index, i)) layers.push_back(network_.nodes[i].name);
      }
    }
    for (const std::string& name : layers) {
      if (!options_.nodes || options_.nodes->contains(name)) Replace(name, report);
    }
    ThrowIfNamedStay(layers, report);
    if (report.replaced.empty()) return std::nullopt;
    RemoveUnused(network_);
    return std::move(network_);
  }

 private:
  void Replace(const std::string& name, FuseReport& report) {
    const GraphIndex index(network_);
    const auto node = std::find_if(network_.nodes.begin(), network_.nodes.end(),
                                   [&](const Node& n) { return n.name == name; });
    const auto layer = fuse::ReadDepthwise(network_, index,
                                           static_cast<std::size_t>(node - network_.nodes.begin()));
    std::string reason = layer->reason;
    if (reason.empty()) reason = TryReplace(*layer, index, report);
    if (reason.empty()) return;
    report.kept.push_back({name, layer->kernel_height, layer->kernel_width, std::move(reason)});
  }

  /// Returns why the layer cannot be replaced.
  std::string TryReplace(const fuse::Depthwise& layer, const GraphIndex& index,
                         FuseReport& report) {
    const fuse::Block tail = fuse::FollowDepthwise(network_, index, layer);
    fuse::Widening widening;
    if (!options_.half) {
      widening = fuse::Widen(network_, names_, index, tail.end, layer.outputs());
      if (!widening.reason.empty()) return widening.reason;
    }
    const bool affine =
        widening.affine && std::all_of(tail.nodes.begin(), tail.nodes.end(), [&](std::size_t i) {
          return fuse::IsAffine(network_.nodes[i].op);
        });
    fuse::Branches branches =
        fuse::MakeBranches(network_, names_, index, layer, tail, options_, affine);
    if (!branches.reason.empty()) return branches.reason;
    report.replaced.push_back(Describe(layer, branches, widening));
    Rebuild(layer, tail, std::move(branches.nodes), std::move(widening));
    return "";
  }

  FusedLayer Describe(const fuse::Depthwise& layer, const fuse::Branches& branches,
                      const fuse::Widening& widening) const {
    FusedLayer result;
    result.name = network_.nodes[layer.node].name;
    result.channels = layer.channels;
    result.multiplier = layer.multiplier;
    result.kernel_height = layer.kernel_height;
    result.kernel_width = layer.kernel_width;
    result.stride_height = layer.height.stride;
    result.stride_width = layer.width.stride;
    result.dilation_height = layer.height.dilation;
    result.dilation_width = layer.width.dilation;
    result.row = branches.row;
    result.column = branches.column;
    result.grown = widening.grown;
    return result;
  }

  /// Puts the branches in the layer's place and the changed nodes in theirs.
  void Rebuild(const fuse::Depthwise& layer, const fuse::Block& tail, std::vector<Node> branches,
               fuse::Widening widening) {
    const std::set<std::size_t> gone(tail.nodes.begin(), tail.nodes.end());
    std::vector<Node> nodes;
    const auto append = [&nodes](std::vector<Node>& more) {
      std::move(more.begin(), more.end(), std::back_inserter(nodes));
    };
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      if (i == layer.node) append(branches);
      if (i == layer.node || gone.contains(i)) continue;
      append(widening.before[i]);
      const auto changed = widening.changed.find(i);
      nodes.push_back(
          std::move(changed == widening.changed.end() ? network_.nodes[i] : changed->second));
    }
    network_.nodes = std::move(nodes);
    for (const std::string& tensor : widening.tensors) network_.values.erase(tensor);
  }

  void ThrowIfNamedStay(const std::vector<std::string>& layers, const FuseReport& report) const {
    if (!options_.nodes) return;
    std::vector<Problem> problems;
    for (const std::string& name : *options_.nodes) {
      const auto kept = std::find_if(report.kept.begin(), report.kept.end(),
                                     [&](const KeptLayer& layer) { return layer.name == name; });
      if (kept != report.kept.end()) {
        problems.push_back({fmt::format("layer \"{}\" cannot be replaced: {}", name, kept->reason),
                            "leave it out of the list"});
      } else if (std::find(layers.begin(), layers.end(), name) == layers.end()) {
        problems.push_back(
            {fmt::format("the network has no depthwise convolution \"{}\"", name),
             layers.empty() ? "" : fmt::format("name one such as \"{}\"", layers.front())});
      }
    }
    if (!problems.empty()) throw RequestError(std::move(problems));
  }

  Network network_;
  const FuseOptions& options_;
  NameSource names_;
};

}  // namespace

Network Fuse(const Network& network, const FuseOptions& options, FuseReport* report) {
  if (!(options.correlation >= 0 && options.correlation <= 1)) {
    throw RequestError(
        fmt::format("a correlation of {} is out of range: 0 to 1", options.correlation));
  }
  FuseReport made;
  auto result = Fuser(network, options).Run(made);
  if (report != nullptr) *report = std::move(made);
  return result ? *std::move(result) : network;
}

}  // namespace systole
