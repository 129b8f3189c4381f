// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/branches.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "base/stimulus.h"

namespace systole::fuse {
namespace {

/// A seed of its own for every line: FNV-1a of its name over the seed.
std::uint64_t SeedOf(std::uint64_t seed, const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
  return hash;
}

/// Uniform values, scaled to the norm of the kernel.
std::vector<double> RandomLine(const Kernel& kernel, std::int64_t length, Stimulus& random) {
  std::vector<double> line;
  for (std::int64_t i = 0; i < length; ++i) {
    line.push_back(static_cast<double>(random.Between(-32768, 32768)));
  }
  const auto norm = [](const std::vector<double>& v) {
    return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  };
  const double length_of_line = std::max(norm(line), 1.0);
  for (double& value : line) value *= norm(kernel.values) / length_of_line;
  return line;
}

/// Makes one branch.
class BranchMaker {
 public:
  BranchMaker(Network& network, NameSource& names, const GraphIndex& index, const Depthwise& layer,
              const Block& tail, const FuseOptions& options, bool affine)
      : network_(network),
        names_(names),
        index_(index),
        layer_(layer),
        tail_(tail),
        options_(options),
        affine_(affine),
        pattern_(network.nodes[layer.node]) {}

  /// The branch of the input channels `begin` to `end`; appends its nodes and returns the tensor
  /// that it ends with. `reason` is set when it cannot be made.
  std::string Make(bool is_row, std::int64_t begin, std::int64_t end, Branches& branches) {
    is_row_ = is_row;
    begin_ = begin;
    end_ = end;
    nodes_ = &branches.nodes;
    kernel_height_ = is_row ? 1 : layer_.kernel_height;
    kernel_width_ = is_row ? layer_.kernel_width : 1;
    suffix_ = fmt::format("_{}x{}", kernel_height_, kernel_width_);
    const std::string name = names_.Fresh(pattern_.name + suffix_);
    (is_row ? branches.row : branches.column) = name;
    const std::string output = MakeConv(name, branches.reason);
    return branches.reason.empty() ? CopyTail(output) : "";
  }

 private:
  std::vector<double> KernelsOf(const std::string& name) const {
    Stimulus random(SeedOf(options_.seed, name));
    std::vector<double> real;
    for (std::int64_t o = begin_ * layer_.multiplier; o < end_ * layer_.multiplier; ++o) {
      const std::vector<double> line = LineOf(KernelOf(layer_, o), random);
      real.insert(real.end(), line.begin(), line.end());
    }
    return real;
  }

  std::vector<double> LineOf(const Kernel& kernel, Stimulus& random) const {
    if (options_.weights == FuseOptions::Weights::kRandom) {
      return RandomLine(kernel, std::max(kernel_height_, kernel_width_), random);
    }
    const bool separated = options_.weights == FuseOptions::Weights::kSeparated;
    const Kernel& from = separated ? RankOne(kernel) : kernel;
    const Lines lines = affine_ && !options_.half ? LeastSquaresCross(from, options_.correlation)
                                                  : LeastSquaresLines(from, options_.correlation);
    return is_row_ ? lines.row : lines.column;
  }

  std::string MakeConv(const std::string& name, std::string& reason) {
    ConvConstants constants =
        layer_.constants->Outputs(begin_ * layer_.multiplier, end_ * layer_.multiplier);
    reason = constants.SetKernels(kernel_height_, kernel_width_, KernelsOf(name));
    if (!reason.empty()) return "";
    Node node = constants.Write(network_, names_, pattern_, name, *nodes_);
    node.name = name;
    node.inputs[0] = MakeInput();
    node.outputs = {names_.Fresh(pattern_.outputs[0] + suffix_)};
    SetAttributes(node);
    nodes_->push_back(node);
    return node.outputs[0];
  }

  /// The axis as the branch has it: whole along the kernel, Across() beside it.
  AcrossAxis AxisOf(const Axis& axis, bool along) const {
    if (along) return {axis.before, axis.after, 0, 0};
    return Across(axis);
  }
  AcrossAxis height() const { return AxisOf(layer_.height, !is_row_); }
  AcrossAxis width() const { return AxisOf(layer_.width, is_row_); }

  void SetAttributes(Node& node) const {
    node.attributes.erase("auto_pad");
    node.attributes["group"] = end_ - begin_;
    node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel_height_, kernel_width_};
    node.attributes["strides"] =
        std::vector<std::int64_t>{layer_.height.stride, layer_.width.stride};
    node.attributes["dilations"] = std::vector<std::int64_t>{is_row_ ? 1 : layer_.height.dilation,
                                                             is_row_ ? layer_.width.dilation : 1};
    node.attributes["pads"] = std::vector<std::int64_t>{height().pad_before, width().pad_before,
                                                        height().pad_after, width().pad_after};
  }

