// SPDX-License-Identifier: Apache-2.0
// MatMul, Gemm, QLinearMatMul, MatMulInteger.
#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "sw/ref/broadcast.h"
#include "sw/ref/gemm.h"
#include "sw/ref/kernel.h"
#include "sw/ref/quantized.h"

namespace systole::ref {
namespace {

/// A product of matrices, batched with broadcasting as NumPy's matmul.
struct Product {
  std::int64_t rows, depth, columns;
  std::int64_t a_count, b_count;         ///< matrices in A and in B
  std::vector<std::int64_t> a_of, b_of;  ///< the matrices of each result
  Shape out;
};

Product MakeProduct(Shape a, Shape b) {
  if (a.empty() || b.empty()) Fail("a scalar is no matrix");
  const bool vector_a = a.size() == 1, vector_b = b.size() == 1;
  if (vector_a) a.insert(a.begin(), 1);
  if (vector_b) b.push_back(1);
  Product product;
  product.rows = a[a.size() - 2];
  product.depth = a.back();
  product.columns = b.back();
  if (b[b.size() - 2] != product.depth) {
    Fail(fmt::format("the matrices {} and {} do not fit", ToString(a), ToString(b)));
  }
  const Shape a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
  product.out = BroadcastShape(a_batch, b_batch);
  product.a_count = ElementCount(a_batch);
  product.b_count = ElementCount(b_batch);
  product.a_of = BroadcastIndex(a_batch, product.out);
  product.b_of = BroadcastIndex(b_batch, product.out);
  if (!vector_a) product.out.push_back(product.rows);
  if (!vector_b) product.out.push_back(product.columns);
  return product;
}

/// Each of `count` matrices of `rows` x `columns` transposed.
template <typename T>
void TransposeMatrices(const T* in, std::int64_t count, std::int64_t rows, std::int64_t columns,
                       T* out) {
  for (std::int64_t i = 0; i < count; ++i, in += rows * columns, out += rows * columns) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < columns; ++c) out[c * rows + r] = in[r * columns + c];
    }
  }
}

/// B with its reduction contiguous: count x columns x depth.
Tensor TransposeRight(const Tensor& b, const Product& product) {
  Tensor out(b.type(), {product.b_count, product.columns, product.depth});
  if (b.type() == ElementType::kInt8 || b.type() == ElementType::kUint8) {
    TransposeMatrices(b.bytes().data(), product.b_count, product.depth, product.columns,
                      out.bytes().data());
  }
  return out;
}

/// The zero point of one operand is that of the tensor, of each row (column), or of each row
/// (column) of each matrix.
std::int64_t ZeroChannels(const Tensor* zero, std::int64_t lines, std::int64_t count) {
  return zero != nullptr && zero->size() == lines * count ? lines * count : lines;
}

/// The exact sums; calls sink(column, index of the output, sum).
template <typename Sink>
void MultiplyExactly(const Product& product, const Tensor& a, const Tensor* a_zero, const Tensor& b,
                     const Tensor* b_zero, Sink sink) {
  const auto [rows, depth, columns] = std::tie(product.rows, product.depth, product.columns);
  const auto left = LessZero(a, a_zero, ZeroChannels(a_zero, rows, product.a_count),
                             rows * product.a_count, "the first matrix");
  const auto right =
      LessZero(TransposeRight(b, product), b_zero, ZeroChannels(b_zero, columns, product.b_count),
               columns * product.b_count, "the second matrix");
  std::vector<std::int64_t> sums(static_cast<std::size_t>(columns));
  std::int64_t index = 0;
  for (std::size_t i = 0; i < product.a_of.size(); ++i) {
    const std::int16_t* l = left.data() + product.a_of[i] * rows * depth;
    const std::int16_t* r = right.data() + product.b_of[i] * columns * depth;
    for (std::int64_t row = 0; row < rows; ++row) {
      ExactProducts(l + row * depth, 1, r, columns, depth, sums.data());
      for (std::int64_t column = 0; column < columns; ++column) {
        sink(column, index++, sums[static_cast<std::size_t>(column)]);
      }
    }
  }
}

