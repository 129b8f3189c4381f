// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/flatbuffer.h"
#include "sw/ir/tensor.h"

namespace systole::models {

/// One level of a sparse tensor: all indices, or those that are listed.
struct SparseLevel {
  bool dense = true;
  std::int64_t size = 0;               ///< of a dense level
  std::vector<std::int64_t> segments;  ///< of a sparse one: where the indices of a parent begin
  std::vector<std::int64_t> indices;
};

/// How a sparse tensor is stored (TensorFlow Lite's SparsityParameters): `traversal` orders the
/// dimensions and, behind them, the inner dimensions of blocks; `blocks` names the dimension that
/// each inner one divides; a level for each, in the order of traversal.
struct SparseLayout {
  std::vector<std::int64_t> traversal, blocks;
  std::vector<SparseLevel> levels;
};

/// A tensor of a TensorFlow Lite model.
struct TfliteTensor {
  std::string name;  ///< for messages: its first 100 letters, what is not ASCII as '?'
  Shape shape;
  int type = 0;            ///< 0 float32, 1 float16, 2 int32, ...
  std::string_view bytes;  ///< of a constant; else empty
  std::optional<SparseLayout> sparse{};
};

struct TfliteOperator {
  int code = 0;                               ///< BuiltinOperator
  std::vector<std::int64_t> inputs, outputs;  ///< tensors; -1 is absent
  std::optional<FlatTable> options{};
};

/// The only subgraph of a TensorFlow Lite model (schema version 3), as the file has it.
struct TfliteModel {
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;
  std::vector<std::int64_t> inputs, outputs;
};

/// Reads the tables of a model; `bytes` must outlive the result. Indices of tensors
/// are checked, what the operators mean is not. Throws RequestError.
TfliteModel ParseTflite(std::string_view bytes, const std::string& origin);

/// The values of a constant float32, float16 or int32 tensor, in row-major order, zeros where a
/// sparse one has none; float16 becomes float32. Throws RequestError naming the tensor.
Tensor ConstantOf(const TfliteTensor& tensor, const std::string& origin);

/// The float32 of a float16's bits.
float FromHalf(std::uint16_t bits);

}  // namespace systole::models
