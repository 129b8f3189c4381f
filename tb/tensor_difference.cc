// SPDX-License-Identifier: Apache-2.0
#include "tb/tensor_difference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

namespace systole {
namespace {

std::string Element(const Tensor& tensor, std::size_t i) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return fmt::format("{}", tensor.As<float>()[i]);
    case ElementType::kUint8:
      return fmt::format("{}", tensor.As<std::uint8_t>()[i]);
    case ElementType::kInt8:
      return fmt::format("{}", tensor.As<std::int8_t>()[i]);
    case ElementType::kInt32:
      return fmt::format("{}", tensor.As<std::int32_t>()[i]);
    case ElementType::kInt64:
      return fmt::format("{}", tensor.As<std::int64_t>()[i]);
    case ElementType::kFloat64:
      return fmt::format("{}", tensor.As<double>()[i]);
    case ElementType::kBool:
      return tensor.As<bool>()[i] ? "true" : "false";
    case ElementType::kUndefined:
      break;
  }
  return "?";
}

Shape Position(const Shape& shape, std::int64_t flat) {
  Shape position(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return position;
}

}  // namespace

std::string DescribeDifference(const Tensor& actual, const Tensor& expected) {
  if (actual.type() != expected.type() || actual.shape() != expected.shape()) {
    return fmt::format("the result is {} {}, the reference {} {}", ToString(actual.type()),
                       ToString(actual.shape()), ToString(expected.type()),
                       ToString(expected.shape()));
  }
  const std::size_t size = SizeOf(actual.type()), count = static_cast<std::size_t>(actual.size());
  std::size_t first = count, differing = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::memcmp(&actual.bytes()[i * size], &expected.bytes()[i * size], size) == 0) continue;
    if (differing++ == 0) first = i;
  }
  if (differing == 0) return "";
  return fmt::format("element [{}] is {}, the reference has {}; {} of {} elements differ",
                     fmt::join(Position(actual.shape(), static_cast<std::int64_t>(first)), ","),
                     Element(actual, first), Element(expected, first), differing, count);
}

}  // namespace systole
