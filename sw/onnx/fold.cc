// SPDX-License-Identifier: Apache-2.0
#include "sw/onnx/fold.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <type_traits>

namespace systole {
namespace {

constexpr std::int64_t kMaxFolded = 4096;

using Result = std::optional<Tensor>;

/// Counts an index over a shape, last dimension fastest.
void Advance(Shape& index, const Shape& shape) {
  for (std::size_t dim = shape.size(); dim-- > 0;) {
    if (++index[dim] < shape[dim]) return;
    index[dim] = 0;
  }
}

/// Elements between two neighbours along each dimension.
Shape Strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t dim = shape.size(); dim-- > 1;) strides[dim - 1] = strides[dim] * shape[dim];
  return strides;
}

/// out[i] = in[source(index of i)].
template <typename Source>
Tensor Move(const Tensor& in, const Shape& shape, Source source) {
  Tensor out(in.type(), shape);
  const std::size_t size = SizeOf(in.type());
  Shape index(shape.size());
  for (std::int64_t i = 0; i < out.size(); ++i, Advance(index, shape)) {
    std::memcpy(out.bytes().data() + static_cast<std::size_t>(i) * size,
                in.bytes().data() + static_cast<std::size_t>(source(index)) * size, size);
  }
  return out;
}

Result FoldShape(const NodeContext& context, const ValueType& out) {
  const Shape& in = context.ShapeOf(0);
  const auto rank = static_cast<std::int64_t>(in.size());
  const std::int64_t given = context.node.Int("start", 0);
  const auto start = std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  const auto from = in.begin() + start;
  return Tensor::Of<std::int64_t>(out.shape, Shape(from, from + out.shape[0]));
}

Result FoldSize(const NodeContext& context, const ValueType&) {
  return Tensor::Scalar(ElementCount(context.ShapeOf(0)));
}

Result FoldReshape(const NodeContext& context, const ValueType& out) {
  return context.constants[0]->Reshaped(out.shape);
}

Result FoldConcat(const NodeContext& context, const ValueType& out) {
  const std::size_t axis = context.Axis(context.node.Int("axis", 1), out.shape.size());
  const std::size_t element = SizeOf(out.type);
  const Shape inner(out.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, out.shape.end());
  const std::size_t block = static_cast<std::size_t>(ElementCount(inner)) * element;
  const std::size_t row = block * static_cast<std::size_t>(out.shape[axis]);
  Tensor result(out.type, out.shape);
  std::size_t column = 0;
  for (const Tensor* part : context.constants) {
    const std::size_t width = block * static_cast<std::size_t>(part->shape()[axis]);
    for (std::size_t at = 0; width != 0 && at < part->bytes().size() / width; ++at) {
      std::memcpy(result.bytes().data() + at * row + column, part->bytes().data() + at * width,
                  width);
    }
    column += width;
  }
  return result;
}

Result FoldSlice(const NodeContext& context, const ValueType& out) {
  const auto ranges = SliceRanges(context);
  if (!ranges) return std::nullopt;
  const Shape strides = Strides(context.ShapeOf(0));
  return Move(*context.constants[0], out.shape, [&](const Shape& index) {
    std::int64_t at = 0;
    for (std::size_t dim = 0; dim < index.size(); ++dim) {
      at += ((*ranges)[dim].start + index[dim] * (*ranges)[dim].step) * strides[dim];
    }
    return at;
  });
}

Result FoldTranspose(const NodeContext& context, const ValueType& out) {
  const Shape strides = Strides(context.ShapeOf(0));
  std::vector<std::int64_t> order;
  for (std::size_t dim = strides.size(); dim-- > 0;) {
    order.push_back(static_cast<std::int64_t>(dim));
  }
  order = context.node.Ints("perm", order);
  return Move(*context.constants[0], out.shape, [&](const Shape& index) {
    std::int64_t at = 0;
    for (std::size_t dim = 0; dim < index.size(); ++dim) {
      at += index[dim] * strides[context.Axis(order[dim], strides.size())];
    }
    return at;
  });
}

Result FoldGather(const NodeContext& context, const ValueType& out) {
  const Shape& in = context.ShapeOf(0);
  const std::size_t axis = context.Axis(context.node.Int("axis", 0), in.size());
  if (context.ShapeOf(1).size() > 1) return std::nullopt;  // shape arithmetic has lists only
  std::vector<std::int64_t> indices = *context.IntsOf(1);
  for (std::int64_t& index : indices) {
    context.Require(index >= -in[axis] && index < in[axis],
                    "index " + std::to_string(index) + " is out of range");
    if (index < 0) index += in[axis];
  }
  const Shape strides = Strides(in);
  const bool list = !context.ShapeOf(1).empty();
  return Move(*context.constants[0], out.shape, [&](const Shape& index) {
    std::int64_t at = 0;
    for (std::size_t dim = 0; dim < in.size(); ++dim) {
      const std::size_t place = list || dim < axis ? dim : dim - 1;
      if (dim == axis) {
        at += indices[list ? static_cast<std::size_t>(index[axis]) : 0] * strides[dim];
      } else {
        at += index[place] * strides[dim];
      }
    }
    return at;
  });
}

Result FoldConstantOfShape(const NodeContext& context, const ValueType& out) {
  const Tensor* value = context.node.TensorOrNull("value");
  if (value == nullptr) return Tensor(out.type, out.shape);
  context.Require(value->size() == 1, "value must have one element");
  return Move(*value, out.shape, [](const Shape&) { return std::int64_t{0}; });
}