std::vector<Tensor> MatMulInteger(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(1);
  const Product product = MakeProduct(a.shape(), b.shape());
  Tensor y = MakeTensor(ElementType::kInt32, product.out);
  std::int32_t* out = y.As<std::int32_t>().data();
  MultiplyExactly(product, a, call.Optional(2), b, call.Optional(3),
                  [out](std::int64_t, std::int64_t index, std::int64_t sum) {
                    out[index] = static_cast<std::int32_t>(sum);
                  });
  return {std::move(y)};
}

std::vector<Tensor> QLinearMatMul(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(3);
  const Product product = MakeProduct(a.shape(), b.shape());
  const Requantizer requantizer(call.In(1), call.In(4), call.In(6), call.In(7), product.columns);
  Tensor y = MakeTensor(requantizer.type(), product.out);
  requantizer.Fill(y, [&](auto* out) {
    MultiplyExactly(product, a, &call.In(2), b, &call.In(5),
                    [&](std::int64_t column, std::int64_t index, std::int64_t sum) {
                      requantizer.Store(out, index, sum, static_cast<std::size_t>(column));
                    });
  });
  return {std::move(y)};
}

std::vector<Tensor> MatMul(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(1);
  const float *left = a.As<float>().data(), *right = b.As<float>().data();
  const Product product = MakeProduct(a.shape(), b.shape());
  const auto [rows, depth, columns] = std::tie(product.rows, product.depth, product.columns);
  Tensor y = MakeTensor(ElementType::kFloat32, product.out);
  float* out = y.As<float>().data();
  for (std::size_t i = 0; i < product.a_of.size(); ++i, out += rows * columns) {
    FloatProducts(left + product.a_of[i] * rows * depth, rows,
                  right + product.b_of[i] * depth * columns, columns, depth, out);
  }
  return {std::move(y)};
}

/// A matrix of Gemm, transposed if the attribute says so.
Tensor GemmOperand(const Call& call, std::size_t input, const char* transpose) {
  const Tensor& in = call.In(input);
  if (in.shape().size() != 2) Fail("the operand " + ToString(in.shape()) + " is no matrix");
  if (call.node.Int(transpose, 0) == 0) return in;
  Tensor out(ElementType::kFloat32, {in.shape()[1], in.shape()[0]});
  TransposeMatrices(in.As<float>().data(), 1, in.shape()[0], in.shape()[1], out.As<float>().data());
  return out;
}

std::vector<Tensor> Gemm(const Call& call) {
  const Tensor a = GemmOperand(call, 0, "transA"), b = GemmOperand(call, 1, "transB");
  const float *left = a.As<float>().data(), *right = b.As<float>().data();
  const Product product = MakeProduct(a.shape(), b.shape());
  const float alpha = call.node.Float("alpha", 1.0F), beta = call.node.Float("beta", 1.0F);
  Tensor y = MakeTensor(ElementType::kFloat32, product.out);
  const auto out = y.As<float>();
  FloatProducts(left, product.rows, right, product.columns, product.depth, out.data());
  for (float& value : out) value *= alpha;
  if (const Tensor* c = call.Optional(2)) {
    if (BroadcastShape(c->shape(), product.out) != product.out) {
      Fail("C " + ToString(c->shape()) + " does not broadcast to " + ToString(product.out));
    }
    const auto add = c->As<float>();
    const auto index = BroadcastIndex(c->shape(), product.out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += beta * add[static_cast<std::size_t>(index[i])];
    }
  }
  return {std::move(y)};
}

}  // namespace

std::span<const KernelEntry> MatMulKernels() {
  static constexpr KernelEntry kEntries[] = {{"Gemm", Gemm},
                                             {"MatMul", MatMul},
                                             {"MatMulInteger", MatMulInteger},
                                             {"QLinearMatMul", QLinearMatMul}};
  return kEntries;
}

}  // namespace systole::ref
