// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/channels.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace systole::fuse {
namespace {

using ChannelInputs = std::vector<ChannelInput>;

bool IsUnary(const std::string& op) {
  static const std::set<std::string> operators = {
      "Abs",  "Cast",     "Ceil",        "Celu",      "Dropout",    "Elu",     "Erf",
      "Exp",  "Floor",    "HardSigmoid", "HardSwish", "Identity",   "Log",     "LeakyRelu",
      "Mish", "Neg",      "Relu",        "Round",     "Selu",       "Sigmoid", "Softplus",
      "Sqrt", "Softsign", "Tanh",        "Gelu",      "Reciprocal", "Sign",    "ThresholdedRelu"};
  return operators.contains(op);
}

/// The channel axis of a constant that broadcasts against the activation; `per_channel` says
/// whether it has one. False when the constant differs within a channel, or could.
bool FindChannelAxis(const Tensor& constant, const Channels& channels, bool& per_channel,
                     std::size_t& axis) {
  per_channel = constant.size() != 1;
  const Shape& shape = constant.shape();
  if (shape.size() > channels.rank) return false;
  if (!per_channel) return true;
  if (shape.size() + 1 < channels.rank) return false;  // does not reach the channels
  axis = shape.size() + 1 - channels.rank;
  return channels.count > 0 && shape[axis] == channels.count && constant.size() == channels.count;
}

/// Input 0 is the activation, the others are constants of one value for all channels or one each.
std::optional<ChannelInputs> ConstantsOf(const Network& network, const Node& node,
                                         const Channels& channels) {
  ChannelInputs result;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const Tensor* constant = network.Constant(node.inputs[i]);
    bool per_channel = false;
    std::size_t axis = 0;
    if (constant == nullptr || !FindChannelAxis(*constant, channels, per_channel, axis)) {
      return std::nullopt;
    }
    if (per_channel) result.push_back({i, axis});
  }
  return result;
}

/// Input 0 is the activation, the others are vectors of one value a channel (or one for all).
std::optional<ChannelInputs> VectorsOf(const Network& network, const Node& node,
                                       const Channels& channels) {
  ChannelInputs result;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const Tensor* constant = network.Constant(node.inputs[i]);
    if (constant == nullptr) return std::nullopt;
    if (constant->shape().size() == 1 && constant->size() == channels.count) {
      result.push_back({i, 0});
    } else if (constant->size() != 1) {
      return std::nullopt;
    }
  }
  return result;
}

std::optional<ChannelInputs> QuantizerOf(const Network& network, const Node& node,
                                         const Channels& channels) {
  auto result = VectorsOf(network, node, channels);
  const std::int64_t axis = node.Int("axis", 1);
  const bool on_channels = axis == 1 || axis == 1 - static_cast<std::int64_t>(channels.rank);
  if (result && !result->empty() && !on_channels) return std::nullopt;
  return result;
}

std::optional<ChannelInputs> BatchNormOf(const Network& network, const Node& node,
                                         const Channels& channels) {
  if (node.inputs.size() != 5 || node.Int("training_mode", 0) != 0 || node.Int("spatial", 1) != 1) {
    return std::nullopt;
  }
  auto result = VectorsOf(network, node, channels);
  if (result && result->size() != 4 && channels.count != 1) return std::nullopt;
  return result;
}

/// The activation may be either input.
std::optional<ChannelInputs> BinaryOf(const Network& network, const Node& node,
                                      const std::string& value, const Channels& channels) {
  if (node.attributes.contains("broadcast") || node.attributes.contains("axis")) {
    return std::nullopt;  // operator set 6: another rule of broadcasting
  }
  ChannelInputs result;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == value) continue;
    const Tensor* constant = network.Constant(node.inputs[i]);
    bool per_channel = false;
    std::size_t axis = 0;
    if (constant == nullptr || !FindChannelAxis(*constant, channels, per_channel, axis)) {
      return std::nullopt;
    }
    if (per_channel) result.push_back({i, axis});
  }
  return result;
}

bool HasOneOutput(const GraphIndex& index, const Node& node) {
  if (node.outputs.empty() || node.outputs[0].empty()) return false;
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    const std::string& output = node.outputs[i];
    if (!output.empty() && (index.IsOutput(output) || !index.Readers(output).empty())) return false;
  }
  return true;
}

/// The only input of a node that is no constant.
std::optional<std::string> OnlyActivation(const Network& network, const Node& node) {
  std::optional<std::string> result;
  for (const std::string& input : node.inputs) {
    if (input.empty() || network.Constant(input) != nullptr) continue;
    if (result) return std::nullopt;
    result = input;
  }
  return result;
}