  /// The channels and the plane that the branch reads. Of a dequantized input the integers are
  /// sliced, so that a QDQ network keeps its pairs.
  std::string MakeInput() {
    std::string input = pattern_.inputs[0];
    std::vector<std::int64_t> axes, starts, ends;
    const auto cut = [&](std::int64_t axis, std::int64_t start, std::int64_t end) {
      if (start == 0 && end == std::numeric_limits<std::int64_t>::max()) return;
      axes.push_back(axis);
      starts.push_back(start);
      ends.push_back(end);
    };
    if (begin_ > 0 || end_ < layer_.channels) cut(1, begin_, end_);
    const auto crop = [&](std::int64_t axis, const AcrossAxis& across) {
      cut(axis, across.crop_before,
          across.crop_after > 0 ? -across.crop_after : std::numeric_limits<std::int64_t>::max());
    };
    crop(2, height());
    crop(3, width());
    if (axes.empty()) return input;
    const auto producer = index_.Producer(input);
    const bool integers =
        producer && network_.nodes[*producer].op == "DequantizeLinear" &&
        network_.Constant(InputOrEmpty(network_.nodes[*producer], 1)) != nullptr &&
        network_.Constant(network_.nodes[*producer].inputs[1])->size() == 1;
    if (!integers) return AddSlice(input, axes, starts, ends);
    Node dequantizer = network_.nodes[*producer];
    dequantizer.inputs[0] = AddSlice(dequantizer.inputs[0], axes, starts, ends);
    dequantizer.name = names_.Fresh(dequantizer.name + suffix_);
    dequantizer.outputs = {names_.Fresh(input + suffix_)};
    nodes_->push_back(dequantizer);
    return dequantizer.outputs[0];
  }

  std::string AddSlice(const std::string& value, const std::vector<std::int64_t>& axes,
                       const std::vector<std::int64_t>& starts,
                       const std::vector<std::int64_t>& ends) {
    const std::string name = names_.Fresh(pattern_.name + suffix_ + "_slice");
    Node node{name, "Slice", "", {value}, {names_.Fresh(value + suffix_ + "_slice")}, {}};
    constexpr int kSliceWithInputs = 10;
    const std::pair<const char*, const std::vector<std::int64_t>*> lists[] = {
        {"starts", &starts}, {"ends", &ends}, {"axes", &axes}};
    for (const auto& [key, list] : lists) {
      if (network_.opset < kSliceWithInputs) {
        node.attributes[key] = *list;
      } else {
        const auto count = static_cast<std::int64_t>(list->size());
        node.inputs.push_back(AddConstant(network_, names_, name + "_" + key,
                                          Tensor::Of<std::int64_t>({count}, *list)));
      }
    }
    nodes_->push_back(node);
    return node.outputs[0];
  }

  /// Copies the tail behind `value`; per-channel constants are cut to the branch's channels.
  std::string CopyTail(const std::string& value) {
    const Channels channels{4, layer_.outputs()};
    std::map<std::string, std::string> renamed = {{pattern_.outputs[0], value}};
    std::string end = value;
    for (const std::size_t i : tail_.nodes) {
      Node node = network_.nodes[i];
      for (const std::string& input : network_.nodes[i].inputs) {
        if (!renamed.contains(input)) continue;
        const auto constants = ChannelwiseIn(network_, index_, network_.nodes[i], input, channels);
        if (constants) CutConstants(*constants, node);
      }
      for (std::string& input : node.inputs) {
        if (const auto found = renamed.find(input); found != renamed.end()) input = found->second;
      }
      node.name = names_.Fresh(node.name + suffix_);
      end = names_.Fresh(node.outputs[0] + suffix_);
      renamed[node.outputs[0]] = end;
      node.outputs = {end};
      nodes_->push_back(std::move(node));
    }
    return end;
  }

  void CutConstants(const std::vector<ChannelInput>& constants, Node& node) {
    if (begin_ == 0 && end_ == layer_.channels) return;
    for (const ChannelInput& constant : constants) {
      std::string& input = node.inputs[constant.input];
      Tensor part = SliceOf(*network_.Constant(input), constant.axis, begin_ * layer_.multiplier,
                            end_ * layer_.multiplier);
      input = AddConstant(network_, names_, input + suffix_, std::move(part));
    }
  }

  Network& network_;
  NameSource& names_;
  const GraphIndex& index_;
  const Depthwise& layer_;
  const Block& tail_;
  const FuseOptions& options_;
  const bool affine_;
  const Node pattern_;
  bool is_row_ = true;
  std::int64_t begin_ = 0, end_ = 0, kernel_height_ = 1, kernel_width_ = 1;
  std::string suffix_;
  std::vector<Node>* nodes_ = nullptr;
};

}  // namespace

Block FollowDepthwise(const Network& network, const GraphIndex& index, const Depthwise& layer) {
  const Channels channels{4, layer.outputs()};
  Block tail{{}, network.nodes[layer.node].outputs[0]};
  // The result of an integer operator has its scale already.
  if (layer.constants->quantized_operator()) return tail;
  while (const auto next = NextBlock(network, index, tail.end, channels)) {
    tail.nodes.insert(tail.nodes.end(), next->nodes.begin(), next->nodes.end());
    tail.end = next->end;
    if (network.nodes[next->nodes.back()].op == "QuantizeLinear") break;
  }
  return tail;
}

Branches MakeBranches(Network& network, NameSource& names, const GraphIndex& index,
                      const Depthwise& layer, const Block& tail, const FuseOptions& options,
                      bool affine) {
  Branches branches;
  BranchMaker maker(network, names, index, layer, tail, options, affine);
  const std::int64_t middle = options.half ? (layer.channels + 1) / 2 : layer.channels;
  const std::string row = maker.Make(true, 0, middle, branches);
  if (!branches.reason.empty()) return branches;
  const std::string column = maker.Make(false, options.half ? middle : 0, layer.channels, branches);
  if (!branches.reason.empty()) return branches;
  branches.nodes.push_back({names.Fresh(network.nodes[layer.node].name + "_concat"),
                            "Concat",
                            "",
                            {row, column},
                            {tail.end},
                            {{"axis", std::int64_t{1}}}});
  return branches;
}

}  // namespace systole::fuse
