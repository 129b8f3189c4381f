// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/conv_constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sw/fuse/channels.h"

namespace systole::fuse {
namespace {

constexpr std::int64_t kBiasLimit = std::numeric_limits<std::int32_t>::max();

bool IsByte(ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUint8; }
std::int64_t LowestOf(ElementType type) { return type == ElementType::kInt8 ? -128 : 0; }
std::int64_t HighestOf(ElementType type) { return type == ElementType::kInt8 ? 127 : 255; }

std::int64_t ByteAt(const Tensor& tensor, std::size_t index) {
  return tensor.type() == ElementType::kInt8 ? std::int64_t{tensor.As<std::int8_t>()[index]}
                                             : std::int64_t{tensor.As<std::uint8_t>()[index]};
}

void SetByte(Tensor& tensor, std::size_t index, std::int64_t value) {
  if (tensor.type() == ElementType::kInt8) {
    tensor.As<std::int8_t>()[index] = static_cast<std::int8_t>(value);
  } else {
    tensor.As<std::uint8_t>()[index] = static_cast<std::uint8_t>(value);
  }
}

Tensor Transposed(const Tensor& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape()[0]);
  const auto columns = static_cast<std::size_t>(matrix.shape()[1]);
  Tensor result(matrix.type(), {matrix.shape()[1], matrix.shape()[0]});
  const std::size_t size = SizeOf(matrix.type());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      std::copy_n(matrix.bytes().data() + (r * columns + c) * size, size,
                  result.bytes().data() + (c * rows + r) * size);
    }
  }
  return result;
}

template <typename T>
std::vector<T> Repeated(std::vector<T> values) {
  const std::size_t count = values.size();
  if (count > 1) values.insert(values.end(), values.begin(), values.begin() + count);
  return values;
}

template <typename T>
std::vector<T> Part(const std::vector<T>& values, std::int64_t begin, std::int64_t end) {
  if (values.size() <= 1) return values;
  return {values.begin() + begin, values.begin() + end};
}

/// The DequantizeLinear that makes `value` from constants; null when there is none.
const Node* Dequantizer(const Network& network, const GraphIndex& index, const std::string& value) {
  const auto producer = index.Producer(value);
  if (!producer) return nullptr;
  const Node& node = network.nodes[*producer];
  const bool constant = node.op == "DequantizeLinear" && node.domain.empty() &&
                        network.Constant(InputOrEmpty(node, 0)) != nullptr &&
                        network.Constant(InputOrEmpty(node, 1)) != nullptr;
  const std::string zero = InputOrEmpty(node, 2);
  return constant && (zero.empty() || network.Constant(zero) != nullptr) ? &node : nullptr;
}

bool NormalScales(const Tensor& scales) {
  if (scales.type() != ElementType::kFloat32 || scales.size() == 0) return false;
  const auto values = scales.As<float>();
  return std::all_of(values.begin(), values.end(),
                     [](float s) { return s > 0 && std::isnormal(s); });
}

/// A scalar for one value, else a vector.
template <typename T>
Tensor ScalarOrVector(const std::vector<T>& values) {
  if (values.size() == 1) return Tensor::Scalar(values[0]);
  return Tensor::Of<T>({static_cast<std::int64_t>(values.size())}, values);
}

Tensor ZeroTensor(ElementType type, const std::vector<std::int64_t>& zeros) {
  Tensor result(type, zeros.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(zeros.size())});
  for (std::size_t i = 0; i < zeros.size(); ++i) SetByte(result, i, zeros[i]);
  return result;
}

}  // namespace

std::optional<ConvConstants> ConvConstants::Read(const Network& network, const GraphIndex& index,
                                                 const Node& node, std::string& reason) {
  ConvConstants result;
  if (node.op == "QLinearConv") {
    reason = result.ReadQLinear(network, node);
  } else if (network.Constant(InputOrEmpty(node, 1)) != nullptr) {
    reason = result.ReadFloat(network, node);
  } else {
    reason = result.ReadQdq(network, index, node);
  }
  if (reason.empty()) reason = result.CheckShapes(node);
  if (!reason.empty()) return std::nullopt;
  if (result.transposed_) result.weights_ = Transposed(result.weights_);
  return result;
}