template <typename From, typename To>
Result CastTo(const Tensor& in, const Shape& shape) {
  Tensor out(ElementTypeOf<To>(), shape);
  const auto from = in.As<From>();
  const auto to = out.As<To>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
      // Outside of this range the conversion has no defined value.
      if (!(std::fabs(from[i]) < 9.0e18F) || from[i] < static_cast<From>(INT32_MIN) ||
          from[i] > static_cast<From>(INT32_MAX)) {
        return std::nullopt;
      }
    }
    to[i] = static_cast<To>(from[i]);
  }
  return out;
}

template <typename From>
Result CastFrom(const Tensor& in, const ValueType& out) {
  switch (out.type) {
    case ElementType::kInt64:
      return CastTo<From, std::int64_t>(in, out.shape);
    case ElementType::kInt32:
      return CastTo<From, std::int32_t>(in, out.shape);
    case ElementType::kFloat32:
      return CastTo<From, float>(in, out.shape);
    default:
      return std::nullopt;
  }
}

Result FoldCast(const NodeContext& context, const ValueType& out) {
  const Tensor& in = *context.constants[0];
  switch (in.type()) {
    case ElementType::kInt64:
      return CastFrom<std::int64_t>(in, out);
    case ElementType::kInt32:
      return CastFrom<std::int32_t>(in, out);
    case ElementType::kFloat32:
      return CastFrom<float>(in, out);
    default:
      return std::nullopt;
  }
}

/// One elementwise operation; integers wrap as ONNX Runtime's do.
template <typename T>
std::optional<T> Apply(const std::string& op, T a, T b) {
  using Wrap = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>,
                                           std::type_identity<T>>::type;
  const Wrap x = static_cast<Wrap>(a), y = static_cast<Wrap>(b);
  if (op == "Add") return static_cast<T>(x + y);
  if (op == "Sub") return static_cast<T>(x - y);
  if (op == "Mul") return static_cast<T>(x * y);
  if (op == "Min") return std::min(a, b);
  if (op == "Max") return std::max(a, b);
  if constexpr (std::is_integral_v<T>) {
    if (b == 0 || (b == -1 && a == std::numeric_limits<T>::min())) return std::nullopt;
  }
  return a / b;  // Div
}

template <typename T>
Result ApplyAll(const NodeContext& context, const ValueType& out) {
  const auto at = [&](std::size_t input, const Shape& index) {
    const Shape& shape = context.ShapeOf(input);
    const Shape strides = Strides(shape);
    const std::size_t offset = index.size() - shape.size();
    std::int64_t place = 0;
    for (std::size_t dim = 0; dim < shape.size(); ++dim) {
      if (shape[dim] != 1) place += index[offset + dim] * strides[dim];
    }
    return context.constants[input]->As<T>()[static_cast<std::size_t>(place)];
  };
  Tensor result(out.type, out.shape);
  const auto to = result.As<T>();
  Shape index(out.shape.size());
  for (T& value : to) {
    value = at(0, index);
    for (std::size_t input = 1; input < context.constants.size(); ++input) {
      const std::optional<T> next = Apply<T>(context.node.op, value, at(input, index));
      if (!next) return std::nullopt;
      value = *next;
    }
    Advance(index, out.shape);
  }
  return result;
}

Result FoldElementwise(const NodeContext& context, const ValueType& out) {
  if (context.opset < 7) return std::nullopt;  // broadcasting by attributes
  switch (out.type) {
    case ElementType::kInt64:
      return ApplyAll<std::int64_t>(context, out);
    case ElementType::kInt32:
      return ApplyAll<std::int32_t>(context, out);
    case ElementType::kFloat32:
      return ApplyAll<float>(context, out);
    default:
      return std::nullopt;
  }
}

Result FoldRounding(const NodeContext& context, const ValueType& out) {
  if (out.type != ElementType::kFloat32) return std::nullopt;
  Tensor result = *context.constants[0];
  for (float& value : result.As<float>()) {
    value = context.node.op == "Floor" ? std::floor(value) : std::ceil(value);
  }
  return result;
}

}  // namespace

Result Fold(const NodeContext& context, const ValueType& out) {
  using Folder = Result (*)(const NodeContext&, const ValueType&);
  static const std::map<std::string, Folder> from_shapes = {{"Shape", FoldShape},
                                                            {"Size", FoldSize}};
  static const std::map<std::string, Folder> from_values = {
      {"Identity", FoldReshape},  {"Reshape", FoldReshape},
      {"Flatten", FoldReshape},   {"Squeeze", FoldReshape},
      {"Unsqueeze", FoldReshape}, {"Concat", FoldConcat},
      {"Slice", FoldSlice},       {"Transpose", FoldTranspose},
      {"Gather", FoldGather},     {"ConstantOfShape", FoldConstantOfShape},
      {"Cast", FoldCast},         {"Add", FoldElementwise},
      {"Sub", FoldElementwise},   {"Mul", FoldElementwise},
      {"Div", FoldElementwise},   {"Min", FoldElementwise},
      {"Max", FoldElementwise},   {"Floor", FoldRounding},
      {"Ceil", FoldRounding},
  };
  if (!out.has_shape || ElementCount(out.shape) > kMaxFolded) return std::nullopt;
  const std::string& op = context.node.op;
  if (const auto found = from_shapes.find(op); found != from_shapes.end()) {
    return found->second(context, out);
  }
  const auto found = from_values.find(op);
  if (found == from_values.end()) return std::nullopt;
  const bool all = std::all_of(context.constants.begin(), context.constants.end(),
                               [](const Tensor* tensor) { return tensor != nullptr; });
  return all && !context.constants.empty() ? found->second(context, out) : std::nullopt;
}

}  // namespace systole
