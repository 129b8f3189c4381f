// SPDX-License-Identifier: Apache-2.0
#include "models/tflite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"

namespace systole::models {
namespace {

constexpr int kFloat32 = 0, kFloat16 = 1, kInt32 = 2;
/// A sparse tensor may have more elements than values, but not by any factor.
constexpr std::int64_t kMaxSparseElements = std::int64_t{1} << 26, kMaxExpansion = 1024;

std::vector<std::int64_t> ReadIndexVector(const FlatTable& level, int type_field, int field,
                                          const std::string& origin) {
  const std::optional<FlatTable> table = level.Table(field);
  switch (table ? level.Uint8(type_field, 0) : 0) {
    case 1:
      return table->Numbers(0, 4);
    case 2:
      return table->Numbers(0, 2);
    case 3:
      return table->Numbers(0, 1);
    default:
      throw RequestError(origin + ": a sparse dimension has no indices");
  }
}

SparseLayout ReadSparseLayout(const FlatTable& table, const std::string& origin) {
  SparseLayout layout{table.Numbers(0, 4), table.Numbers(1, 4), {}};
  for (const FlatTable& dimension : table.Tables(2)) {
    SparseLevel level;
    level.dense = dimension.Int8(0, 0) == 0;
    level.size = dimension.Int32(1, 0);
    if (!level.dense) {
      level.segments = ReadIndexVector(dimension, 2, 3, origin);
      level.indices = ReadIndexVector(dimension, 4, 5, origin);
    }
    layout.levels.push_back(std::move(level));
  }
  return layout;
}

/// A name as it may stand in a message.
std::string Printable(std::string_view name) {
  constexpr std::size_t kLength = 100;
  std::string result(name.substr(0, kLength));
  for (char& letter : result) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return result;
}

TfliteTensor ReadTensorTable(const FlatTable& table, const std::vector<FlatTable>& buffers,
                             const std::string& origin) {
  TfliteTensor tensor;
  tensor.name = Printable(table.Bytes(3));
  tensor.shape = table.Numbers(0, 4);
  tensor.type = static_cast<int>(table.Int8(1, 0));
  const std::int64_t buffer = table.Uint32(2, 0);
  if (buffer >= static_cast<std::int64_t>(buffers.size())) {
    throw RequestError(origin + " is broken: a tensor has a buffer that does not exist");
  }
  tensor.bytes = buffers[static_cast<std::size_t>(buffer)].Bytes(0);
  if (const auto sparse = table.Table(6)) tensor.sparse = ReadSparseLayout(*sparse, origin);
  return tensor;
}

void CheckTensors(const std::vector<std::int64_t>& tensors, std::size_t count, bool optional,
                  const std::string& origin) {
  for (const std::int64_t tensor : tensors) {
    if (tensor < (optional ? -1 : 0) || tensor >= static_cast<std::int64_t>(count)) {
      throw RequestError(fmt::format("{} is broken: there is no tensor {}", origin, tensor));
    }
  }
}

/// Puts the values of a sparse tensor into their places.
class Densifier {
 public:
  Densifier(const TfliteTensor& tensor, std::size_t values, const std::string& who)
      : layout_(*tensor.sparse), shape_(tensor.shape), values_(values), who_(who) {
    const std::size_t rank = shape_.size(), levels = rank + layout_.blocks.size();
    if (layout_.blocks.size() > rank) Fail();
    if (layout_.levels.size() != levels || layout_.traversal.size() != levels) Fail();
    block_.assign(rank, 1);
    index_.assign(levels, 0);
    std::vector<bool> seen(levels, false);
    for (std::size_t i = 0; i < levels; ++i) {
      const std::int64_t dimension = layout_.traversal[i];
      if (dimension < 0 || dimension >= static_cast<std::int64_t>(levels) ||
          seen[static_cast<std::size_t>(dimension)]) {
        Fail();
      }
      seen[static_cast<std::size_t>(dimension)] = true;
      if (static_cast<std::size_t>(dimension) < rank) continue;
      const std::int64_t target = layout_.blocks[static_cast<std::size_t>(dimension) - rank];
      const SparseLevel& level = layout_.levels[i];
      if (target < 0 || target >= static_cast<std::int64_t>(rank) || !level.dense ||
          level.size < 1 || block_[static_cast<std::size_t>(target)] != 1) {
        Fail();
      }
      block_[static_cast<std::size_t>(target)] = level.size;
    }
    // No level has more nodes than the tensor has elements, unless the file is broken.
    visits_left_ = (ElementCount(shape_) + 1) * static_cast<std::int64_t>(levels + 1);
  }

  /// Calls place(element, value) for every value.
  template <typename Place>
  void Run(const Place& place) {
    Walk(0, 0, place);
    if (used_ != values_) Fail();
  }

 private:
  [[noreturn]] void Fail() const {
    throw RequestError(who_ + ": its sparse form is broken or does not fit its shape");
  }

  template <typename Place>
  void Walk(std::size_t depth, std::int64_t parent, const Place& place) {
    if (--visits_left_ < 0 || parent > kMaxSparseElements) Fail();
    if (depth == layout_.levels.size()) {
      if (parent < 0 || static_cast<std::size_t>(parent) >= values_) Fail();
      ++used_;
      place(Element(), static_cast<std::size_t>(parent));
      return;
    }
    const SparseLevel& level = layout_.levels[depth];
    std::int64_t& index = index_[static_cast<std::size_t>(layout_.traversal[depth])];
    if (level.dense) {
      if (level.size < 0 || level.size > kMaxSparseElements) Fail();
      for (std::int64_t i = 0; i < level.size; ++i) {
        index = i;
        Walk(depth + 1, parent * level.size + i, place);
      }
      return;
    }
    const auto at = static_cast<std::size_t>(parent);
    if (at + 1 >= level.segments.size()) Fail();
    const std::int64_t begin = level.segments[at], end = level.segments[at + 1];
    if (begin < 0 || end < begin || end > static_cast<std::int64_t>(level.indices.size())) Fail();
    for (std::int64_t i = begin; i < end; ++i) {
      index = level.indices[static_cast<std::size_t>(i)];
      Walk(depth + 1, i, place);
    }
  }

