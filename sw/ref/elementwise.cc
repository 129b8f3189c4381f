// SPDX-License-Identifier: Apache-2.0
// Operators on one or more tensors, element by element, with broadcasting.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <type_traits>
#include <vector>

#include "sw/ref/broadcast.h"
#include "sw/ref/kernel.h"

namespace systole::ref {
namespace {

// Integers wrap, as ONNX Runtime's do: computed without sign, where overflow is defined.
template <typename T, typename Function>
T Wrapping(T a, T b, Function function) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(function(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  } else {
    return function(a, b);
  }
}

struct AddOp {
  template <typename T>
  T operator()(T a, T b) const {
    return Wrapping(a, b, std::plus<>());
  }
};
struct SubOp {
  template <typename T>
  T operator()(T a, T b) const {
    return Wrapping(a, b, std::minus<>());
  }
};
struct MulOp {
  template <typename T>
  T operator()(T a, T b) const {
    return Wrapping(a, b, std::multiplies<>());
  }
};
struct DivOp {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) Fail("an integer is divided by zero");
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return SubOp()(T{0}, a);  // the quotient of the minimum does not fit
      }
    }
    return static_cast<T>(a / b);
  }
};
template <typename T>
bool IsNan([[maybe_unused]] T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(value);
  } else {
    return false;
  }
}

// A NaN among the operands is the result.
struct MaxOp {
  template <typename T>
  T operator()(T a, T b) const {
    return IsNan(a) || a > b ? a : b;
  }
};
struct MinOp {
  template <typename T>
  T operator()(T a, T b) const {
    return IsNan(a) || a < b ? a : b;
  }
};

template <typename T, typename Op>
Tensor Combine(const Tensor& a, const Tensor& b, Op op) {
  Tensor y = MakeTensor(a.type(), BroadcastShape(a.shape(), b.shape()));
  const T *left = a.As<T>().data(), *right = b.As<T>().data();
  T* out = y.As<T>().data();
  const std::int64_t count = y.size();
  if (a.size() == count && b.size() == count) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = op(left[i], right[i]);
  } else if (a.size() == count && b.size() == 1) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = op(left[i], right[0]);
  } else {
    const auto l = BroadcastIndex(a.shape(), y.shape()), r = BroadcastIndex(b.shape(), y.shape());
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      out[i] = op(left[l[at]], right[r[at]]);
    }
  }
  return y;
}

template <typename Op>
Tensor CombineAny(const Tensor& a, const Tensor& b) {
  if (a.type() != b.type()) {
    Fail("the operands have the types " + ToString(a.type()) + " and " + ToString(b.type()));
  }
  return Dispatch<float, double, std::int8_t, std::uint8_t, std::int32_t, std::int64_t>(
      a.type(), [&]<typename T>() { return Combine<T>(a, b, Op()); });
}

/// The second operand as operator sets before 7 broadcast it: along the dimensions of the first
/// from `axis` on (by default its last ones), and only if `broadcast` says so.
Tensor LegacyOperand(const Call& call) {
  const Tensor &a = call.In(0), &b = call.In(1);
  const std::size_t rank = a.shape().size(), rank_b = b.shape().size();
  if (call.node.Int("broadcast", 0) == 0) {
    if (a.shape() != b.shape()) {
      Fail("the shapes " + ToString(a.shape()) + " and " + ToString(b.shape()) + " differ");
    }
    return b;
  }
  if (rank_b > rank) Fail("the second operand has more dimensions than the first");
  const auto last = static_cast<std::int64_t>(rank - rank_b);
  std::int64_t axis = call.node.Int("axis", last);
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis > last) Fail("axis is out of range");
  Shape shape = b.shape();
  shape.resize(rank - static_cast<std::size_t>(axis), 1);
  return b.Reshaped(shape);
}

template <typename Op>
std::vector<Tensor> Binary(const Call& call) {
  if (call.opset < 7) {
    Tensor y = CombineAny<Op>(call.In(0), LegacyOperand(call));
    if (y.shape() != call.In(0).shape()) Fail("the second operand does not fit the first");
    return {std::move(y)};
  }
  return {CombineAny<Op>(call.In(0), call.In(1))};
}

template <typename Op>
std::vector<Tensor> Variadic(const Call& call) {
  Tensor y = call.In(0);
  for (std::size_t i = 1; i < call.inputs.size(); ++i) y = CombineAny<Op>(y, call.In(i));
  return {std::move(y)};
}

/// ONNX Runtime squares and cubes by multiplication.
template <typename T, typename Exponent>
T Power(T base, Exponent exponent) {
  if (exponent == Exponent{2}) return MulOp()(base, base);
  if (exponent == Exponent{3}) return MulOp()(MulOp()(base, base), base);
  if constexpr (std::is_same_v<T, float>) {
    return std::pow(base, static_cast<float>(exponent));
  } else {
    const double power = std::pow(static_cast<double>(base), static_cast<double>(exponent));
    // Clamped, as a conversion that does not fit is undefined; bounds of int64 as doubles.
    if (!(power > -0x1p63)) return static_cast<T>(std::numeric_limits<std::int64_t>::min());
    if (!(power < 0x1p63)) return static_cast<T>(std::numeric_limits<std::int64_t>::max());
    return static_cast<T>(static_cast<std::int64_t>(power));
  }
}

template <typename T, typename Exponent>
Tensor PowerOf(const Tensor& x, const Tensor& exponents) {
  Tensor y = MakeTensor(x.type(), BroadcastShape(x.shape(), exponents.shape()));
  const auto l = BroadcastIndex(x.shape(), y.shape());
  const auto r = BroadcastIndex(exponents.shape(), y.shape());
  const T* base = x.As<T>().data();
  const Exponent* exponent = exponents.As<Exponent>().data();
  const auto out = y.As<T>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = Power(base[l[i]], exponent[r[i]]);
  return y;
}

std::vector<Tensor> Pow(const Call& call) {
  const Tensor x = call.In(0);
  const Tensor exponents = call.opset < 7 ? LegacyOperand(call) : call.In(1);
  return {Dispatch<float, std::int32_t, std::int64_t>(x.type(), [&]<typename T>() {
    return Dispatch<float, std::int32_t, std::int64_t>(
        exponents.type(), [&]<typename Exponent>() { return PowerOf<T, Exponent>(x, exponents); });
  })};
}

}  // namespace

std::span<const KernelEntry> ElementwiseKernels() {
  static constexpr KernelEntry kEntries[] = {{"Add", Binary<AddOp>},   {"Div", Binary<DivOp>},
                                             {"Max", Variadic<MaxOp>}, {"Min", Variadic<MinOp>},
                                             {"Mul", Binary<MulOp>},   {"Pow", Pow},
                                             {"Sub", Binary<SubOp>}};
  return kEntries;
}

}  // namespace systole::ref
