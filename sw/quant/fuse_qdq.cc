// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/fuse_qdq.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "sw/quant/calibrate.h"
#include "sw/quant/qdq_pattern.h"

namespace systole {
namespace {

using quant::IntegerClamp;
using quant::LinearTensor;

constexpr int kIntegerClip = 12;  // operator set of Clip and MaxPool on integers

bool IsByte(ElementType type) { return type == ElementType::kInt8 || type == ElementType::kUint8; }

class Fuser {
 public:
  explicit Fuser(const Network& network)
      : in_(network), index_(network), out_(network), names_(network) {}

  Network Run() {
    std::vector<std::vector<Node>> written(in_.nodes.size());
    for (std::size_t i = 0; i < in_.nodes.size(); ++i) {
      written_ = &written[i];
      if (!FuseInto(in_.nodes[i])) written[i] = {in_.nodes[i]};
    }
    for (const std::size_t i : absorbed_) written[i].clear();
    out_.nodes.clear();
    for (std::vector<Node>& nodes : written) {
      std::move(nodes.begin(), nodes.end(), std::back_inserter(out_.nodes));
    }
    DropUnreadDequantizers();
    return std::move(out_);
  }

 private:
  /// Replaces the pattern that ends in `node`, a QuantizeLinear; false when there is none.
  bool FuseInto(const Node& node) {
    const auto output = quant::QuantizedTo(in_, node);
    if (!output || !IsByte(output->type)) return false;
    std::string source;
    std::vector<std::size_t> clamps;
    clamp_ = quant::AbsorbClamps(in_, index_, *output, node.inputs[0], source, clamps);
    clamped_ =
        clamp_.low > quant::LowestOf(output->type) || clamp_.high < quant::HighestOf(output->type);
    if (clamped_ && in_.opset < kIntegerClip) return false;
    clamp_name_ = clamps.empty() ? "" : in_.nodes[clamps.back()].name;
    const auto producer = index_.Producer(source);
    if (!producer) return false;
    const Node& core = in_.nodes[*producer];
    if (!core.domain.empty()) return false;
    if (core.op == "DequantizeLinear") {
      if (clamps.empty() || !FuseClampAlone(source, *output)) return false;
    } else {
      if (!index_.SoleReader(source) || !FuseCore(core, *output)) return false;
      absorbed_.insert(*producer);
    }
    absorbed_.insert(clamps.begin(), clamps.end());
    return true;
  }

  bool FuseCore(const Node& core, const LinearTensor& output) {
    if (core.op == "Conv") return FuseConv(core, output);
    if (core.op == "Gemm") return FuseGemm(core, output);
    if (core.op == "MatMul") return FuseMatMul(core, output);
    return FuseMoving(core, output);
  }

  void Write(Node node) { written_->push_back(std::move(node)); }

  /// Writes the node whose first output is the pattern's result, and the Clip behind it if any.
  void WriteResult(Node node, const LinearTensor& output) {
    std::string result = output.name;
    if (clamped_) result = names_.Fresh(output.name + "_unclipped");
    node.outputs[0] = result;
    Write(std::move(node));
    if (clamped_) WriteClip(result, output);
  }

  Tensor ByteScalar(ElementType type, std::int64_t value) const {
    if (type == ElementType::kUint8) return Tensor::Scalar(static_cast<std::uint8_t>(value));
    return Tensor::Scalar(static_cast<std::int8_t>(value));
  }

  std::string Constant(const std::string& name, Tensor tensor) {
    return AddConstant(out_, names_, name, std::move(tensor));
  }

  void WriteClip(const std::string& from, const LinearTensor& output) {
    const std::string low = Constant(clamp_name_ + "_low", ByteScalar(output.type, clamp_.low));
    const std::string high = Constant(clamp_name_ + "_high", ByteScalar(output.type, clamp_.high));
    Write({clamp_name_, "Clip", "", {from, low, high}, {output.name}, {}});
  }

  bool FuseClampAlone(const std::string& source, const LinearTensor& output) {
    const auto input = quant::DequantizedFrom(in_, index_, source);
    if (!input || !quant::SameParams(*input, output) || in_.opset < kIntegerClip) return false;
    WriteClip(input->name, output);
    return true;
  }

  /// Data movement, when every moved input has the output's parameters.
  bool FuseMoving(const Node& core, const LinearTensor& output) {
    if (!MovesElements(core.op) || core.outputs.size() != 1 ||
        (core.op == "MaxPool" && in_.opset < kIntegerClip)) {
      return false;
    }
    Node node = core;
    const std::size_t moved = core.op == "Concat" ? core.inputs.size() : 1;
    for (std::size_t i = 0; i < moved; ++i) {
      const auto input = quant::DequantizedFrom(in_, index_, core.inputs[i]);
      if (!input || !quant::SameParams(*input, output)) return false;
      node.inputs[i] = input->name;
    }
    WriteResult(std::move(node), output);
    return true;
  }

