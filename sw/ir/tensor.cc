// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/tensor.h"

#include <fmt/format.h>

#include <cstring>

#include "base/error.h"

namespace systole {

std::size_t SizeOf(ElementType type) {
  switch (type) {
    case ElementType::kUndefined:
      return 0;
    case ElementType::kUint8:
    case ElementType::kInt8:
    case ElementType::kBool:
      return 1;
    case ElementType::kFloat32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kFloat64:
      return 8;
  }
  return 0;
}

std::string ToString(ElementType type) {
  switch (type) {
    case ElementType::kUndefined:
      return "undefined";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kBool:
      return "bool";
    case ElementType::kFloat64:
      return "float64";
  }
  return "undefined";
}

std::int64_t ElementCount(const Shape& shape) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 40;
  if (shape.size() > kMaxDimensions) {
    throw RequestError(fmt::format("a shape has {} dimensions, more than the limit of {}",
                                   shape.size(), kMaxDimensions));
  }
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) {
    if (dim < 0) {
      throw RequestError(
          fmt::format("shape {} has a negative or unknown dimension", ToString(shape)));
    }
    if (dim > kLimit || (dim != 0 && count > kLimit / dim)) {
      throw RequestError(fmt::format("shape {} has more than 2^40 elements", ToString(shape)));
    }
    count *= dim;
  }
  return count;
}

std::string ToString(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t dim : shape) {
    if (!text.empty()) text += 'x';
    text += dim == -1 ? std::string("?") : std::to_string(dim);
  }
  return text;
}

Tensor::Tensor(ElementType type, Shape shape)
    : type_(type), shape_(std::move(shape)), count_(ElementCount(shape_)) {
  const std::int64_t size = count_ * static_cast<std::int64_t>(SizeOf(type));
  if (size > kMaxTensorBytes) {
    throw RequestError(fmt::format("a tensor of {} {} needs {} bytes, more than the limit of {}",
                                   ToString(shape_), ToString(type), size, kMaxTensorBytes));
  }
  data_.resize(static_cast<std::size_t>(size));
}

Tensor Tensor::Reshaped(Shape shape) const {
  if (ElementCount(shape) != count_) {
    throw RequestError(fmt::format("{} elements of shape {} do not fit shape {}", count_,
                                   ToString(shape_), ToString(shape)));
  }
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

void Tensor::CheckType(ElementType wanted) const {
  if (type_ == wanted) return;
  throw RequestError(
      fmt::format("a tensor of {} stands where {} is needed", ToString(type_), ToString(wanted)));
}

void Tensor::Assign(const void* bytes, std::size_t size) {
  if (size != data_.size()) {
    throw RequestError(fmt::format("{} bytes of data for a tensor of {} {}, which has {}", size,
                                   ToString(shape_), ToString(type_), data_.size()));
  }
  if (size != 0) std::memcpy(data_.data(), bytes, size);
}

}  // namespace systole
