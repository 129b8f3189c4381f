// SPDX-License-Identifier: Apache-2.0
#include "tests/models/tflite_writer.h"

#include <bit>
#include <cstring>

namespace systole {
namespace {

class Writer {
 public:
  explicit Writer(const std::string& identifier) : bytes_(4, '\0') { bytes_ += identifier; }

  std::string Finish(const FlatNode& root) {
    Refer(0, Table(root));
    return std::move(bytes_);
  }

 private:
  void Put(std::int64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }
  void Patch(std::size_t at, std::int64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
  }
  void Refer(std::size_t from, std::size_t to) {
    Patch(from, static_cast<std::int64_t>(to - from), 4);
  }

  std::size_t Table(const FlatNode& node) {
    const int count = node.fields.empty() ? 0 : node.fields.rbegin()->first + 1;
    const std::size_t offsets = bytes_.size();
    Put(4 + 2 * count, 2);
    Put(0, 2);
    for (int i = 0; i < count; ++i) Put(0, 2);
    const std::size_t table = bytes_.size();
    Put(static_cast<std::int64_t>(table - offsets), 4);
    std::map<int, std::size_t> places;
    for (const auto& [number, field] : node.fields) {
      places[number] = bytes_.size();
      Patch(offsets + 4 + 2 * static_cast<std::size_t>(number),
            static_cast<std::int64_t>(bytes_.size() - table), 2);
      const auto* scalar = std::get_if<FlatNode::Scalar>(&field);
      scalar ? Put(scalar->value, scalar->bytes) : Put(0, 4);
    }
    Patch(offsets + 2, static_cast<std::int64_t>(bytes_.size() - table), 2);
    for (const auto& [number, field] : node.fields) {
      if (!std::holds_alternative<FlatNode::Scalar>(field)) Refer(places[number], Content(field));
    }
    return table;
  }

  std::size_t Content(const FlatNode::Field& field) {
    if (const auto* one = std::get_if<FlatNode::One>(&field)) return Table(one->node.front());
    const std::size_t begin = bytes_.size();
    if (const auto* numbers = std::get_if<FlatNode::Numbers>(&field)) {
      Put(static_cast<std::int64_t>(numbers->values.size()), 4);
      for (const std::int64_t value : numbers->values) Put(value, numbers->bytes);
    } else if (const auto* text = std::get_if<std::string>(&field)) {
      Put(static_cast<std::int64_t>(text->size()), 4);
      bytes_ += *text;
    } else {
      const auto& tables = std::get<FlatNode::Tables>(field);
      Put(static_cast<std::int64_t>(tables.size()), 4);
      for (std::size_t i = 0; i < tables.size(); ++i) Put(0, 4);
      for (std::size_t i = 0; i < tables.size(); ++i) Refer(begin + 4 + 4 * i, Table(tables[i]));
    }
    return begin;
  }

  std::string bytes_;
};

}  // namespace

FlatNode::Field Byte(std::int64_t value) { return FlatNode::Scalar{value, 1}; }
FlatNode::Field Word(std::int64_t value) { return FlatNode::Scalar{value, 4}; }
FlatNode::Field Ints(std::vector<std::int64_t> values, int bytes) {
  return FlatNode::Numbers{std::move(values), bytes};
}
FlatNode::Field Only(FlatNode node) { return FlatNode::One{{std::move(node)}}; }

std::string WriteFlat(const FlatNode& root, const std::string& identifier) {
  return Writer(identifier).Finish(root);
}

std::int64_t TfliteWriter::Tensor(const std::string& name, const std::vector<std::int64_t>& shape,
                                  int type, const std::string& bytes) {
  std::int64_t buffer = 0;
  if (!bytes.empty()) {
    buffer = static_cast<std::int64_t>(buffers_.size());
    buffers_.push_back({{{0, bytes}}});
  }
  tensors_.push_back({{{0, Ints(shape)}, {1, Byte(type)}, {2, Word(buffer)}, {3, name}}});
  return static_cast<std::int64_t>(tensors_.size()) - 1;
}

void TfliteWriter::Sparse(FlatNode parameters) {
  tensors_.back().fields[6] = Only(std::move(parameters));
}

void TfliteWriter::Operator(int code, const std::vector<std::int64_t>& inputs,
                            const std::vector<std::int64_t>& outputs, const FlatNode& options) {
  FlatNode op = {
      {{0, Word(static_cast<std::int64_t>(codes_.size()))}, {1, Ints(inputs)}, {2, Ints(outputs)}}};
  if (!options.fields.empty()) op.fields[4] = Only(options);
  operators_.push_back(op);
  codes_.push_back({{{0, Byte(code)}}});
}

std::string TfliteWriter::Write(const std::vector<std::int64_t>& inputs,
                                const std::vector<std::int64_t>& outputs) {
  const FlatNode graph = {{{0, tensors_}, {1, Ints(inputs)}, {2, Ints(outputs)}, {3, operators_}}};
  root = {{{0, Word(3)}, {1, codes_}, {2, FlatNode::Tables{graph}}, {4, buffers_}}};
  return WriteFlat(root, "TFL3");
}

FlatNode DenseLevel(std::int64_t size) { return {{{0, Byte(0)}, {1, Word(size)}}}; }

FlatNode SparseLevelOf(std::vector<std::int64_t> segments, std::vector<std::int64_t> indices,
                       int bytes) {
  const std::int64_t type = bytes == 4 ? 1 : bytes == 2 ? 2 : 3;
  return {{{0, Byte(1)},
           {2, Byte(type)},
           {3, Only({{{0, Ints(std::move(segments), bytes)}}})},
           {4, Byte(type)},
           {5, Only({{{0, Ints(std::move(indices), bytes)}}})}}};
}

std::string Floats32(const std::vector<float>& values) {
  std::string bytes(4 * values.size(), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string Floats16(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    std::uint32_t half = bits >> 16 & 0x8000U;
    if (value != 0) half |= ((bits >> 23 & 0xffU) - 112) << 10 | (bits >> 13 & 0x3ffU);
    bytes += static_cast<char>(half);
    bytes += static_cast<char>(half >> 8);
  }
  return bytes;
}

std::string Ints32(const std::vector<std::int32_t>& values) {
  std::string bytes(4 * values.size(), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace systole
