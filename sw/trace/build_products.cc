// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products: Conv, QLinearConv, Gemm, MatMul, QLinearMatMul.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "sw/ref/requantize.h"
#include "sw/ref/window.h"
#include "sw/trace/conv_kernels.h"
#include "sw/trace/program_builder.h"

namespace systole {
namespace {

/// A longer sum of products of bytes may not fit into 32 bits.
constexpr std::int64_t kMaxByteDepth = std::int64_t{0x7fffffff} / (255 * 128);

PlaneWindow MakePlaneWindow(const Node& node, const Shape& in, const Shape& kernel,
                            bool ceil_mode) {
  if (in.size() < 3 || in.size() > 4) throw RequestError("one or two spatial axes are supported");
  const ref::Window w = ref::MakeWindow(node, in, kernel, ceil_mode);
  return {.in_height = w.in[1],
          .in_width = w.in[2],
          .out_height = w.out[1],
          .out_width = w.out[2],
          .kernel_height = w.kernel[1],
          .kernel_width = w.kernel[2],
          .stride_y = w.stride[1],
          .stride_x = w.stride[2],
          .dilation_y = w.dilation[1],
          .dilation_x = w.dilation[2],
          .pad_top = w.pad_begin[1],
          .pad_left = w.pad_begin[2]};
}

std::int32_t ZeroOf(const Tensor& zero) {
  if (zero.size() != 1) throw RequestError("a zero point of an activation must be one value");
  if (zero.type() == ElementType::kInt8) return zero.As<std::int8_t>()[0];
  return zero.As<std::uint8_t>()[0];
}

/// The scales and bounds of a quantized product, inputs numbered as QLinearConv and QLinearMatMul
/// both do.
RequantizeArgs MakeRequantize(ProgramBuilder& builder, const Node& node, std::int64_t features) {
  const auto x = builder.Constant(node, 1, "the input's scale").As<float>();
  const auto w = builder.Constant(node, 4, "the weights' scale").As<float>();
  const auto y = builder.Constant(node, 6, "the output's scale").As<float>();
  if (x.size() != 1 || y.size() != 1 ||
      (w.size() != 1 && w.size() != static_cast<std::size_t>(features))) {
    throw RequestError("scales must be one value, those of weights one or one a feature");
  }
  const auto positive = [](float scale) { return scale > 0.0F && std::isfinite(scale); };
  if (!positive(x[0]) || !positive(y[0]) || !std::all_of(w.begin(), w.end(), positive)) {
    throw RequestError("scales must be positive and finite");
  }
  std::vector<float> scales;
  for (const float scale : w) scales.push_back(RequantizeScale(x[0], scale, y[0]));
  const Tensor& zero = builder.Constant(node, 7, "the output's zero point");
  const bool is_signed = zero.type() == ElementType::kInt8;
  return {.scales = builder.AddConstant(std::span<const float>(scales)),
          .scale_step = w.size() == 1 ? 0 : static_cast<std::int64_t>(sizeof(float)),
          .zero = ZeroOf(zero),
          .min = is_signed ? -128 : 0,
          .max = is_signed ? 127 : 255};
}

/// Weights of a quantized product as int8 with zero point 0.
std::vector<std::int8_t> ByteWeights(const Tensor& weights, const Tensor& zero) {
  const auto all = [&]<typename T>(T wanted) {
    const auto zeros = zero.As<T>();
    return std::all_of(zeros.begin(), zeros.end(), [wanted](T z) { return z == wanted; });
  };
  std::vector<std::int8_t> values;
  values.reserve(static_cast<std::size_t>(weights.size()));
  if (weights.type() == ElementType::kInt8 && all(std::int8_t{0})) {
    const auto from = weights.As<std::int8_t>();
    values.assign(from.begin(), from.end());
  } else if (weights.type() == ElementType::kUint8 && all(std::uint8_t{128})) {
    for (const std::uint8_t v : weights.As<std::uint8_t>()) {
      values.push_back(static_cast<std::int8_t>(v - 128));
    }
  } else {
    throw RequestError("weights must be int8 with zero point 0 or uint8 with zero point 128");
  }
  return values;
}

/// rows x columns to columns x rows.
template <typename T>
std::vector<T> Transposed(std::span<const T> in, std::int64_t rows, std::int64_t columns) {
  std::vector<T> out(in.size());
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      out[static_cast<std::size_t>(c * rows + r)] = in[static_cast<std::size_t>(r * columns + c)];
    }
  }
  return out;
}

