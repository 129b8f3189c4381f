// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/kernel.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::ref {
namespace {

constexpr std::int64_t kMaxTensorBytes = std::int64_t{1} << 30;

}  // namespace

void Fail(const std::string& what) { throw RequestError(what); }

const Tensor& Call::In(std::size_t index) const {
  const Tensor* tensor = Optional(index);
  if (tensor == nullptr) Fail(fmt::format("input {} is missing", index));
  return *tensor;
}

const Tensor* Call::Optional(std::size_t index) const {
  return index < inputs.size() ? inputs[index] : nullptr;
}

Tensor MakeTensor(ElementType type, Shape shape) {
  const std::int64_t count = ElementCount(shape);
  if (count > kMaxTensorBytes / static_cast<std::int64_t>(std::max<std::size_t>(SizeOf(type), 1))) {
    Fail(fmt::format("a tensor {} of {} is larger than 1 GiB", ToString(shape), ToString(type)));
  }
  return Tensor(type, std::move(shape));
}

std::size_t NormalizeAxis(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    Fail(fmt::format("axis {} is out of range for {} dimensions", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::vector<std::size_t> NormalizeAxes(const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::vector<std::size_t> result;
  for (const std::int64_t axis : axes) {
    const std::size_t index = NormalizeAxis(axis, rank);
    if (std::find(result.begin(), result.end(), index) != result.end()) {
      Fail(fmt::format("axis {} is given twice", axis));
    }
    result.push_back(index);
  }
  return result;
}

std::int64_t CountBetween(const Shape& shape, std::size_t begin, std::size_t end) {
  std::int64_t count = 1;
  for (std::size_t i = begin; i < end; ++i) count *= shape[i];
  return count;
}

std::vector<std::int64_t> ToInts(const Tensor& tensor) {
  if (tensor.type() == ElementType::kInt32) {
    const auto values = tensor.As<std::int32_t>();
    return {values.begin(), values.end()};
  }
  const auto values = tensor.As<std::int64_t>();
  return {values.begin(), values.end()};
}

float ToFloat(const Tensor& tensor, const char* what) {
  if (tensor.size() != 1 || tensor.type() != ElementType::kFloat32) {
    Fail(fmt::format("{} must be one float32, but is {} of {}", what, ToString(tensor.shape()),
                     ToString(tensor.type())));
  }
  return tensor.As<float>()[0];
}

std::vector<std::int32_t> ToInt32(const Tensor& tensor, const char* what) {
  const auto copy = [](auto values) {
    return std::vector<std::int32_t>(values.begin(), values.end());
  };
  switch (tensor.type()) {
    case ElementType::kInt8:
      return copy(tensor.As<std::int8_t>());
    case ElementType::kUint8:
      return copy(tensor.As<std::uint8_t>());
    case ElementType::kInt32:
      return copy(tensor.As<std::int32_t>());
    default:
      Fail(fmt::format("{} has the element type {}; int8, uint8 or int32 is supported", what,
                       ToString(tensor.type())));
  }
}

}  // namespace systole::ref