std::string ConvConstants::ReadFloat(const Network& network, const Node& node) {
  form_ = Form::kFloat;
  weights_ = *network.Constant(node.inputs[1]);
  if (weights_.type() != ElementType::kFloat32) {
    return fmt::format("its weights are {}", ToString(weights_.type()));
  }
  if (node.op != "Conv" || InputOrEmpty(node, 2).empty()) return "";
  const Tensor* bias = network.Constant(node.inputs[2]);
  if (bias == nullptr || bias->type() != ElementType::kFloat32) {
    return "its bias is no float32 constant";
  }
  bias_ = *bias;
  return "";
}

std::string ConvConstants::ReadScales(const Tensor* scales, const Tensor* zeros) {
  if (scales == nullptr || !NormalScales(*scales)) {
    return "the scale of its weights is no positive float32 constant";
  }
  const auto values = scales->As<float>();
  scales_.assign(values.begin(), values.end());
  zeros_.assign(scales_.size(), 0);
  if (zeros == nullptr) return "";
  if (zeros->type() != weights_.type() || (zeros->size() != scales->size() && zeros->size() != 1)) {
    return "scale and zero point of its weights do not fit";
  }
  for (std::size_t i = 0; i < zeros_.size(); ++i) {
    zeros_[i] = ByteAt(*zeros, zeros->size() == 1 ? 0 : i);
  }
  return "";
}

std::string ConvConstants::ReadQLinear(const Network& network, const Node& node) {
  form_ = Form::kQLinear;
  if (node.inputs.size() < 8) return "it has too few inputs";
  const Tensor* weights = network.Constant(node.inputs[3]);
  const Tensor* zeros = network.Constant(node.inputs[5]);
  if (weights == nullptr || !IsByte(weights->type()) || zeros == nullptr) {
    return "its weights are no constants of 8 bits";
  }
  weights_ = *weights;
  const std::string bias_name = InputOrEmpty(node, 8);
  if (!bias_name.empty()) {
    const Tensor* bias = network.Constant(bias_name);
    if (bias == nullptr || bias->type() != ElementType::kInt32) {
      return "its bias is no int32 constant";
    }
    bias_ = *bias;
  }
  return ReadScales(network.Constant(node.inputs[4]), zeros);
}

std::string ConvConstants::ReadQdq(const Network& network, const GraphIndex& index,
                                   const Node& node) {
  form_ = Form::kQdq;
  const Node* dequantizer = Dequantizer(network, index, InputOrEmpty(node, 1));
  if (dequantizer == nullptr || node.op == "MatMul") return "its weights are no constants";
  weights_ = *network.Constant(dequantizer->inputs[0]);
  if (!IsByte(weights_.type())) return "its weights are no constants of 8 bits";
  std::string reason = ReadScales(network.Constant(dequantizer->inputs[1]),
                                  network.Constant(InputOrEmpty(*dequantizer, 2)));
  if (!reason.empty()) return reason;
  const bool by_rows = node.op == "Conv" || node.Int("transB", 0) != 0;
  const auto rank = static_cast<std::int64_t>(weights_.shape().size());
  const std::int64_t axis = dequantizer->Int("axis", 1);
  if (scales_.size() > 1 && (axis < 0 ? axis + rank : axis) != (by_rows ? 0 : 1)) {
    return "the scales of its weights are not those of its output channels";
  }
  return ReadQdqBias(network, index, InputOrEmpty(node, 2));
}

