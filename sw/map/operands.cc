// SPDX-License-Identifier: Apache-2.0
#include "sw/map/operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace systole {
namespace {

/// The byte mask that makes stored activations of a tensor's bytes.
std::uint8_t CodeMask(ElementType type, const WeightCode& code) {
  return static_cast<std::uint8_t>((type == ElementType::kUint8 ? 0x80 : 0) ^
                                   (code.inverted ? 0xff : 0));
}

/// Stored zero points (uint8 less 128) of a tensor; 0 where it has none.
std::vector<int> StoredZeros(const Node& node, const Tensor& tensor, const Tensor* zero) {
  const int shift = tensor.type() == ElementType::kUint8 ? 128 : 0;
  if (zero == nullptr) return {-shift};
  if (zero->type() != tensor.type()) {
    FailNode(node, fmt::format("a zero point of {} for a tensor of {}", ToString(zero->type()),
                               ToString(tensor.type())));
  }
  if (zero->size() == 0) FailNode(node, "a zero point is empty");
  std::vector<int> zeros;
  for (const std::byte byte : zero->bytes()) {
    const auto value = std::to_integer<std::uint8_t>(byte);
    zeros.push_back(shift != 0 ? value - shift : static_cast<std::int8_t>(value));
  }
  return zeros;
}

float OneScale(const Node& node, const Tensor* scale, const char* what) {
  if (scale == nullptr || scale->type() != ElementType::kFloat32 || scale->size() != 1) {
    FailNode(node, fmt::format("the scale of the {} is not one float32", what));
  }
  return scale->As<float>()[0];
}

std::int64_t Wrap(std::int64_t value, int bits) {
  const int spare = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << spare) >> spare;
}

}  // namespace

void FailNode(const Node& node, const std::string& what) {
  throw RequestError(fmt::format("node \"{}\" ({}): {}", node.name, node.op, what));
}

NodeInputs SortInputs(const Node& node, const std::vector<const Tensor*>& inputs) {
  const auto at = [&](std::size_t i) { return i < inputs.size() ? inputs[i] : nullptr; };
  NodeInputs sorted;
  sorted.x = at(0);
  if (node.op == "ConvInteger" || node.op == "MatMulInteger") {
    sorted.w = at(1);
    sorted.x_zero = at(2);
    sorted.w_zero = at(3);
    return sorted;
  }
  sorted.x_scale = at(1);
  sorted.x_zero = at(2);
  sorted.w = at(3);
  sorted.w_scale = at(4);
  sorted.w_zero = at(5);
  sorted.y_scale = at(6);
  sorted.y_zero = at(7);
  if (node.op == "QLinearConv") sorted.bias = at(8);
  return sorted;
}

std::vector<std::int8_t> CodeActivations(const Tensor& x, const WeightCode& code) {
  const std::uint8_t mask = CodeMask(x.type(), code);
  std::vector<std::int8_t> coded(x.bytes().size());
  std::transform(x.bytes().begin(), x.bytes().end(), coded.begin(), [mask](std::byte byte) {
    return static_cast<std::int8_t>(std::to_integer<std::uint8_t>(byte) ^ mask);
  });
  return coded;
}

std::vector<int> CodeZeros(const Node& node, const Tensor& x, const Tensor* zero,
                           const WeightCode& code) {
  std::vector<int> zeros = StoredZeros(node, x, zero);
  if (code.inverted) {
    for (int& value : zeros) value = -1 - value;
  }
  return zeros;
}

CodedWeights CodeWeightValues(const Node& node, const Tensor& w, const Tensor* zero,
                              const WeightCode& code, const WeightLayout& layout) {
  const std::vector<int> zeros = StoredZeros(node, w, zero);
  const auto zero_count = static_cast<std::int64_t>(zeros.size());
  if (zero_count != 1 && zero_count != layout.channels * layout.matrices &&
      !(layout.zeros_repeat && zero_count == layout.channels)) {
    FailNode(node,
             fmt::format("{} weight zero points for {} channels", zero_count, layout.channels));
  }
  CodedWeights coded;
  coded.matrices = layout.matrices;
  coded.channels = layout.channels;
  coded.depth = layout.depth;
  const auto sums = static_cast<std::size_t>(layout.matrices * layout.channels);
  coded.sums.assign(sums, 0);
  coded.norms.assign(sums, 0);
  coded.terms.resize(sums * static_cast<std::size_t>(layout.depth * code.parts));
  const auto mask = static_cast<std::uint8_t>(w.type() == ElementType::kUint8 ? 0x80 : 0);
  const std::byte* bytes = w.bytes().data();
  const std::int64_t plane = layout.depth * layout.channels;
  for (std::int64_t m = 0; m < layout.matrices; ++m) {
    std::int8_t* terms = coded.terms.data() + m * plane * code.parts;
    for (std::int64_t c = 0; c < layout.channels; ++c) {
      const std::int64_t index = m * layout.channels + c;
      const int z = zeros[static_cast<std::size_t>(index % zero_count)];
      const std::byte* from = bytes + m * layout.matrix_stride + c * layout.channel_stride;
      std::int64_t sum = 0, norm = 0;
      for (std::int64_t k = 0; k < layout.depth; ++k) {
        const auto byte = std::to_integer<std::uint8_t>(from[k * layout.depth_stride]);
        const int stored = static_cast<std::int8_t>(byte ^ mask);
        int rest = code.inverted ? z - stored : stored - z;
        sum += rest;
        norm += std::abs(rest);
        for (int part = 0; part < code.parts; ++part) {
          const int term = std::clamp(rest, -128, 127);
          terms[part * plane + k * layout.channels + c] = static_cast<std::int8_t>(term);
          rest -= term;
        }
      }
      coded.sums[static_cast<std::size_t>(index)] = sum;
      coded.norms[static_cast<std::size_t>(index)] = norm;
    }
  }
  return coded;
}

