// SPDX-License-Identifier: Apache-2.0
#include "sw/map/gemm_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole {
namespace {

// Positions in the activations are 32-bit: gathering them is the inner loop of the testbench.
constexpr std::int64_t kMaxActivations = (std::int64_t{1} << 31) - 1;

std::int64_t Padded(const ConvAxis& axis) { return axis.input + axis.pad_before + axis.pad_after; }

/// Planes with their padding, so that forming a tile needs no bounds.
std::vector<std::int8_t> PadPlanes(const Node& node, std::vector<std::int8_t> x,
                                   const ArrayLayer& layer, int zero) {
  const std::int64_t height = Padded(layer.height), width = Padded(layer.width);
  const std::int64_t planes = layer.batch * layer.in_channels;
  if (planes * height * width > kMaxActivations) {
    FailNode(node, fmt::format("the padded input has {} elements, more than 2^31",
                               planes * height * width));
  }
  if (height == layer.height.input && width == layer.width.input) return x;
  std::vector<std::int8_t> padded(static_cast<std::size_t>(planes * height * width),
                                  static_cast<std::int8_t>(zero));
  const std::int8_t* from = x.data();
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    std::int8_t* to =
        padded.data() + (plane * height + layer.height.pad_before) * width + layer.width.pad_before;
    for (std::int64_t y = 0; y < layer.height.input; ++y) {
      std::copy_n(from, layer.width.input, to);
      from += layer.width.input;
      to += width;
    }
  }
  return padded;
}

/// For each matrix of the broadcast batch the matrix of an operand with batch `of`.
std::vector<std::int64_t> BroadcastMatrices(const Shape& of, const Shape& other) {
  const std::size_t rank = std::max(of.size(), other.size());
  const auto dim = [rank](const Shape& shape, std::size_t i) {
    const std::size_t missing = rank - shape.size();
    return i < missing ? std::int64_t{1} : shape[i - missing];
  };
  std::vector<std::int64_t> matrices = {0};
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t own = dim(of, i), out = std::max(own, dim(other, i));
    std::vector<std::int64_t> next;
    next.reserve(matrices.size() * static_cast<std::size_t>(out));
    for (const std::int64_t matrix : matrices) {
      for (std::int64_t j = 0; j < out; ++j) next.push_back(matrix * own + (own == 1 ? 0 : j));
    }
    matrices = std::move(next);
  }
  return matrices;
}

Shape BatchOf(const Shape& shape) {
  return shape.size() <= 2 ? Shape{} : Shape(shape.begin(), shape.end() - 2);
}

GemmValues ConvolutionValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer,
                             const WeightCode& code) {
  const GemmShape shape = GemmShapeOf(layer);
  const ConvAxis &rows = layer.height, &cols = layer.width;
  const std::int64_t height = Padded(rows), width = Padded(cols), plane = height * width;
  GemmValues values;
  values.zero = CodeZeros(node, *inputs.x, inputs.x_zero, code);
  if (values.zero.size() != 1) FailNode(node, "the activations have several zero points");
  values.activations =
      PadPlanes(node, CodeActivations(*inputs.x, code), layer, values.zero.front());
  const std::int64_t kernel = rows.kernel * cols.kernel, in_channels = shape.k / kernel;
  values.weights = CodeWeightValues(
      node, *inputs.w, inputs.w_zero, code,
      {shape.products, shape.n, shape.k, shape.n * shape.k, shape.k, 1, /*zeros_repeat=*/false});
  const std::int64_t outputs = rows.output * cols.output;
  for (std::int64_t g = 0; g < shape.products; ++g) {
    values.base.push_back(g * in_channels * plane);
    values.matrix.push_back(g);
    values.out.push_back(g * shape.n * outputs);
    values.first_channel.push_back(g * shape.n);
  }
  values.in = {.image = layer.in_channels * plane, .channel = plane, .y = width, .x = 1};
  values.out_steps = {
      .image = layer.out_channels * outputs, .channel = outputs, .y = cols.output, .x = 1};
  return values;
}

GemmValues MatMulValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer,
                        const WeightCode& code) {
  const Shape &a = inputs.x->shape(), &b = inputs.w->shape();
  const std::int64_t rows = a.size() == 1 ? 1 : a[a.size() - 2];
  const std::int64_t plane = layer.k * layer.n, b_count = inputs.w->size() / plane;
  if (inputs.x->size() > kMaxActivations) FailNode(node, "more than 2^31 activations");
  GemmValues values;
  values.activations = CodeActivations(*inputs.x, code);
  const std::vector<int> zeros = CodeZeros(node, *inputs.x, inputs.x_zero, code);
  values.weights =
      CodeWeightValues(node, *inputs.w, inputs.w_zero, code,
                       {b_count, layer.n, layer.k, plane, 1, layer.n, /*zeros_repeat=*/true});

  const auto a_of = BroadcastMatrices(BatchOf(a), BatchOf(b));
  const auto b_of = BroadcastMatrices(BatchOf(b), BatchOf(a));
  const bool by_row = zeros.size() > 1;
  const bool folded = !by_row && b_count == 1;
  if (!by_row) values.zero = zeros;
  for (std::int64_t g = 0; g < layer.products; ++g) {
    const std::int64_t row = by_row ? g % rows : 0;
    const auto batch = static_cast<std::size_t>(by_row ? g / rows : g);
    const std::int64_t first_row = folded ? 0 : a_of[batch] * rows + row;
    values.base.push_back(first_row * layer.k);
    values.matrix.push_back(folded ? 0 : b_of[batch]);
    values.out.push_back(g * layer.m * layer.n);
    values.first_channel.push_back(0);
    if (by_row) {
      const bool repeat = static_cast<std::int64_t>(zeros.size()) == rows;
      values.zero.push_back(zeros[static_cast<std::size_t>(repeat ? row : first_row)]);
    }
  }
  values.in = {.channel = 1, .x = layer.k};
  values.out_steps = {.channel = 1, .x = layer.n};
  return values;
}

}  // namespace

GemmValues FindGemmValues(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer) {
  const WeightCode code = CodeWeights(inputs.w->type(), inputs.w_zero, true);
  return layer.kind == ArrayLayer::Kind::kMatMul ? MatMulValues(node, inputs, layer, code)
                                                 : ConvolutionValues(node, inputs, layer, code);
}

}  // namespace systole