std::set<std::size_t> DistinctReaders(const GraphIndex& index, const std::string& value) {
  const std::vector<std::size_t>& readers = index.Readers(value);
  return {readers.begin(), readers.end()};
}

/// value -> f -> g ... -> node, with value read by the first and by `node` only.
std::optional<Block> Diamond(const Network& network, const GraphIndex& index,
                             const std::string& value, const Channels& channels) {
  const std::set<std::size_t> readers = DistinctReaders(index, value);
  if (readers.size() != 2 || index.Readers(value).size() != 2) return std::nullopt;
  const std::size_t last = *readers.rbegin();
  const Node& join = network.nodes[last];
  if (!IsBroadcasting(join.op) || join.inputs.size() != 2 || !HasOneOutput(index, join) ||
      join.attributes.contains("broadcast")) {
    return std::nullopt;
  }
  Block block{{last}, join.outputs[0]};
  std::string at = join.inputs[join.inputs[0] == value ? 1 : 0];
  while (at != value) {
    const auto producer = index.Producer(at);
    if (!producer || index.SoleReader(at) == std::nullopt) return std::nullopt;
    const Node& node = network.nodes[*producer];
    const auto input = OnlyActivation(network, node);
    if (!input || !ChannelwiseIn(network, index, node, *input, channels)) return std::nullopt;
    block.nodes.push_back(*producer);
    at = *input;
  }
  std::reverse(block.nodes.begin(), block.nodes.end());
  return block;
}