/// The bias of a quantized product with the input's zero point in it: sum (x - z) * w + b =
/// sum x * w + (b - z * sum w). `bias` may be empty. Returns 0 where nothing is to be added.
Address FoldedBias(ProgramBuilder& builder, std::span<const std::int32_t> bias,
                   const std::vector<std::int8_t>& weights, std::int64_t features,
                   std::int32_t zero) {
  if (bias.empty() && zero == 0) return 0;
  const std::size_t depth = weights.size() / static_cast<std::size_t>(features);
  std::vector<std::int32_t> folded;
  for (std::size_t f = 0; f < static_cast<std::size_t>(features); ++f) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < depth; ++k) sum += weights[f * depth + k];
    folded.push_back(static_cast<std::int32_t>((bias.empty() ? 0 : bias[f]) - zero * sum));
  }
  return builder.AddConstant(std::span<const std::int32_t>(folded));
}

void NeedWorkspaces(ProgramBuilder& builder, const ConvOp& op) {
  if (op.kind != ConvKind::kIm2col) return;
  const std::int64_t features = op.features / op.group, outs = op.window.OutCount();
  const std::int64_t depth = op.channels / op.group * op.window.KernelCount();
  const std::int64_t element = BytesOf(op.type);
  const auto padded = [](std::int64_t n) { return (n + kTile - 1) / kTile * kTile; };
  if (NeedsColumns(op.window))
    builder.NeedWorkspace(&ConvWorkspace::column, depth * outs * element);
  if (op.type != TraceType::kFloat32)
    builder.NeedWorkspace(&ConvWorkspace::sums, features * outs * 4);
  if (op.gemm != GemmKind::kPacked) return;
  const std::int64_t k = std::min(op.blocks.depth, depth);
  builder.NeedWorkspace(&ConvWorkspace::packed_a,
                        padded(std::min(op.blocks.rows, features)) * k * element);
  builder.NeedWorkspace(&ConvWorkspace::packed_b,
                        padded(std::min(op.blocks.columns, outs)) * k * element);
}

/// Geometry and method of a convolution of `x` by weights of shape `w`.
ConvOp MakeConv(ProgramBuilder& builder, const Node& node, const Shape& w) {
  const ValueType x = builder.Value(node.inputs[0]);
  const Shape kernel(w.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(w.size())),
                     w.end());
  ConvOp op;
  op.type = TraceTypeOf(x.type);
  op.window = MakePlaneWindow(node, x.shape, kernel, false);
  op.group = node.Int("group", 1);
  op.batch = x.shape[0];
  op.channels = x.shape[1];
  op.features = w.empty() ? 0 : w[0];
  if (w.size() != x.shape.size() || op.group < 1 || op.channels % op.group != 0 ||
      op.features % op.group != 0 || op.channels / op.group != w[1]) {
    throw RequestError("weights " + ToString(w) + " do not fit the input " + ToString(x.shape));
  }
  const std::int64_t depth = w[1] * op.window.KernelCount();
  if (op.type != TraceType::kFloat32 && depth > kMaxByteDepth) {
    throw RequestError(fmt::format("sums of {} products of bytes may not fit into 32 bits", depth));
  }
  op.blocks = builder.options().blocks;
  op.gemm = builder.options().gemm;
  const bool direct = builder.options().convolution == ConvolutionMethod::kDirect;
  op.kind = w[1] == 1 && op.group > 1 ? ConvKind::kDepthwise
            : direct                  ? ConvKind::kDirect
                                      : ConvKind::kIm2col;
  return op;
}

/// A 1x1 convolution of one position is a matrix-vector product.
bool IsDense(const ConvOp& op) {
  return op.group == 1 && op.window.InCount() == 1 && op.window.OutCount() == 1 &&
         op.window.KernelCount() == 1;
}
void AddConvOrDense(ProgramBuilder& builder, const ConvOp& op) {
  if (!IsDense(op)) {
    NeedWorkspaces(builder, op);
    return builder.Add(op);
  }
  builder.Add(DenseOp{.type = op.type,
                      .x = op.x,
                      .weights = op.weights,
                      .bias = op.bias,
                      .y = op.y,
                      .rows = op.batch,
                      .depth = op.channels,
                      .features = op.features,
                      .requantize = op.requantize});
}

