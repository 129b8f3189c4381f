// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/widen.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sw/fuse/conv_constants.h"
#include "sw/ir/macs.h"

namespace systole::fuse {
namespace {

class Widener {
 public:
  Widener(Network& network, NameSource& names, const GraphIndex& index)
      : network_(network), names_(names), index_(index) {}

  Widening Run(const std::string& value, std::int64_t channels) {
    FindReach(value);
    wide_[value] = {4, channels};
    result_.tensors.insert(value);
    if (index_.IsOutput(value)) Refuse(fmt::format("'{}' is an output of the network", value));
    for (std::size_t i = 0; i < network_.nodes.size() && result_.reason.empty(); ++i) {
      if (ReadsAny(network_.nodes[i], result_.tensors)) Visit(i);
    }
    return std::move(result_);
  }

 private:
  void Refuse(std::string reason) { result_.reason = std::move(reason); }

  static bool ReadsAny(const Node& node, const std::set<std::string>& tensors) {
    return std::any_of(node.inputs.begin(), node.inputs.end(),
                       [&](const std::string& input) { return tensors.contains(input); });
  }

  /// Tensors that `value` reaches without a sum over channels: where gates may end.
  void FindReach(const std::string& value) {
    reach_.insert(value);
    for (const Node& node : network_.nodes) {
      if (!ReadsAny(node, reach_) || SumsOverChannels(network_, node, node.inputs[0])) continue;
      reach_.insert(node.outputs.begin(), node.outputs.end());
    }
    reach_.erase("");
  }

  /// True when what node `i` computes from the pooled tensor comes back as a factor.
  bool IsGate(std::size_t i) const {
    std::string at = network_.nodes[i].outputs[0];
    for (std::size_t steps = 0; steps < network_.nodes.size(); ++steps) {
      if (index_.IsOutput(at)) return false;
      if (const auto reader = index_.SoleReader(at)) {
        const Node& node = network_.nodes[*reader];
        if (node.op == "Mul" && node.inputs.size() == 2) {
          const std::string& other = node.inputs[node.inputs[0] == at ? 1 : 0];
          // One channel for all is a factor as it is.
          if (reach_.contains(other) && other != at) return OutputsOf(at) != 1;
        }
        if (IsConvolution(node) && SumsOverChannels(network_, node, at)) {
          at = node.outputs[0];
          continue;
        }
      }
      const auto next = NextBlock(network_, index_, at, {4, OutputsOf(at)});
      if (!next) return false;
      at = next->end;
    }
    return false;
  }

  static bool IsConvolution(const Node& node) {
    return node.op == "Conv" || node.op == "QLinearConv";
  }

  /// Channels of a tensor that a convolution makes, through channel-wise nodes.
  std::int64_t OutputsOf(const std::string& value) const {
    std::string at = value;
    for (std::size_t steps = 0; steps < network_.nodes.size(); ++steps) {
      const auto producer = index_.Producer(at);
      if (!producer) return -1;
      const Node& node = network_.nodes[*producer];
      if (IsConvolution(node)) {
        std::string reason;
        const auto constants = ConvConstants::Read(network_, index_, node, reason);
        return constants ? constants->outputs() : -1;
      }
      const auto input =
          std::find_if(node.inputs.begin(), node.inputs.end(), [this](const std::string& name) {
            return !name.empty() && network_.Constant(name) == nullptr;
          });
      if (input == node.inputs.end()) return -1;
      at = *input;
    }
    return -1;
  }

  void MakeWide(const Node& node, Channels channels) {
    const std::string& output = node.outputs[0];
    wide_[output] = channels;
    result_.tensors.insert(output);
    if (index_.IsOutput(output)) {
      Refuse(fmt::format("'{}', which would get twice its channels, is an output of the network",
                         output));
    }
  }

  void Visit(std::size_t i) {
    const Node& node = network_.nodes[i];
    const std::string value =
        *std::find_if(node.inputs.begin(), node.inputs.end(),
                      [this](const std::string& input) { return result_.tensors.contains(input); });
    const Channels channels = wide_.at(value);
    if (const auto constants = ChannelwiseIn(network_, index_, node, value, channels)) {
      RepeatConstants(i, *constants);
      MakeWide(node, channels);
    } else if (const auto rank = RankBehind(network_, node, channels.rank);
               rank && node.inputs[0] == value) {
      MakeWide(node, {*rank, channels.count});
    } else if (IsConvolution(node) && SumsOverChannels(network_, node, value)) {
      VisitConvolution(i, channels.rank);
      return;
    } else if (channels.rank == 2 && SumsOverChannels(network_, node, value)) {
      Grow(i, false);
      return;
    } else if (IsBroadcasting(node.op) && node.domain.empty()) {
      VisitBroadcast(node);
    } else if (node.op == "Flatten" && node.domain.empty() && node.Int("axis", 1) == 1) {
      // The second copy of the channels stays behind the first as a whole.
      MakeWide(node, {2, -1});
    } else if (node.op == "Reshape" && node.domain.empty()) {
      VisitReshape(i);
    } else {
      Refuse(fmt::format("{} reads it and cannot take twice the channels{}", Describe(node),
                         IsConvolution(node) ? " (it has groups)" : ""));
    }
    result_.affine = result_.affine && IsAffine(node.op);
  }

