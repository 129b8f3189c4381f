// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace systole {

/// A FlatBuffer table to be written: fields by their number in the schema.
struct FlatNode {
  struct Scalar {
    std::int64_t value;
    int bytes;
  };
  struct Numbers {
    std::vector<std::int64_t> values;
    int bytes = 4;
  };
  using Tables = std::vector<FlatNode>;
  using Child = std::vector<FlatNode>;  // of one
  struct One {
    Child node;
  };
  using Field = std::variant<Scalar, Numbers, std::string, Tables, One>;
  std::map<int, Field> fields;
};

FlatNode::Field Byte(std::int64_t value);
FlatNode::Field Word(std::int64_t value);
FlatNode::Field Ints(std::vector<std::int64_t> values, int bytes = 4);
FlatNode::Field Only(FlatNode node);

/// The file with that root.
std::string WriteFlat(const FlatNode& root, const std::string& identifier);

/// A TensorFlow Lite model under construction.
class TfliteWriter {
 public:
  /// Adds a tensor; `bytes` are those of a constant. Returns its index. Types: 0 float32, 1
  /// float16, 2 int32.
  std::int64_t Tensor(const std::string& name, const std::vector<std::int64_t>& shape, int type = 0,
                      const std::string& bytes = "");
  /// Makes the last tensor sparse: SparsityParameters.
  void Sparse(FlatNode parameters);
  void Operator(int code, const std::vector<std::int64_t>& inputs,
                const std::vector<std::int64_t>& outputs, const FlatNode& options = {});
  std::string Write(const std::vector<std::int64_t>& inputs,
                    const std::vector<std::int64_t>& outputs);

  FlatNode root;  ///< what Write wrote, to be changed and written again

 private:
  FlatNode::Tables tensors_, operators_, codes_, buffers_ = {{}};
};

/// A dense level, and a compressed one with indices of `bytes`.
FlatNode DenseLevel(std::int64_t size);
FlatNode SparseLevelOf(std::vector<std::int64_t> segments, std::vector<std::int64_t> indices,
                       int bytes = 1);

std::string Floats32(const std::vector<float>& values);
/// float16: values must be exact in it and normal or 0.
std::string Floats16(const std::vector<float>& values);
std::string Ints32(const std::vector<std::int32_t>& values);

}  // namespace systole