void Conv(ProgramBuilder& builder, const Node& node) {
  const Tensor& w = builder.Constant(node, 1, "the weights");
  ConvOp op = MakeConv(builder, node, w.shape());
  op.x = builder.AddressOf(node.inputs[0]);
  op.weights = builder.AddConstant(w.As<float>());
  if (builder.HasInput(node, 2)) {
    const auto bias = builder.Constant(node, 2, "the bias").As<float>();
    if (bias.size() != static_cast<std::size_t>(op.features))
      throw RequestError("the bias must have one value a feature");
    op.bias = builder.AddConstant(bias);
  }
  op.y = builder.Make(node.outputs[0]);
  AddConvOrDense(builder, op);
}

void QLinearConv(ProgramBuilder& builder, const Node& node) {
  const Tensor& w = builder.Constant(node, 3, "the weights");
  ConvOp op = MakeConv(builder, node, w.shape());
  const auto weights = ByteWeights(w, builder.Constant(node, 5, "the weights' zero point"));
  const std::int32_t x_zero = ZeroOf(builder.Constant(node, 2, "the input's zero point"));
  std::span<const std::int32_t> bias;
  if (builder.HasInput(node, 8)) bias = builder.Constant(node, 8, "the bias").As<std::int32_t>();
  if (!bias.empty() && bias.size() != static_cast<std::size_t>(op.features)) {
    throw RequestError("the bias must have one value a feature");
  }
  op.x = builder.AddressOf(node.inputs[0]);
  op.weights = builder.AddConstant(std::span<const std::int8_t>(weights));
  op.x_zero = x_zero;
  const bool folds = op.kind == ConvKind::kIm2col || IsDense(op);
  op.bias = FoldedBias(builder, bias, weights, op.features, folds ? x_zero : 0);
  op.requantize = MakeRequantize(builder, node, op.features);
  op.y = builder.Make(node.outputs[0]);
  AddConvOrDense(builder, op);
}

/// A product of x [..., depth] with constant weights [features][depth].
DenseOp MakeDense(ProgramBuilder& builder, const Node& node, std::int64_t depth,
                  std::int64_t features) {
  const ValueType x = builder.Value(node.inputs[0]);
  if (x.shape.empty() || x.shape.back() != depth) {
    throw RequestError("the input " + ToString(x.shape) + " does not fit the weights");
  }
  return {.type = TraceTypeOf(x.type),
          .x = builder.AddressOf(node.inputs[0]),
          .rows = ElementCount(x.shape) / depth,
          .depth = depth,
          .features = features};
}

const Tensor& ConstantMatrix(const ProgramBuilder& builder, const Node& node, std::size_t input) {
  const Tensor& b = builder.Constant(node, input, "the second matrix");
  if (b.shape().size() != 2)
    throw RequestError("the second matrix has " + ToString(b.shape()) +
                       " elements; two dimensions are supported");
  return b;
}

