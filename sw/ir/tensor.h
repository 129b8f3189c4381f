// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace systole {

/// Element types; the numbers are those of ONNX's TensorProto.DataType.
enum class ElementType {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat64 = 11,
};

/// Bytes of one element; 0 for kUndefined.
std::size_t SizeOf(ElementType type);
/// "float32", "int8", ...
std::string ToString(ElementType type);

using Shape = std::vector<std::int64_t>;

/// More dimensions than any network has; a hostile one could double them with every node.
constexpr std::size_t kMaxDimensions = 64;

/// Product of the dimensions (1 for a scalar). Throws RequestError when a dimension is negative,
/// there are more than kMaxDimensions or the product exceeds 2^40 elements: no network needs it, a
/// hostile file might ask for it.
std::int64_t ElementCount(const Shape& shape);
/// "1x3x48x192", "scalar", unknown dimensions (-1) as "?".
std::string ToString(const Shape& shape);

template <typename T>
constexpr ElementType ElementTypeOf();
template <>
constexpr ElementType ElementTypeOf<float>() {
  return ElementType::kFloat32;
}
template <>
constexpr ElementType ElementTypeOf<std::uint8_t>() {
  return ElementType::kUint8;
}
template <>
constexpr ElementType ElementTypeOf<std::int8_t>() {
  return ElementType::kInt8;
}
template <>
constexpr ElementType ElementTypeOf<std::int32_t>() {
  return ElementType::kInt32;
}
template <>
constexpr ElementType ElementTypeOf<std::int64_t>() {
  return ElementType::kInt64;
}
template <>
constexpr ElementType ElementTypeOf<bool>() {
  return ElementType::kBool;
}
template <>
constexpr ElementType ElementTypeOf<double>() {
  return ElementType::kFloat64;
}

/// No tensor takes more memory: a hostile shape must not exhaust the machine.
constexpr std::int64_t kMaxTensorBytes = std::int64_t{1} << 32;

/// A dense tensor in row-major order; a value.
class Tensor {
 public:
  Tensor() = default;
  /// Zeros. Throws RequestError for a bad shape or more than kMaxTensorBytes.
  Tensor(ElementType type, Shape shape);
  template <typename T>
  static Tensor Of(Shape shape, std::span<const T> values) {
    Tensor tensor(ElementTypeOf<T>(), std::move(shape));
    tensor.Assign(values.data(), values.size() * sizeof(T));
    return tensor;
  }
  template <typename T>
  static Tensor Of(Shape shape, const std::vector<T>& values) {
    return Of<T>(std::move(shape), std::span<const T>(values));
  }
  template <typename T>
  static Tensor Scalar(T value) {
    return Of<T>({}, std::span<const T>(&value, 1));
  }

  ElementType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return count_; }
  std::span<const std::byte> bytes() const { return data_; }
  std::span<std::byte> bytes() { return data_; }

  /// The elements; throws RequestError when T is not the element type.
  template <typename T>
  std::span<const T> As() const {
    CheckType(ElementTypeOf<T>());
    return {reinterpret_cast<const T*>(data_.data()), static_cast<std::size_t>(count_)};
  }
  template <typename T>
  std::span<T> As() {
    CheckType(ElementTypeOf<T>());
    return {reinterpret_cast<T*>(data_.data()), static_cast<std::size_t>(count_)};
  }

  /// The same elements in another shape of the same count; throws RequestError otherwise.
  Tensor Reshaped(Shape shape) const;

  /// Same type, shape and bytes (so NaN equals itself and -0.0f differs from 0.0f).
  friend bool operator==(const Tensor&, const Tensor&) = default;

 private:
  void CheckType(ElementType wanted) const;
  void Assign(const void* bytes, std::size_t size);

  ElementType type_ = ElementType::kUndefined;
  Shape shape_;
  std::int64_t count_ = 0;
  std::vector<std::byte> data_;
};

}  // namespace systole
