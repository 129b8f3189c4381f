// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/layout.h"

namespace systole::ref {
namespace {

/// Calls body(prefix index, source offset) for each index of all dimensions but the last; `step`
/// gives what an index of a dimension adds to the offset.
template <typename Step, typename Body>
void ForEachLine(const Shape& shape, Step step, Body body) {
  const std::size_t outer = shape.empty() ? 0 : shape.size() - 1;
  const std::int64_t lines = CountBetween(shape, 0, outer);
  Shape index(outer, 0);
  for (std::int64_t line = 0; line < lines; ++line) {
    std::int64_t offset = 0;
    bool inside = true;
    for (std::size_t i = 0; i < outer; ++i) {
      const std::int64_t add = step(i, index[i]);
      inside = inside && add >= 0;
      offset += add;
    }
    body(line, inside ? offset : -1);
    for (std::size_t i = outer; i-- > 0;) {
      if (++index[i] < shape[i]) break;
      index[i] = 0;
    }
  }
}

/// Calls function with an unsigned type of the elements' size: movement does not read values.
template <typename Function>
void BySize(ElementType type, Function function) {
  switch (SizeOf(type)) {
    case 1:
      return function.template operator()<std::uint8_t>();
    case 4:
      return function.template operator()<std::uint32_t>();
    case 8:
      return function.template operator()<std::uint64_t>();
    default:
      Fail("the input has no element type");
  }
}

}  // namespace

Shape Strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Tensor StridedCopy(const Tensor& in, const Shape& out, std::int64_t offset, const Shape& strides) {
  Tensor y = MakeTensor(in.type(), out);
  if (y.size() == 0) return y;
  const std::int64_t length = out.empty() ? 1 : out.back();
  const std::int64_t stride = out.empty() ? 0 : strides.back();
  BySize(in.type(), [&]<typename T>() {
    const T* from = reinterpret_cast<const T*>(in.bytes().data()) + offset;
    T* to = reinterpret_cast<T*>(y.bytes().data());
    Shape index(out.size(), 0);
    const std::size_t outer = out.empty() ? 0 : out.size() - 1;
    std::int64_t at = 0;
    for (std::int64_t done = 0; done < y.size(); done += length) {
      for (std::int64_t i = 0; i < length; ++i) to[done + i] = from[at + i * stride];
      for (std::size_t i = outer; i-- > 0;) {
        at += strides[i];
        if (++index[i] < out[i]) break;
        at -= strides[i] * out[i];
        index[i] = 0;
      }
    }
  });
  return y;
}

Tensor MappedCopy(const Tensor& in, const std::vector<std::vector<std::int64_t>>& maps,
                  const Tensor* fill) {
  Shape shape;
  for (const auto& map : maps) shape.push_back(static_cast<std::int64_t>(map.size()));
  Tensor y = MakeTensor(in.type(), shape);
  if (y.size() == 0) return y;
  if (maps.empty()) return in;
  const Shape strides = Strides(in.shape());
  BySize(in.type(), [&]<typename T>() {
    const T* from = reinterpret_cast<const T*>(in.bytes().data());
    T* to = reinterpret_cast<T*>(y.bytes().data());
    T padding{};
    if (fill != nullptr) std::memcpy(&padding, fill->bytes().data(), sizeof(T));
    const auto& last = maps.back();
    ForEachLine(
        shape,
        [&](std::size_t dim, std::int64_t index) {
          const std::int64_t source = maps[dim][static_cast<std::size_t>(index)];
          return source < 0 ? -1 : source * strides[dim];
        },
        [&](std::int64_t, std::int64_t offset) {
          for (const std::int64_t source : last) {
            *to++ = offset < 0 || source < 0 ? padding : from[offset + source];
          }
        });
  });
  return y;
}

}  // namespace systole::ref