/// The float weights of a dense layer; B is depth x features unless `transposed`.
void FloatDense(ProgramBuilder& builder, const Node& node, bool transposed, Address bias) {
  const Tensor& b = ConstantMatrix(builder, node, 1);
  const std::int64_t depth = b.shape()[transposed ? 1 : 0],
                     features = b.shape()[transposed ? 0 : 1];
  DenseOp op = MakeDense(builder, node, depth, features);
  op.weights =
      transposed
          ? builder.AddConstant(b.As<float>())
          : builder.AddConstant(std::span<const float>(Transposed(b.As<float>(), depth, features)));
  op.bias = bias;
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

void Gemm(ProgramBuilder& builder, const Node& node) {
  if (node.Float("alpha", 1.0F) != 1.0F || node.Float("beta", 1.0F) != 1.0F ||
      node.Int("transA", 0) != 0) {
    throw RequestError("alpha, beta other than 1 and transA are not supported by a traced program");
  }
  const bool transposed = node.Int("transB", 0) != 0;
  const Tensor& b = ConstantMatrix(builder, node, 1);
  const std::int64_t features = b.shape()[transposed ? 0 : 1];
  Address bias = 0;
  if (builder.HasInput(node, 2)) {
    const Tensor& c = builder.Constant(node, 2, "C");
    const auto values = c.As<float>();
    if (c.size() != 1 && (c.size() != features || c.shape().back() != features)) {
      throw RequestError("C " + ToString(c.shape()) + " is not one value a column");
    }
    const std::vector<float> spread =
        c.size() == 1 ? std::vector<float>(static_cast<std::size_t>(features), values[0])
                      : std::vector<float>(values.begin(), values.end());
    bias = builder.AddConstant(std::span<const float>(spread));
  }
  FloatDense(builder, node, transposed, bias);
}

void MatMul(ProgramBuilder& builder, const Node& node) { FloatDense(builder, node, false, 0); }

void QLinearMatMul(ProgramBuilder& builder, const Node& node) {
  const Tensor& b = ConstantMatrix(builder, node, 3);
  const std::int64_t depth = b.shape()[0], features = b.shape()[1];
  if (depth > kMaxByteDepth)
    throw RequestError(fmt::format("sums of {} products of bytes may not fit into 32 bits", depth));
  const auto values = ByteWeights(b, builder.Constant(node, 5, "the weights' zero point"));
  const auto weights = Transposed(std::span<const std::int8_t>(values), depth, features);
  const std::int32_t zero = ZeroOf(builder.Constant(node, 2, "the input's zero point"));
  DenseOp op = MakeDense(builder, node, depth, features);
  op.weights = builder.AddConstant(std::span<const std::int8_t>(weights));
  op.bias = FoldedBias(builder, {}, weights, features, zero);
  op.requantize = MakeRequantize(builder, node, features);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

void AddPool(ProgramBuilder& builder, const Node& node, PoolKind kind) {
  const ValueType x = builder.Value(node.inputs[0]);
  const bool global = node.op.starts_with("Global");
  PoolOp op{.kind = kind, .type = TraceTypeOf(x.type)};
  if (node.outputs.size() > 1 && !node.outputs[1].empty())
    throw RequestError("the output of indices is not supported");
  if (kind != PoolKind::kMax && op.type != TraceType::kFloat32)
    throw RequestError("means of bytes are not supported");
  const Shape kernel =
      global ? Shape(x.shape.begin() +
                         std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(x.shape.size())),
                     x.shape.end())
             : node.Ints("kernel_shape", {});
  if (kernel.empty()) throw RequestError("kernel_shape is missing");
  op.window = MakePlaneWindow(node, x.shape, kernel, !global && node.Int("ceil_mode", 0) != 0);
  if (!global) {
    const ref::Window w = ref::MakeWindow(node, x.shape, kernel, node.Int("ceil_mode", 0) != 0);
    op.pad_bottom = w.pad_end[1];
    op.pad_right = w.pad_end[2];
    op.count_padding = node.Int("count_include_pad", 0) != 0;
  }
  op.planes = x.shape[0] * x.shape[1];
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

void MaxPool(ProgramBuilder& builder, const Node& node) { AddPool(builder, node, PoolKind::kMax); }
void AveragePool(ProgramBuilder& builder, const Node& node) {
  AddPool(builder, node, PoolKind::kAverage);
}
void GlobalAveragePool(ProgramBuilder& builder, const Node& node) {
  AddPool(builder, node, PoolKind::kGlobalAverage);
}

}  // namespace

std::span<const NodeBuilderEntry> ProductBuilders() {
  static constexpr NodeBuilderEntry kEntries[] = {{"AveragePool", AveragePool},
                                                  {"Conv", Conv},
                                                  {"Gemm", Gemm},
                                                  {"GlobalAveragePool", GlobalAveragePool},
                                                  {"GlobalMaxPool", MaxPool},
                                                  {"MatMul", MatMul},
                                                  {"MaxPool", MaxPool},
                                                  {"QLinearConv", QLinearConv},
                                                  {"QLinearMatMul", QLinearMatMul}};
  return kEntries;
}

}  // namespace systole