  /// The element at the present indices, outer and inner ones together.
  std::size_t Element() const {
    std::int64_t element = 0;
    for (std::size_t d = 0; d < shape_.size(); ++d) {
      std::int64_t at = index_[d] * block_[d];
      for (std::size_t b = 0; b < layout_.blocks.size(); ++b) {
        if (layout_.blocks[b] == static_cast<std::int64_t>(d)) at += index_[shape_.size() + b];
      }
      if (index_[d] < 0 || index_[d] >= shape_[d] || at >= shape_[d]) Fail();
      element = element * shape_[d] + at;
    }
    return static_cast<std::size_t>(element);
  }

  const SparseLayout& layout_;
  const Shape& shape_;
  std::size_t values_;
  const std::string& who_;
  std::vector<std::int64_t> block_, index_;
  std::int64_t visits_left_ = 0;
  std::size_t used_ = 0;
};

float FloatAt(std::string_view bytes, std::size_t index, int type) {
  if (type == kFloat16) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes.data() + 2 * index, 2);
    return FromHalf(bits);
  }
  float value = 0;
  std::memcpy(&value, bytes.data() + 4 * index, 4);
  return value;
}

}  // namespace

float FromHalf(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1fU, fraction = bits & 0x3ffU;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000U | fraction << 13);
  if (exponent != 0) {
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  }
  const float small = static_cast<float>(fraction) * 0x1p-24F;
  return sign != 0 ? -small : small;
}

TfliteModel ParseTflite(std::string_view bytes, const std::string& origin) {
  const FlatTable root = FlatTable::Root(bytes, "TFL3", "TensorFlow Lite model", origin);
  if (const std::int64_t version = root.Uint32(0, 0); version != 3) {
    throw RequestError(
        fmt::format("{}: schema version {} is not supported, only 3", origin, version));
  }
  std::vector<int> codes;
  for (const FlatTable& code : root.Tables(1)) {
    // Newer codes stand in a field of their own; the old one is then 127.
    codes.push_back(static_cast<int>(std::max(code.Int8(0, 0), code.Int32(3, 0))));
  }
  const std::vector<FlatTable> graphs = root.Tables(2), buffers = root.Tables(4);
  if (graphs.size() != 1) {
    throw RequestError(fmt::format("{}: {} subgraphs; one is supported", origin, graphs.size()));
  }
  TfliteModel model;
  for (const FlatTable& tensor : graphs[0].Tables(0)) {
    model.tensors.push_back(ReadTensorTable(tensor, buffers, origin));
  }
  model.inputs = graphs[0].Numbers(1, 4);
  model.outputs = graphs[0].Numbers(2, 4);
  for (const FlatTable& table : graphs[0].Tables(3)) {
    TfliteOperator op;
    const std::int64_t code = table.Uint32(0, 0);
    if (code >= static_cast<std::int64_t>(codes.size())) {
      throw RequestError(origin + " is broken: an operator has no code");
    }
    op.code = codes[static_cast<std::size_t>(code)];
    op.inputs = table.Numbers(1, 4);
    op.outputs = table.Numbers(2, 4);
    op.options = table.Table(4);
    CheckTensors(op.inputs, model.tensors.size(), true, origin);
    CheckTensors(op.outputs, model.tensors.size(), false, origin);
    model.operators.push_back(std::move(op));
  }
  CheckTensors(model.inputs, model.tensors.size(), false, origin);
  CheckTensors(model.outputs, model.tensors.size(), false, origin);
  return model;
}

Tensor ConstantOf(const TfliteTensor& tensor, const std::string& origin) {
  const std::string who = fmt::format("{}: tensor \"{}\"", origin, tensor.name);
  if (tensor.type != kFloat32 && tensor.type != kFloat16 && tensor.type != kInt32) {
    throw RequestError(who + ": its element type is not float32, float16 or int32");
  }
  const std::size_t size = tensor.type == kFloat16 ? 2 : 4;
  const std::size_t values = tensor.bytes.size() / size;
  const std::int64_t count = ElementCount(tensor.shape);
  const auto expanded = static_cast<std::int64_t>(std::max<std::size_t>(values, 64));
  const bool fits = tensor.sparse ? count <= kMaxSparseElements && count / kMaxExpansion <= expanded
                                  : static_cast<std::size_t>(count) == values;
  if (!fits || tensor.bytes.size() % size != 0) {
    throw RequestError(fmt::format("{}: {} bytes do not fit its shape {}", who, tensor.bytes.size(),
                                   ToString(tensor.shape)));
  }
  if (tensor.type == kInt32) {
    if (tensor.sparse) throw RequestError(who + ": sparse integers are not supported");
    Tensor result(ElementType::kInt32, tensor.shape);
    std::memcpy(result.bytes().data(), tensor.bytes.data(), tensor.bytes.size());
    return result;
  }
  Tensor result(ElementType::kFloat32, tensor.shape);
  const auto out = result.As<float>();
  if (tensor.sparse) {
    Densifier(tensor, values, who).Run([&](std::size_t element, std::size_t value) {
      out[element] = FloatAt(tensor.bytes, value, tensor.type);
    });
  } else {
    for (std::size_t i = 0; i < values; ++i) out[i] = FloatAt(tensor.bytes, i, tensor.type);
  }
  return result;
}

}  // namespace systole::models
