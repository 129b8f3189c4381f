// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/depthwise.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sw/ir/macs.h"

namespace systole::fuse {
namespace {

/// Nothing that a network needs is larger, and no product of two leaves 64 bits.
constexpr std::int64_t kLargest = std::int64_t{1} << 30;
/// The squares of the separation are small work up to here.
constexpr std::int64_t kLargestKernel = 63;

const Tensor* WeightsOf(const Network& network, const GraphIndex& index, const Node& node) {
  const std::string name = InputOrEmpty(node, node.op == "QLinearConv" ? 3 : 1);
  if (const Tensor* constant = network.Constant(name)) return constant;
  const auto producer = index.Producer(name);
  if (!producer || network.nodes[*producer].op != "DequantizeLinear") return nullptr;
  return network.Constant(InputOrEmpty(network.nodes[*producer], 0));
}

/// The shape of the weights, also where they are no constant.
std::optional<Shape> WeightShape(const Network& network, const GraphIndex& index,
                                 const Node& node) {
  if (const Tensor* weights = WeightsOf(network, index, node)) return weights->shape();
  const auto value = FindValue(network, InputOrEmpty(node, node.op == "QLinearConv" ? 3 : 1));
  if (!value || !value->has_shape) return std::nullopt;
  return value->shape;
}

bool InRange(const std::vector<std::int64_t>& values, std::size_t count, std::int64_t low) {
  return values.size() == count && std::all_of(values.begin(), values.end(), [low](std::int64_t v) {
           return v >= low && v <= kLargest;
         });
}

/// Strides, dilations and explicit padding; returns why they cannot be read.
std::string ReadAttributes(const Node& node, Depthwise& layer) {
  const auto strides = node.Ints("strides", {1, 1}), dilations = node.Ints("dilations", {1, 1});
  const auto pads = node.Ints("pads", {0, 0, 0, 0});
  const auto kernel = node.Ints("kernel_shape", {layer.kernel_height, layer.kernel_width});
  if (!InRange(strides, 2, 1) || !InRange(dilations, 2, 1) || !InRange(pads, 4, 0) ||
      kernel != std::vector<std::int64_t>{layer.kernel_height, layer.kernel_width}) {
    return "its attributes are not those of a two-dimensional convolution";
  }
  layer.height = {layer.kernel_height, strides[0], dilations[0], pads[0], pads[2]};
  layer.width = {layer.kernel_width, strides[1], dilations[1], pads[1], pads[3]};
  return "";
}

/// Padding that auto_pad=SAME stands for: output = ceil(input / stride).
std::string ResolveSame(Axis& axis, bool upper, std::int64_t input) {
  std::int64_t total = (axis.kernel - 1) * axis.dilation;
  if (axis.stride > 1) {
    if (input < 1) return "auto_pad with a stride needs the input's size: pass --shape";
    const std::int64_t output = (input + axis.stride - 1) / axis.stride;
    total = std::max<std::int64_t>(0, (output - 1) * axis.stride + total + 1 - input);
  }
  axis.before = upper ? total / 2 : total - total / 2;
  axis.after = total - axis.before;
  return "";
}

std::string ResolveAutoPad(const Node& node, const std::vector<std::int64_t>& size,
                           Depthwise& layer) {
  const std::string mode = node.String("auto_pad", "NOTSET");
  if (mode == "NOTSET" || mode.empty()) return "";
  for (Axis* axis : {&layer.height, &layer.width}) axis->before = axis->after = 0;
  if (mode == "VALID") return "";
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER") {
    return fmt::format("its auto_pad is \"{}\"", mode);
  }
  const bool upper = mode == "SAME_UPPER";
  std::string reason = ResolveSame(layer.height, upper, size[0]);
  return reason.empty() ? ResolveSame(layer.width, upper, size[1]) : reason;
}

/// A line must not lie in the padding alone: ONNX has no convolution of an empty tensor.
std::string CheckCrop(const Axis& axis, std::int64_t input) {
  const AcrossAxis across = Across(axis);
  const std::int64_t crop = across.crop_before + across.crop_after;
  if (crop == 0 || (input > 0 && input > crop)) return "";
  if (input < 1 && across.pad_before == 0 && across.pad_after == 0) return "";
  return fmt::format(
      "its padding is so uneven that a line through its middle {} lie in padding alone",
      input < 1 ? "could (the size of its input is not known)" : "would");
}

std::string CheckKernel(const Depthwise& layer) {
  const std::int64_t height = layer.kernel_height, width = layer.kernel_width;
  if (height == 1 && width == 1) return "its kernel is 1x1";
  if (layer.IsLine()) return fmt::format("it is one-dimensional already ({}x{})", height, width);
  if (height % 2 == 0 || width % 2 == 0) {
    return fmt::format("its kernel {}x{} has no middle", height, width);
  }
  if (std::max(height, width) > kLargestKernel) {
    return fmt::format("its kernel {}x{} is larger than {}", height, width, kLargestKernel);
  }
  return "";
}

/// Height and width of the input, -1 where they are not known.
std::vector<std::int64_t> InputSize(const Network& network, const Node& node) {
  const auto value = FindValue(network, node.inputs[0]);
  if (!value || !value->has_shape || value->shape.size() != 4) return {-1, -1};
  return {value->shape[2], value->shape[3]};
}

std::string ReadAll(const Network& network, const GraphIndex& index, const Node& node,
                    Depthwise& layer) {
  std::string reason = CheckKernel(layer);
  if (reason.empty()) reason = ReadAttributes(node, layer);
  if (!reason.empty()) return reason;
  const std::vector<std::int64_t> size = InputSize(network, node);
  reason = ResolveAutoPad(node, size, layer);
  if (reason.empty()) reason = CheckCrop(layer.height, size[0]);
  if (reason.empty()) reason = CheckCrop(layer.width, size[1]);
  if (!reason.empty()) return reason;
  layer.constants = ConvConstants::Read(network, index, node, reason);
  return reason;
}

}  // namespace

