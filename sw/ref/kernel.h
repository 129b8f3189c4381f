// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the operators of the reference share. Internal to sw/ref.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sw/ir/network.h"

namespace systole::ref {

/// Throws RequestError; ExecuteNode puts the node's name and operator in front.
[[noreturn]] void Fail(const std::string& what);
/// Fails unless `good`.
inline void Require(bool good, const char* what) {
  if (!good) Fail(what);
}

/// One execution of one node.
struct Call {
  const Node& node;
  const std::vector<const Tensor*>& inputs;
  int opset;

  /// Input `index`; fails when it is absent.
  const Tensor& In(std::size_t index) const;
  /// Input `index`, or null when it is absent.
  const Tensor* Optional(std::size_t index) const;
};

/// An operator: the outputs in order. It may rely on nothing about the inputs and attributes.
using Kernel = std::vector<Tensor> (*)(const Call& call);
struct KernelEntry {
  const char* op;
  Kernel kernel;
};

// The operators, by the file they stand in.
std::span<const KernelEntry> ActivationKernels();
std::span<const KernelEntry> AveragePoolKernels();
std::span<const KernelEntry> ConvKernels();
std::span<const KernelEntry> ElementwiseKernels();
std::span<const KernelEntry> MatMulKernels();
std::span<const KernelEntry> MaxPoolKernels();
std::span<const KernelEntry> MovementKernels();
std::span<const KernelEntry> QuantizeKernels();
std::span<const KernelEntry> ReduceKernels();
std::span<const KernelEntry> ResizeKernels();
std::span<const KernelEntry> ShapeKernels();

/// Zeros; fails when the tensor would exceed 1 GiB, before memory is asked for.
Tensor MakeTensor(ElementType type, Shape shape);

/// `axis` as an index into `rank` dimensions; negative axes count from the end.
std::size_t NormalizeAxis(std::int64_t axis, std::size_t rank);
/// The same for a list, whose members must differ.
std::vector<std::size_t> NormalizeAxes(const std::vector<std::int64_t>& axes, std::size_t rank);

/// Product of dimensions [begin, end); all are known not to be negative.
std::int64_t CountBetween(const Shape& shape, std::size_t begin, std::size_t end);

/// Elements of an int64 or int32 tensor (shapes, axes, pads, indices given as inputs).
std::vector<std::int64_t> ToInts(const Tensor& tensor);
/// The float32 of a tensor with one element.
float ToFloat(const Tensor& tensor, const char* what);

/// A tensor of int8, uint8 or int32 as int32; `what` names it in messages.
std::vector<std::int32_t> ToInt32(const Tensor& tensor, const char* what);

/// Calls `function.template operator()<T>()` with the C++ type of `type`; fails for other types.
template <typename First, typename... Rest, typename Function>
auto Dispatch(ElementType type, Function&& function) {
  using Result = decltype(function.template operator()<First>());
  Result result{};
  const auto attempt = [&]<typename T>() {
    if (type != ElementTypeOf<T>()) return false;
    result = function.template operator()<T>();
    return true;
  };
  const bool found =
      attempt.template operator()<First>() || (attempt.template operator()<Rest>() || ...);
  if (!found) Fail("element type " + ToString(type) + " is not supported here");
  return result;
}

}  // namespace systole::ref