std::string ConvConstants::ReadQdqBias(const Network& network, const GraphIndex& index,
                                       const std::string& name) {
  if (name.empty()) return "";
  if (const Tensor* bias = network.Constant(name)) {
    if (bias->type() != ElementType::kFloat32) return "its bias is no float32 constant";
    bias_ = *bias;
    return "";
  }
  const Node* dequantizer = Dequantizer(network, index, name);
  const Tensor* scales =
      dequantizer == nullptr ? nullptr : network.Constant(dequantizer->inputs[1]);
  if (scales == nullptr || !NormalScales(*scales)) return "its bias is no constant";
  const Tensor& bias = *network.Constant(dequantizer->inputs[0]);
  const Tensor* zeros = network.Constant(InputOrEmpty(*dequantizer, 2));
  const bool zero = zeros == nullptr || std::all_of(zeros->bytes().begin(), zeros->bytes().end(),
                                                    [](std::byte b) { return b == std::byte{0}; });
  if (bias.type() != ElementType::kInt32 || !zero ||
      (scales->size() != 1 && scales->size() != bias.size())) {
    return "its bias is no int32 constant with zero point 0";
  }
  bias_ = bias;
  bias_scales_.assign(scales->As<float>().begin(), scales->As<float>().end());
  return "";
}

std::string ConvConstants::CheckShapes(const Node& node) {
  const Shape& shape = weights_.shape();
  const bool matrix = node.op == "Gemm" || node.op == "MatMul";
  if (matrix ? shape.size() != 2 : shape.size() < 3) {
    return fmt::format("its weights have {} dimensions", shape.size());
  }
  if (weights_.size() == 0) return "its weights are empty";
  transposed_ = node.op == "MatMul" || (node.op == "Gemm" && node.Int("transB", 0) == 0);
  const std::int64_t channels = shape[transposed_ ? 1 : 0];
  if (scales_.size() > 1 && static_cast<std::int64_t>(scales_.size()) != channels) {
    return fmt::format("it has {} scales for {} output channels", scales_.size(), channels);
  }
  if (!matrix && has_bias() && bias_.shape() != Shape{channels}) {
    return fmt::format("its bias is {}, not one value for each of {} channels",
                       ToString(bias_.shape()), channels);
  }
  if (matrix && bias_.type() == ElementType::kInt32 && bias_.size() != channels) {
    return "its bias is not one value a channel";
  }
  return "";
}

std::size_t ConvConstants::GroupOf(std::size_t weight) const {
  if (scales_.size() <= 1) return 0;
  return weight / (static_cast<std::size_t>(weights_.size()) / scales_.size());
}

std::int64_t ConvConstants::IntegerAt(std::size_t index) const { return ByteAt(weights_, index); }

void ConvConstants::SetInteger(std::size_t index, std::int64_t value) {
  SetByte(weights_, index, value);
}

double ConvConstants::Real(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  if (form_ == Form::kFloat) return double{weights_.As<float>()[i]};
  const std::size_t group = GroupOf(i);
  return double{scales_[group]} * static_cast<double>(IntegerAt(i) - zeros_[group]);
}

ConvConstants ConvConstants::Outputs(std::int64_t begin, std::int64_t end) const {
  ConvConstants result = *this;
  result.weights_ = SliceOf(weights_, 0, begin, end);
  if (has_bias()) result.bias_ = SliceOf(bias_, 0, begin, end);
  result.scales_ = Part(scales_, begin, end);
  result.zeros_ = Part(zeros_, begin, end);
  result.bias_scales_ = Part(bias_scales_, begin, end);
  return result;
}

void ConvConstants::CenterZeros() {
  // Kernels may report one zero point for all channels only.
  const std::int64_t low = LowestOf(weights_.type()), high = HighestOf(weights_.type());
  const std::int64_t first = zeros_[0];
  const bool roomy =
      std::all_of(zeros_.begin(), zeros_.end(), [&](std::int64_t z) { return z == first; }) &&
      std::min(high - first, first - low) >= 64;
  if (!roomy) zeros_.assign(zeros_.size(), weights_.type() == ElementType::kInt8 ? 0 : 128);
}