  /// The activation of an array operator: per tensor, of the output's type.
  std::optional<LinearTensor> Activation(const std::string& value, const LinearTensor& output) {
    auto input = quant::DequantizedFrom(in_, index_, value);
    if (!input || !input->PerTensor() || input->type != output.type) return std::nullopt;
    return input;
  }

  /// Weights that QLinearConv and QLinearMatMul take beside activations of `type`: one scale, or
  /// one for every index of dimension `channel_axis`.
  std::optional<LinearTensor> Weights(const std::string& value, ElementType type,
                                      std::int64_t channel_axis) {
    auto weights = quant::DequantizedFrom(in_, index_, value);
    if (!weights || !IsByte(weights->type)) return std::nullopt;
    if (type == ElementType::kInt8 && weights->type != ElementType::kInt8) return std::nullopt;
    const Tensor* constant = in_.Constant(weights->name);
    if (constant == nullptr) return std::nullopt;
    const auto rank = static_cast<std::int64_t>(constant->shape().size());
    if (channel_axis >= rank) return std::nullopt;
    const std::int64_t axis = weights->axis < 0 ? weights->axis + rank : weights->axis;
    const std::int64_t channels = constant->shape()[static_cast<std::size_t>(channel_axis)];
    if (weights->PerTensor()) return weights;
    if (axis != channel_axis || weights->scale->size() != channels) return std::nullopt;
    return weights;
  }

  /// The zero point as an input, made where the model leaves it out.
  std::string ZeroName(const LinearTensor& tensor) {
    if (!tensor.zero_name.empty()) return tensor.zero_name;
    return Constant(tensor.name + "_zero_point", Tensor(tensor.type, tensor.scale->shape()));
  }

  /// The bias as int32 of scale `input` * `weights`; nothing when it is not constant or does not
  /// fit. `name` stays "" without a bias.
  bool ReadBias(const std::string& value, const LinearTensor& input, const LinearTensor& weights,
                std::int64_t channels, std::string& name) {
    if (value.empty()) return true;
    std::vector<double> real;
    std::vector<float> scales;  // of an int32 bias
    const auto integer = quant::DequantizedFrom(in_, index_, value);
    const Tensor* values = in_.Constant(integer ? integer->name : value);
    if (values == nullptr || (values->size() != channels && values->size() != 1)) return false;
    if (integer && (values->type() != ElementType::kInt32 || quant::ZeroOf(*integer) != 0 ||
                    (integer->scale->size() != 1 && integer->scale->size() != channels))) {
      return false;
    }
    if (!integer && values->type() != ElementType::kFloat32) return false;
    bool same = integer.has_value() && values->shape() == Shape{channels};
    Tensor result(ElementType::kInt32, {channels});
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const std::size_t at = values->size() == 1 ? 0 : c;
      const float product =
          input.scale->As<float>()[0] * weights.scale->As<float>()[weights.PerTensor() ? 0 : c];
      double steps = 0;
      if (integer) {
        const float scale = integer->scale->As<float>()[integer->PerTensor() ? 0 : c];
        const std::int32_t old = values->As<std::int32_t>()[at];
        // A scale that differs in its last bits is the same one, computed in another order.
        const bool equal = std::abs(double{scale} / product - 1) < 1e-6;
        same = same && equal;
        steps = equal ? old : std::nearbyint(double{scale} * old / product);
      } else {
        steps = std::nearbyint(double{values->As<float>()[at]} / product);
      }
      if (!(std::abs(steps) <= std::numeric_limits<std::int32_t>::max())) return false;
      result.As<std::int32_t>()[c] = static_cast<std::int32_t>(steps);
    }
    name = same ? integer->name : Constant(value + "_rescaled", std::move(result));
    return true;
  }

  Node MakeQLinearConv(const Node& core, const std::string& x, const LinearTensor& input,
                       const std::string& w, const LinearTensor& weights,
                       const LinearTensor& output, const std::string& bias) {
    Node node{core.name,
              "QLinearConv",
              "",
              {x, input.scale_name, ZeroName(input), w, weights.scale_name, ZeroName(weights),
               output.scale_name, ZeroName(output)},
              {""},
              {}};
    if (!bias.empty()) node.inputs.push_back(bias);
    return node;
  }

  bool FuseConv(const Node& core, const LinearTensor& output) {
    const auto input = Activation(core.inputs[0], output);
    if (!input) return false;
    const auto weights = Weights(InputOrEmpty(core, 1), input->type, 0);
    if (!weights) return false;
    std::string bias;
    const std::int64_t channels = in_.Constant(weights->name)->shape()[0];
    if (!ReadBias(InputOrEmpty(core, 2), *input, *weights, channels, bias)) return false;
    Node node = MakeQLinearConv(core, input->name, *input, weights->name, *weights, output, bias);
    node.attributes = core.attributes;
    WriteResult(std::move(node), output);
    return true;
  }