AcrossAxis Across(const Axis& axis) {
  const std::int64_t before = axis.before - axis.Middle(), after = axis.after - axis.Middle();
  return {std::max<std::int64_t>(before, 0), std::max<std::int64_t>(after, 0),
          std::max<std::int64_t>(-before, 0), std::max<std::int64_t>(-after, 0)};
}

std::optional<Depthwise> ReadDepthwise(const Network& network, const GraphIndex& index,
                                       std::size_t i) {
  const Node& node = network.nodes[i];
  const bool convolution =
      node.op == "Conv" || node.op == "QLinearConv" || node.op == "ConvInteger";
  if (!convolution || !node.domain.empty() || node.inputs.empty() || node.outputs.empty()) {
    return std::nullopt;
  }
  const std::int64_t groups = node.Int("group", 1);
  const auto shape = WeightShape(network, index, node);
  if (groups < 2 || !shape || shape->size() != 4 || (*shape)[1] != 1 || (*shape)[0] < groups ||
      (*shape)[0] % groups != 0 || (*shape)[2] < 1 || (*shape)[3] < 1) {
    return std::nullopt;
  }
  Depthwise layer;
  layer.node = i;
  layer.channels = groups;
  layer.multiplier = (*shape)[0] / groups;
  layer.kernel_height = (*shape)[2];
  layer.kernel_width = (*shape)[3];
  layer.reason = node.op == "ConvInteger" ? "its sums are not requantized (ConvInteger)"
                                          : ReadAll(network, index, node, layer);
  return layer;
}

Kernel KernelOf(const Depthwise& layer, std::int64_t output) {
  Kernel kernel{layer.kernel_height, layer.kernel_width, {}};
  const std::int64_t size = kernel.rows * kernel.cols;
  for (std::int64_t i = 0; i < size; ++i) {
    kernel.values.push_back(layer.constants->Real(output * size + i));
  }
  return kernel;
}

}  // namespace systole::fuse