/// Rank behind a reduction over dimensions that are not those of batch and channels.
std::optional<std::size_t> RankBehindReduction(const Network& network, const Node& node,
                                               std::size_t rank) {
  std::vector<std::int64_t> listed = node.Ints("axes", {});
  if (const Tensor* constant = network.Constant(InputOrEmpty(node, 1))) {
    if (constant->type() != ElementType::kInt64) return std::nullopt;
    const auto values = constant->As<std::int64_t>();
    listed.assign(values.begin(), values.end());
  } else if (!InputOrEmpty(node, 1).empty()) {
    return std::nullopt;
  }
  std::set<std::int64_t> axes;
  for (const std::int64_t axis : listed) {
    axes.insert(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
  }
  if (axes.empty() || *axes.begin() < 2 || *axes.rbegin() >= static_cast<std::int64_t>(rank)) {
    return std::nullopt;
  }
  const bool keeps = node.op != "Squeeze" && node.Int("keepdims", 1) != 0;
  return keeps ? rank : rank - axes.size();
}

bool PadsSpaceOnly(const Network& network, const Node& node, std::size_t rank) {
  std::vector<std::int64_t> pads = node.Ints("pads", {});
  if (const Tensor* constant = network.Constant(InputOrEmpty(node, 1));
      constant != nullptr && constant->type() == ElementType::kInt64) {
    const auto values = constant->As<std::int64_t>();
    pads.assign(values.begin(), values.end());
  }
  const bool plain = node.inputs.size() < 4 && pads.size() == 2 * rank;
  return plain && pads[0] == 0 && pads[1] == 0 && pads[rank] == 0 && pads[rank + 1] == 0;
}

bool ResizesSpaceOnly(const Network& network, const Node& node) {
  const std::string& name = InputOrEmpty(node, node.inputs.size() == 2 ? 1 : 2);
  const Tensor* scales = network.Constant(name);
  if (scales == nullptr || scales->type() != ElementType::kFloat32 || scales->size() < 2 ||
      !InputOrEmpty(node, 3).empty() || node.attributes.contains("axes") ||
      node.String("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize") {
    return false;
  }
  return scales->As<float>()[0] == 1.0F && scales->As<float>()[1] == 1.0F;
}

struct Stretch {
  std::size_t outer = 1, axis = 0, inner = 1;  ///< bytes for inner
};

Stretch StretchOf(const Tensor& tensor, std::size_t axis) {
  Stretch s;
  const Shape& shape = tensor.shape();
  for (std::size_t i = 0; i < axis; ++i) s.outer *= static_cast<std::size_t>(shape[i]);
  s.axis = static_cast<std::size_t>(shape[axis]);
  for (std::size_t i = axis + 1; i < shape.size(); ++i) {
    s.inner *= static_cast<std::size_t>(shape[i]);
  }
  s.inner *= SizeOf(tensor.type());
  return s;
}

void Copy(std::byte* to, const std::byte* from, std::size_t size) {
  if (size > 0) std::memcpy(to, from, size);
}

}  // namespace

bool IsAffine(const std::string& op) {
  static const std::set<std::string> operators = {"Add",
                                                  "Sub",
                                                  "Mul",
                                                  "Div",
                                                  "Identity",
                                                  "Dropout",
                                                  "Cast",
                                                  "QuantizeLinear",
                                                  "DequantizeLinear",
                                                  "ReduceMean",
                                                  "AveragePool",
                                                  "BatchNormalization",
                                                  "ReduceSum",
                                                  "Pad",
                                                  "GlobalAveragePool",
                                                  "Flatten",
                                                  "Squeeze",
                                                  "Reshape"};
  return operators.contains(op);
}

bool IsBroadcasting(const std::string& op) {
  static const std::set<std::string> operators = {"Add", "Sub", "Mul", "Div", "Pow", "Min", "Max"};
  return operators.contains(op);
}

std::optional<ChannelInputs> ChannelwiseIn(const Network& network, const GraphIndex& index,
                                           const Node& node, const std::string& value,
                                           const Channels& channels) {
  if (!node.domain.empty() || !HasOneOutput(index, node)) return std::nullopt;
  if (std::count(node.inputs.begin(), node.inputs.end(), value) != 1) return std::nullopt;
  if (IsBroadcasting(node.op)) return BinaryOf(network, node, value, channels);
  if (node.inputs[0] != value) return std::nullopt;
  if (node.op == "BatchNormalization") return BatchNormOf(network, node, channels);
  if (node.op == "QuantizeLinear" || node.op == "DequantizeLinear") {
    return QuantizerOf(network, node, channels);
  }
  if (IsUnary(node.op) || node.op == "Clip" || node.op == "PRelu") {
    return ConstantsOf(network, node, channels);
  }
  return std::nullopt;
}

std::optional<Block> NextBlock(const Network& network, const GraphIndex& index,
                               const std::string& value, const Channels& channels) {
  if (index.IsOutput(value)) return std::nullopt;
  const auto reader = index.SoleReader(value);
  if (!reader) return Diamond(network, index, value, channels);
  const Node& node = network.nodes[*reader];
  if (!ChannelwiseIn(network, index, node, value, channels)) return std::nullopt;
  return Block{{*reader}, node.outputs[0]};
}

std::optional<std::size_t> RankBehind(const Network& network, const Node& node, std::size_t rank) {
  if (!node.domain.empty() || rank < 3) return std::nullopt;
  if (node.op == "ReduceMean" || node.op == "ReduceMax" || node.op == "ReduceSum" ||
      node.op == "Squeeze") {
    return RankBehindReduction(network, node, rank);
  }
  const bool keeps = node.op == "GlobalAveragePool" || node.op == "GlobalMaxPool" ||
                     node.op == "AveragePool" ||
                     (node.op == "MaxPool" && node.outputs.size() == 1) ||
                     (node.op == "Pad" && PadsSpaceOnly(network, node, rank)) ||
                     (node.op == "Resize" && ResizesSpaceOnly(network, node));
  return keeps ? std::optional(rank) : std::nullopt;
}

bool SumsOverChannels(const Network& network, const Node& node, const std::string& value) {
  if (!node.domain.empty() || node.inputs.size() < 2 || node.inputs[0] != value) return false;
  if (std::count(node.inputs.begin(), node.inputs.end(), value) != 1) return false;
  if (node.op == "Conv" || node.op == "QLinearConv") return node.Int("group", 1) == 1;
  if (node.op == "Gemm") return node.Int("transA", 0) == 0;
  if (node.op != "MatMul") return false;
  const Tensor* weights = network.Constant(node.inputs[1]);
  return weights != nullptr && weights->shape().size() == 2;
}

Tensor SliceOf(const Tensor& tensor, std::size_t axis, std::int64_t begin, std::int64_t end) {
  Shape shape = tensor.shape();
  shape[axis] = end - begin;
  Tensor result(tensor.type(), shape);
  const Stretch from = StretchOf(tensor, axis), to = StretchOf(result, axis);
  const std::size_t length = to.axis * to.inner;
  for (std::size_t i = 0; i < from.outer; ++i) {
    Copy(result.bytes().data() + i * length,
         tensor.bytes().data() + i * from.axis * from.inner +
             static_cast<std::size_t>(begin) * from.inner,
         length);
  }
  return result;
}

Tensor Twice(const Tensor& tensor, std::size_t axis) {
  Shape shape = tensor.shape();
  shape[axis] *= 2;
  Tensor result(tensor.type(), shape);
  const Stretch from = StretchOf(tensor, axis);
  const std::size_t length = from.axis * from.inner;
  for (std::size_t i = 0; i < 2 * from.outer; ++i) {
    Copy(result.bytes().data() + i * length, tensor.bytes().data() + i / 2 * length, length);
  }
  return result;
}

}  // namespace systole::fuse