std::vector<double> ConvConstants::RatiosFor(const std::vector<double>& real) const {
  const std::int64_t low = LowestOf(weights_.type()), high = HighestOf(weights_.type());
  constexpr double kInteger = 1e-6;
  std::vector<double> largest(scales_.size()), ratios(scales_.size(), 1.0);
  std::vector<bool> keeps(scales_.size(), true);
  const std::size_t each = real.size() / scales_.size();
  for (std::size_t i = 0; i < real.size(); ++i) {
    const std::size_t group = i / each;
    const double steps = real[i] / double{scales_[group]};
    const double whole = std::nearbyint(steps), at = whole + static_cast<double>(zeros_[group]);
    largest[group] = std::max(largest[group], std::abs(steps));
    if (!(std::abs(steps - whole) <= kInteger * std::max(1.0, std::abs(steps))) ||
        at < static_cast<double>(low) || at > static_cast<double>(high)) {
      keeps[group] = false;
    }
  }
  const auto room =
      static_cast<double>(std::min({high - zeros_[0], zeros_[0] - low, std::int64_t{127}}));
  constexpr double kFinest = 0x1p-20;  // kernels that nearly vanish need no finer scale
  for (std::size_t g = 0; g < ratios.size(); ++g) {
    if (!keeps[g]) ratios[g] = std::max(largest[g] / room, kFinest);
  }
  if (bias_.type() != ElementType::kInt32) return ratios;
  for (std::size_t c = 0; c < static_cast<std::size_t>(bias_.size()); ++c) {
    double& ratio = ratios[ratios.size() == 1 ? 0 : c];
    const double bias = std::abs(double{static_cast<double>(bias_.As<std::int32_t>()[c])});
    if (ratio != 1.0) ratio = std::max(ratio, bias / (0.5 * static_cast<double>(kBiasLimit)));
  }
  return ratios;
}

std::string ConvConstants::Rescale(const std::vector<double>& ratios) {
  std::vector<double> exact(ratios.size(), 1.0);  // as float32 scales have it
  for (std::size_t g = 0; g < ratios.size(); ++g) {
    if (ratios[g] == 1.0) continue;
    const auto scale = static_cast<float>(double{scales_[g]} * ratios[g]);
    if (!std::isnormal(scale)) return "the scale of its weights leaves the range of float32";
    exact[g] = double{scale} / double{scales_[g]};
    scales_[g] = scale;
  }
  if (bias_.type() != ElementType::kInt32) return "";
  const auto count = static_cast<std::size_t>(bias_.size());
  if (!bias_scales_.empty()) bias_scales_.resize(count, bias_scales_[0]);
  auto bias = bias_.As<std::int32_t>();
  for (std::size_t c = 0; c < count; ++c) {
    const double ratio = exact[exact.size() == 1 ? 0 : c];
    if (ratio == 1.0) continue;
    const double value = std::nearbyint(double{static_cast<double>(bias[c])} / ratio);
    if (std::abs(value) > static_cast<double>(kBiasLimit)) {
      return "its bias does not fit 32 bits at the new scale of its weights";
    }
    bias[c] = static_cast<std::int32_t>(value);
    if (!bias_scales_.empty()) {
      bias_scales_[c] = static_cast<float>(double{bias_scales_[c]} * ratio);
      if (!std::isnormal(bias_scales_[c])) return "the scale of its bias is no normal float32";
    }
  }
  return "";
}

std::string ConvConstants::SetKernels(std::int64_t height, std::int64_t width,
                                      const std::vector<double>& real) {
  for (const double value : real) {
    if (!std::isfinite(static_cast<float>(value))) return "its weights are not finite";
  }
  const Shape shape = {outputs(), inputs(), height, width};
  if (form_ == Form::kFloat) {
    weights_ = Tensor(ElementType::kFloat32, shape);
    std::transform(real.begin(), real.end(), weights_.As<float>().begin(),
                   [](double value) { return static_cast<float>(value); });
    return "";
  }
  std::vector<double> ratios = RatiosFor(real);
  const bool same = std::all_of(ratios.begin(), ratios.end(), [](double r) { return r == 1.0; });
  if (!same) {
    CenterZeros();
    ratios = RatiosFor(real);
  }
  weights_ = Tensor(weights_.type(), shape);
  if (std::string reason = Rescale(ratios); !reason.empty()) return reason;
  const std::int64_t low = LowestOf(weights_.type()), high = HighestOf(weights_.type());
  for (std::size_t i = 0; i < real.size(); ++i) {
    const std::size_t group = GroupOf(i);
    const auto steps = static_cast<std::int64_t>(std::nearbyint(real[i] / double{scales_[group]}));
    SetInteger(i, std::clamp(steps + zeros_[group], low, high));
  }
  return "";
}