  void RepeatConstants(std::size_t i, const std::vector<ChannelInput>& constants) {
    if (constants.empty()) return;
    Node node = network_.nodes[i];
    for (const ChannelInput& constant : constants) {
      std::string& input = node.inputs[constant.input];
      input = AddConstant(network_, names_, input + "_twice",
                          Twice(*network_.Constant(input), constant.axis));
    }
    result_.changed[i] = std::move(node);
  }

  void VisitConvolution(std::size_t i, std::size_t rank) {
    const Node& node = network_.nodes[i];
    const bool gate = IsGate(i);
    const auto outputs = Grow(i, gate);
    if (!gate || !outputs) return;
    MakeWide(node, {rank, *outputs});
    result_.affine = false;
  }

  /// Gives node `i` twice the inputs, and for a gate twice the outputs; returns the outputs that it
  /// had.
  std::optional<std::int64_t> Grow(std::size_t i, bool gate) {
    const Node& node = network_.nodes[i];
    std::string reason;
    auto constants = ConvConstants::Read(network_, index_, node, reason);
    if (!constants) {
      Refuse(fmt::format("{} reads it and cannot grow: {}", Describe(node), reason));
      return std::nullopt;
    }
    const std::int64_t outputs = constants->outputs();
    if (gate) {
      constants->TwoBlocks();
    } else if (reason = constants->RepeatInputs(); !reason.empty()) {
      Refuse(fmt::format("{} reads it and cannot grow: {}", Describe(node), reason));
      return std::nullopt;
    }
    result_.changed[i] = constants->Write(network_, names_, node, node.name, result_.before[i]);
    result_.grown.push_back(node.name);
    return outputs;
  }

  std::int64_t BatchOf(const std::string& value) const {
    const auto known = FindValue(network_, value);
    return known && known->has_shape && !known->shape.empty() ? known->shape[0] : -1;
  }

  /// A constant shape that leaves the batch alone: the second copy stays behind the first as a
  /// whole, on dimension 1.
  void VisitReshape(std::size_t i) {
    Node node = network_.nodes[i];
    const Tensor* constant = network_.Constant(InputOrEmpty(node, 1));
    if (constant == nullptr || constant->type() != ElementType::kInt64 || constant->size() < 2 ||
        node.Int("allowzero", 0) != 0) {
      return Refuse(fmt::format("{} reads it and its shape is no constant", Describe(node)));
    }
    Tensor shape = *constant;
    auto dimensions = shape.As<std::int64_t>();
    const std::int64_t batch = BatchOf(node.inputs[0]);
    const bool keeps_batch =
        dimensions[0] == 0 ||
        (batch > 0 &&
         (dimensions[0] == batch || (dimensions[0] == -1 && BatchOf(node.outputs[0]) == batch)));
    if (!keeps_batch) {
      return Refuse(fmt::format("{} reads it and may mix its batch", Describe(node)));
    }
    if (dimensions[1] > 0) {
      dimensions[1] *= 2;
      node.inputs[1] = AddConstant(network_, names_, node.inputs[1] + "_twice", std::move(shape));
      result_.changed[i] = node;
    }
    MakeWide(node, {static_cast<std::size_t>(constant->size()), -1});
  }

  /// All activations are wide, or have one value for all channels.
  void VisitBroadcast(const Node& node) {
    std::size_t rank = 0;
    std::int64_t count = -1;
    for (const std::string& input : node.inputs) {
      if (const auto found = wide_.find(input); found != wide_.end()) {
        if (rank != 0 && found->second.rank != rank) {
          Refuse(fmt::format("{} joins tensors of different rank", Describe(node)));
        }
        rank = found->second.rank;
        count = std::max(count, found->second.count);
      }
    }
    for (const std::string& input : node.inputs) {
      if (!result_.tensors.contains(input) && !HasOneChannel(input, rank)) {
        Refuse(
            fmt::format("{} joins it with '{}', which keeps its channels", Describe(node), input));
      }
    }
    if (node.attributes.contains("broadcast")) {
      Refuse(fmt::format("{} broadcasts by the rule of operator set 6", Describe(node)));
    }
    if (result_.reason.empty()) MakeWide(node, {rank, count});
    // The product of two activations is not affine.
    result_.affine = false;
  }

  bool HasOneChannel(const std::string& value, std::size_t rank) const {
    const auto known = FindValue(network_, value);
    if (!known || !known->has_shape || known->shape.size() > rank) return false;
    const Shape& shape = known->shape;
    return shape.size() + 1 < rank || shape[shape.size() + 1 - rank] == 1;
  }

  Network& network_;
  NameSource& names_;
  const GraphIndex& index_;
  std::set<std::string> reach_;
  std::map<std::string, Channels> wide_;
  Widening result_;
};

}  // namespace

Widening Widen(Network& network, NameSource& names, const GraphIndex& index,
               const std::string& value, std::int64_t channels) {
  return Widener(network, names, index).Run(value, channels);
}

}  // namespace systole::fuse
