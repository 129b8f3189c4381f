// SPDX-License-Identifier: Apache-2.0
#include "sw/prune/zeros.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/error.h"

namespace systole {
namespace {

template <typename T>
std::int64_t CountNonzero(const Tensor& tensor) {
  const auto values = tensor.As<T>();
  return std::count_if(values.begin(), values.end(), [](T value) { return value != 0; });
}

std::int64_t CountNonzero(const Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return CountNonzero<float>(tensor);
    case ElementType::kInt8:
      return CountNonzero<std::int8_t>(tensor);
    case ElementType::kUint8:
      return CountNonzero<std::uint8_t>(tensor);
    default:
      throw RequestError(fmt::format("zeros of {} are not counted: float32, int8 or uint8",
                                     ToString(tensor.type())));
  }
}

}  // namespace

void CheckLineBytes(std::int64_t line_bytes) {
  if (line_bytes >= kMinLineBytes && line_bytes <= kMaxLineBytes &&
      std::has_single_bit(static_cast<std::uint64_t>(line_bytes))) {
    return;
  }
  throw RequestError(fmt::format("a cache line of {} bytes is out of range: a power of two, {} to "
                                 "{}",
                                 line_bytes, kMinLineBytes, kMaxLineBytes),
                     "take 32");
}

ZeroCount& ZeroCount::operator+=(const ZeroCount& other) {
  values += other.values;
  nonzero += other.nonzero;
  lines += other.lines;
  zero_lines += other.zero_lines;
  return *this;
}

ZeroCount CountZeros(const Tensor& tensor, std::int64_t line_bytes) {
  CheckLineBytes(line_bytes);
  ZeroCount result{tensor.size(), CountNonzero(tensor), 0, 0};
  const auto bytes = tensor.bytes();
  const auto line = static_cast<std::size_t>(line_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += line) {
    const auto part = bytes.subspan(at, std::min(line, bytes.size() - at));
    ++result.lines;
    result.zero_lines +=
        std::all_of(part.begin(), part.end(), [](std::byte byte) { return byte == std::byte{0}; });
  }
  return result;
}

}  // namespace systole
