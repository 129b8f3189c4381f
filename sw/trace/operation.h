// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a program consists of, as plain data: the same text is compiled for this machine and for the
// guest of docs/trace.md, so it needs nothing but the language.

#include <cstdint>
#include <variant>

namespace systole {

/// A byte address of a program.
using Address = std::uint64_t;

/// Types of a program's tensors.
enum class TraceType : std::uint8_t { kFloat32, kInt8, kUint8 };
inline constexpr std::int64_t BytesOf(TraceType type) {
  return type == TraceType::kFloat32 ? 4 : 1;
}

/// How a window moves over a plane.
struct PlaneWindow {
  std::int64_t in_height = 1, in_width = 1, out_height = 1, out_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1, stride_y = 1, stride_x = 1;
  std::int64_t dilation_y = 1, dilation_x = 1, pad_top = 0, pad_left = 0;

  std::int64_t InCount() const { return in_height * in_width; }
  std::int64_t OutCount() const { return out_height * out_width; }
  std::int64_t KernelCount() const { return kernel_height * kernel_width; }
};

/// From int32 sums to bytes: Requantize (sw/ref/requantize.h) with one float32 scale a channel at
/// `scales` + channel * `scale_step`.
struct RequantizeArgs {
  Address scales = 0;
  std::int64_t scale_step = 0;
  std::int32_t zero = 0, min = 0, max = 0;
};

/// Block sizes of the matrix product, in elements (docs/trace.md).
struct GemmBlocking {
  std::int64_t rows = 128, depth = 240, columns = 12288;
};

enum class GemmKind : std::uint8_t {
  kPacked,    ///< blocks of both matrices are copied into panels first
  kUnpacked,  ///< the same blocks and the same 4x4 inner kernel, without copies
  kRows,      ///< no blocks: row of C += element of A * row of B
};

/// C = A * B: A is rows x depth, B depth x columns, C rows x columns; row strides in elements.
struct GemmArgs {
  Address a = 0, b = 0, c = 0;
  std::int64_t a_stride = 0, b_stride = 0, c_stride = 0;
  std::int64_t rows = 0, depth = 0, columns = 0;
  Address packed_a = 0, packed_b = 0;
  GemmBlocking blocks = {};
  GemmKind kind = GemmKind::kPacked;
};

enum class ConvKind : std::uint8_t { kIm2col, kDirect, kDepthwise };

/// Convolution, NCHW. int8 and uint8 inputs have int8 weights, int32 sums and biases.
struct ConvOp {
  ConvKind kind = ConvKind::kIm2col;
  GemmKind gemm = GemmKind::kPacked;
  TraceType type = TraceType::kFloat32;         ///< of x
  Address x = 0, weights = 0, bias = 0, y = 0;  ///< bias 0: none
  Address column = 0, packed_a = 0, packed_b = 0, sums = 0;
  std::int64_t batch = 1, channels = 1, features = 1, group = 1;
  PlaneWindow window = {};
  GemmBlocking blocks = {};
  std::int32_t x_zero = 0;  ///< im2col: the value of padding, the rest is in the bias
  RequantizeArgs requantize = {};
};

/// y[row][feature] = sum over k of weights[feature][k] * x[row][k] + bias[feature].
struct DenseOp {
  TraceType type = TraceType::kFloat32;
  Address x = 0, weights = 0, bias = 0, y = 0;
  std::int64_t rows = 1, depth = 1, features = 1;
  RequantizeArgs requantize = {};  ///< the zero point of x is in the bias
};

enum class PoolKind : std::uint8_t { kMax, kAverage, kGlobalAverage };

struct PoolOp {
  PoolKind kind = PoolKind::kMax;
  TraceType type = TraceType::kFloat32;
  bool count_padding = false;
  Address x = 0, y = 0;
  std::int64_t planes = 1, pad_bottom = 0, pad_right = 0;
  PlaneWindow window = {};
};

enum class UnaryKind : std::uint8_t {
  kClip,         ///< to [a, b]; Relu is [0, infinity)
  kLeakyRelu,    ///< x < 0: a * x
  kHardSigmoid,  ///< a * x + b, clipped to [0, 1]
  kHardSwish,
  kSigmoid,
};

/// A function of each element; may be in place.
struct UnaryOp {
  UnaryKind kind = UnaryKind::kClip;
  TraceType type = TraceType::kFloat32;
  bool upper = false;  ///< kClip: there is an upper bound
  Address x = 0, y = 0;
  std::int64_t count = 0;
  float a = 0.0F, b = 0.0F;
};

enum class BinaryKind : std::uint8_t { kAdd, kSub, kMul, kDiv, kMax, kMin };

/// A function of two float32 elements: planes of `area` elements; the operand's plane p begins at
/// element (p % period) * plane, its elements lie `step` (0 or 1) apart.
struct BinaryOp {
  struct Operand {
    Address at = 0;
    std::int64_t period = 1, plane = 0, step = 0;
  };
  BinaryKind kind = BinaryKind::kAdd;
  Operand a = {}, b = {};
  Address y = 0;
  std::int64_t planes = 1, area = 1;
};

/// `count` pieces of `bytes` bytes.
struct CopyOp {
  Address from = 0, to = 0;
  std::int64_t count = 1, bytes = 0, from_step = 0, to_step = 0;
  std::int64_t unit = 1;  ///< bytes of one access: 1, 2, 4 or 8
};

/// Softmax of `rows` rows.
struct SoftmaxOp {
  Address x = 0, y = 0;
  std::int64_t rows = 1, length = 1;
};

/// Local response normalization across channels with the exponent 0.75:
/// y = x / (bias + alpha / size * sum of squares)^0.75.
struct LrnOp {
  Address x = 0, y = 0;
  std::int64_t batch = 1, channels = 1, area = 1, size = 1;
  float scale = 0.0F;  ///< alpha / size
  float bias = 1.0F;
};

/// A strided copy: element (i0, ..., i5) of y, in row-major order, is element sum of i * stride of
/// x; the innermost dimension is the last.
struct MoveOp {
  static constexpr int kRank = 6;
  TraceType type = TraceType::kFloat32;
  Address x = 0, y = 0;
  std::int64_t dims[kRank] = {1, 1, 1, 1, 1, 1};
  std::int64_t strides[kRank] = {};
};

/// Planes of float32 in another size. `rows` and `columns` are tables in memory, one entry an
/// output position: int32 lower and upper input position, float32 share of the upper one.
struct ResizeOp {
  bool linear = true;  ///< else the lower position alone
  Address x = 0, y = 0, rows = 0, columns = 0;
  std::int64_t planes = 1, in_height = 1, in_width = 1, out_height = 1, out_width = 1;
};

/// Between float32 and bytes; `dequantize` says which way.
struct QuantizeOp {
  bool dequantize = false;
  TraceType type = TraceType::kInt8;  ///< of the bytes
  Address x = 0, y = 0;
  std::int64_t count = 0;
  float scale = 1.0F;
  std::int32_t zero = 0;
};

using TraceOp = std::variant<ConvOp, DenseOp, PoolOp, UnaryOp, BinaryOp, CopyOp, SoftmaxOp,
                             QuantizeOp, LrnOp, MoveOp, ResizeOp>;

}  // namespace systole