ResultCode::ResultCode(const Node& node, const NodeInputs& inputs, std::int64_t channels,
                       const ArrayConfig& config)
    : type_(ElementType::kInt32), acc_width_(config.acc_width) {
  if (inputs.bias != nullptr) {
    if (inputs.bias->type() != ElementType::kInt32 || inputs.bias->size() != channels) {
      FailNode(node, fmt::format("the bias is not int32 of {} channels", channels));
    }
    const auto bias = inputs.bias->As<std::int32_t>();
    bias_.assign(bias.begin(), bias.end());
  }
  scales_ = {1.0F};
  if (node.op == "ConvInteger" || node.op == "MatMulInteger") return;

  const Tensor* zero = inputs.y_zero;
  if (zero == nullptr || zero->size() != 1 ||
      (zero->type() != ElementType::kInt8 && zero->type() != ElementType::kUint8)) {
    FailNode(node, "the output's zero point is not one int8 or uint8");
  }
  type_ = zero->type();
  common_.zero =
      type_ == ElementType::kUint8 ? zero->As<std::uint8_t>()[0] - 128 : zero->As<std::int8_t>()[0];
  const float x = OneScale(node, inputs.x_scale, "activations");
  const float y = OneScale(node, inputs.y_scale, "output");
  if (inputs.w_scale == nullptr || inputs.w_scale->type() != ElementType::kFloat32 ||
      (inputs.w_scale->size() != 1 && inputs.w_scale->size() != channels)) {
    FailNode(node, fmt::format("the scales of the weights are not float32, one or {}", channels));
  }
  scales_.clear();
  for (const float w : inputs.w_scale->As<float>()) {
    const float scale = (x * w) / y;
    if (!(scale > 0.0F) || !std::isnormal(scale)) {
      FailNode(node, fmt::format("the scale {} * {} / {} is no positive normal float32", x, w, y));
    }
    scales_.push_back(scale);
  }
}

ChannelParam ResultCode::Param(std::int64_t channel, std::int64_t sum, int zero) const {
  ChannelParam param = common_;
  param.bias = Wrap(Bias(channel) - sum * zero, acc_width_);
  param.scale = scales_[scales_.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
  return param;
}

void CheckAccumulator(const Node& node, const ArrayConfig& config, const CodedWeights& weights,
                      const std::vector<int>& zeros, const ResultCode& results) {
  if (config.acc_width == 32) return;
  std::int64_t reach = 0;  // largest distance of an activation from its zero point
  for (const int zero : zeros) reach = std::max<std::int64_t>({reach, 127 - zero, zero + 128});
  const int bits = std::min(config.acc_width, 32);
  for (std::size_t i = 0; i < weights.norms.size(); ++i) {
    const std::int64_t bound =
        weights.norms[i] * reach + std::abs(results.Bias(static_cast<std::int64_t>(i)));
    if (bound >= std::int64_t{1} << (bits - 1)) {
      throw RequestError(fmt::format("node \"{}\" ({}): sums up to {} do not fit --acc-width {}",
                                     node.name, node.op, bound, config.acc_width),
                         "pass --acc-width 32");
    }
  }
}

void AppendPasses(const Pass& form, std::int64_t fill, std::int64_t taps, std::int64_t most,
                  bool first, bool last, std::vector<Pass>& passes) {
  for (std::int64_t done = 0; done < taps; done += most) {
    Pass& pass = passes.emplace_back(form);
    const bool ends = done + most >= taps;
    pass.fill = static_cast<std::uint32_t>(done == 0 ? fill : form.spacing - 1);
    pass.taps = static_cast<std::uint32_t>(std::min(most, taps - done));
    pass.first = first && done == 0 ? 1 : 0;
    pass.last = last && ends ? 1 : 0;
    if (pass.last == 0) pass.params = 0;
  }
}

}  // namespace systole