std::string ConvConstants::RepeatInputs() {
  weights_ = Twice(weights_, 1);
  if (form_ != Form::kFloat) return Rescale(std::vector<double>(scales_.size(), 0.5));
  for (float& weight : weights_.As<float>()) weight /= 2;
  return "";
}

void ConvConstants::TwoBlocks() {
  Shape shape = weights_.shape();
  const auto rows = static_cast<std::size_t>(shape[0]);
  const std::size_t length = static_cast<std::size_t>(weights_.size()) / rows;
  shape[0] *= 2;
  shape[1] *= 2;
  Tensor result(weights_.type(), shape);
  const std::size_t size = SizeOf(weights_.type());
  for (std::size_t row = 0; row < 2 * rows; ++row) {
    const std::size_t own = (2 * row + (row < rows ? 0 : 1)) * length;
    const std::size_t other = (2 * row + (row < rows ? 1 : 0)) * length;
    std::copy_n(weights_.bytes().data() + row % rows * length * size, length * size,
                result.bytes().data() + own * size);
    if (form_ == Form::kFloat) continue;
    const std::int64_t zero = zeros_[zeros_.size() == 1 ? 0 : row % rows];
    for (std::size_t i = 0; i < length; ++i) SetByte(result, other + i, zero);
  }
  weights_ = std::move(result);
  scales_ = Repeated(scales_);
  zeros_ = Repeated(zeros_);
  bias_scales_ = Repeated(bias_scales_);
  if (has_bias()) bias_ = Twice(bias_, 0);
}

Node ConvConstants::Write(Network& network, NameSource& names, const Node& pattern,
                          const std::string& name, std::vector<Node>& before) const {
  Node node = pattern;
  const auto constant = [&](const std::string& what, Tensor tensor) {
    return AddConstant(network, names, name + what, std::move(tensor));
  };
  const auto dequantize = [&](const std::string& what, std::vector<std::string> inputs,
                              std::int64_t axis) {
    std::string made = names.Fresh(name + what);
    Node dequantizer{
        names.Fresh(name + what + "_node"), "DequantizeLinear", "", std::move(inputs), {made}, {}};
    if (axis >= 0) dequantizer.attributes["axis"] = axis;
    before.push_back(std::move(dequantizer));
    return made;
  };
  Tensor weights = transposed_ ? Transposed(weights_) : weights_;
  if (form_ == Form::kQLinear) {
    node.inputs[3] = constant("_weight", std::move(weights));
    node.inputs[4] = constant("_weight_scale", ScalarOrVector(scales_));
    node.inputs[5] = constant("_weight_zero_point", ZeroTensor(weights_.type(), zeros_));
    if (has_bias()) node.inputs[8] = constant("_bias", bias_);
    return node;
  }
  if (form_ == Form::kFloat) {
    node.inputs[1] = constant("_weight", std::move(weights));
    if (has_bias()) node.inputs[2] = constant("_bias", bias_);
    return node;
  }
  const std::string zero_name = constant("_weight_zero_point", ZeroTensor(weights_.type(), zeros_));
  const std::vector<std::string> inputs = {constant("_weight_quantized", std::move(weights)),
                                           constant("_weight_scale", ScalarOrVector(scales_)),
                                           zero_name};
  const std::int64_t axis = transposed_ ? 1 : 0;
  node.inputs[1] = dequantize("_weight", inputs, scales_.size() > 1 ? axis : -1);
  if (bias_scales_.empty()) {
    if (has_bias()) node.inputs[2] = constant("_bias", bias_);
    return node;
  }
  node.inputs[2] = dequantize(
      "_bias",
      {constant("_bias_quantized", bias_), constant("_bias_scale", ScalarOrVector(bias_scales_))},
      bias_scales_.size() > 1 ? 0 : -1);
  return node;
}

}  // namespace systole::fuse