  /// QLinearMatMul takes no bias: a 1x1 convolution on a plane of one pixel computes the same.
  bool FuseGemm(const Node& core, const LinearTensor& output) {
    const bool transposed = core.Int("transB", 0) != 0;
    const bool has_bias = !InputOrEmpty(core, 2).empty();
    if (core.Int("transA", 0) != 0 || core.Float("alpha", 1.0F) != 1.0F ||
        (has_bias && core.Float("beta", 1.0F) != 1.0F)) {
      return false;
    }
    const auto input = Activation(core.inputs[0], output);
    if (!input) return false;
    const auto weights = Weights(InputOrEmpty(core, 1), input->type, transposed ? 0 : 1);
    if (!weights || in_.Constant(weights->name)->shape().size() != 2) return false;
    Tensor kernel = AsKernel(*in_.Constant(weights->name), transposed);
    const std::int64_t channels = kernel.shape()[0], depth = kernel.shape()[1];
    std::string bias;
    if (!ReadBias(InputOrEmpty(core, 2), *input, *weights, channels, bias)) return false;

    const std::string pixels = names_.Fresh(input->name + "_pixels");
    const std::string result = names_.Fresh(output.name + "_pixels");
    const std::string in_shape =
        Constant(core.name + "_input_shape", Tensor::Of<std::int64_t>({4}, {-1, depth, 1, 1}));
    const std::string out_shape =
        Constant(core.name + "_output_shape", Tensor::Of<std::int64_t>({2}, {-1, channels}));
    const std::string w = Constant(weights->name + "_kernel", std::move(kernel));
    Write(
        {names_.Fresh(core.name + "_input"), "Reshape", "", {input->name, in_shape}, {pixels}, {}});
    Node node = MakeQLinearConv(core, pixels, *input, w, *weights, output, bias);
    node.attributes["kernel_shape"] = std::vector<std::int64_t>{1, 1};
    node.outputs[0] = result;
    Write(std::move(node));
    WriteResult({names_.Fresh(core.name + "_output"), "Reshape", "", {result, out_shape}, {""}, {}},
                output);
    return true;
  }

  static Tensor AsKernel(const Tensor& matrix, bool transposed) {
    const std::int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
    if (transposed) return matrix.Reshaped({rows, columns, 1, 1});
    Tensor kernel(matrix.type(), {columns, rows, 1, 1});
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < columns; ++c) {
        kernel.bytes()[static_cast<std::size_t>(c * rows + r)] =
            matrix.bytes()[static_cast<std::size_t>(r * columns + c)];
      }
    }
    return kernel;
  }

  bool FuseMatMul(const Node& core, const LinearTensor& output) {
    const auto a = Activation(core.inputs[0], output);
    if (!a) return false;
    auto b = Activation(core.inputs[1], output);
    if (!b || in_.Constant(b->name) != nullptr) {
      // Per column only for a matrix: of a stack of them the operator wants a scale each.
      b = Weights(core.inputs[1], a->type, 1);
      if (!b || (!b->PerTensor() && in_.Constant(b->name)->shape().size() != 2)) {
        return false;
      }
    }
    WriteResult({core.name,
                 "QLinearMatMul",
                 "",
                 {a->name, a->scale_name, ZeroName(*a), b->name, b->scale_name, ZeroName(*b),
                  output.scale_name, ZeroName(output)},
                 {""},
                 {}},
                output);
    return true;
  }

  /// Dequantizers that fed only fused operators are gone; those that nobody ever read stay.
  void DropUnreadDequantizers() {
    const GraphIndex now(out_);
    std::erase_if(out_.nodes, [&](const Node& node) {
      return node.op == "DequantizeLinear" && now.Readers(node.outputs[0]).empty() &&
             !now.IsOutput(node.outputs[0]) && !index_.Readers(node.outputs[0]).empty();
    });
    std::set<std::string> used(out_.inputs.begin(), out_.inputs.end());
    used.insert(out_.outputs.begin(), out_.outputs.end());
    for (const Node& node : out_.nodes) {
      used.insert(node.inputs.begin(), node.inputs.end());
      used.insert(node.outputs.begin(), node.outputs.end());
    }
    std::erase_if(out_.initializers, [&](const auto& e) { return !used.contains(e.first); });
    std::erase_if(out_.values, [&](const auto& e) { return !used.contains(e.first); });
  }

  const Network& in_;
  const GraphIndex index_;
  Network out_;
  NameSource names_;
  std::vector<Node>* written_ = nullptr;
  std::set<std::size_t> absorbed_;
  // The pattern at hand.
  IntegerClamp clamp_{};
  bool clamped_ = false;
  std::string clamp_name_;
};

}  // namespace

Network FuseQdq(const Network& network) { return Fuser(network).Run(); }

}  // namespace systole
