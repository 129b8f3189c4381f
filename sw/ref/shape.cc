// SPDX-License-Identifier: Apache-2.0
// Operators that keep the elements as they are: new shapes, constants, conversions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "sw/ref/kernel.h"

namespace systole::ref {
namespace {

std::vector<Tensor> Reshape(const Call& call) {
  const Tensor& x = call.In(0);
  Shape shape = call.opset < 5 ? call.node.Ints("shape", {}) : ToInts(call.In(1));
  const bool allow_zero = call.opset >= 14 && call.node.Int("allowzero", 0) != 0;
  std::int64_t known = 1;
  std::ptrdiff_t unknown = -1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !allow_zero) {
      Require(i < x.shape().size(), "a dimension 0 has no dimension to copy");
      shape[i] = x.shape()[i];
    }
    if (shape[i] == -1) {
      Require(unknown < 0, "more than one dimension is -1");
      unknown = static_cast<std::ptrdiff_t>(i);
    } else {
      known = ElementCount({known, shape[i]});
    }
  }
  if (unknown >= 0) {
    Require(known > 0 && x.size() % known == 0, "the dimension -1 cannot be inferred");
    shape[static_cast<std::size_t>(unknown)] = x.size() / known;
  }
  return {x.Reshaped(shape)};
}

std::vector<Tensor> Flatten(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t rank = x.shape().size();
  const std::int64_t given = call.node.Int("axis", 1);
  const std::size_t axis =
      given == static_cast<std::int64_t>(rank) ? rank : NormalizeAxis(given, rank);
  return {x.Reshaped({CountBetween(x.shape(), 0, axis), CountBetween(x.shape(), axis, rank)})};
}

std::vector<std::int64_t> AxesOf(const Call& call) {
  if (call.opset < 13) return call.node.Ints("axes", {});
  const Tensor* axes = call.Optional(1);
  return axes == nullptr ? std::vector<std::int64_t>{} : ToInts(*axes);
}

std::vector<Tensor> Squeeze(const Call& call) {
  const Tensor& x = call.In(0);
  const auto axes = NormalizeAxes(AxesOf(call), x.shape().size());
  Shape shape;
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    const bool listed = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (listed && x.shape()[i] != 1) {
      Fail(fmt::format("dimension {} of {} is not 1", i, ToString(x.shape())));
    }
    if (!listed && !(axes.empty() && x.shape()[i] == 1)) shape.push_back(x.shape()[i]);
  }
  return {x.Reshaped(shape)};
}

std::vector<Tensor> Unsqueeze(const Call& call) {
  const Tensor& x = call.In(0);
  const auto listed = AxesOf(call);
  const std::size_t rank = x.shape().size() + listed.size();
  const auto axes = NormalizeAxes(listed, rank);
  Shape shape;
  auto dim = x.shape().begin();
  for (std::size_t i = 0; i < rank; ++i) {
    const bool added = std::find(axes.begin(), axes.end(), i) != axes.end();
    shape.push_back(added ? 1 : *dim++);
  }
  return {x.Reshaped(shape)};
}

std::vector<Tensor> ShapeOf(const Call& call) {
  const Shape& shape = call.In(0).shape();
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto place = [rank](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t begin = place(call.node.Int("start", 0));
  const std::int64_t end = std::max(begin, place(call.node.Int("end", rank)));
  const std::vector<std::int64_t> part(shape.begin() + begin, shape.begin() + end);
  return {Tensor::Of<std::int64_t>({end - begin}, part)};
}

/// A float to an integer: truncated; what does not fit becomes the nearest bound, NaN becomes 0
/// (ONNX leaves both undefined).
template <typename To, typename From>
To Convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{0};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(value)) return 0;
    const double truncated = std::trunc(static_cast<double>(value));
    if (truncated <= static_cast<double>(std::numeric_limits<To>::min())) {
      return std::numeric_limits<To>::min();
    }
    // As a double the maximum of int64 is one too large, so equality is saturation as well.
    if (truncated >= static_cast<double>(std::numeric_limits<To>::max())) {
      return std::numeric_limits<To>::max();
    }
    return static_cast<To>(truncated);
  } else {
    return static_cast<To>(value);
  }
}

std::vector<Tensor> Cast(const Call& call) {
  const Tensor& x = call.In(0);
  const auto to = static_cast<ElementType>(call.node.Int("to", 0));
  return {Dispatch<float, double, std::int8_t, std::uint8_t, std::int32_t, std::int64_t, bool>(
      to, [&]<typename To>() {
        return Dispatch<float, double, std::int8_t, std::uint8_t, std::int32_t, std::int64_t, bool>(
            x.type(), [&]<typename From>() {
              Tensor y = MakeTensor(to, x.shape());
              const auto in = x.As<From>();
              const auto out = y.As<To>();
              for (std::size_t i = 0; i < in.size(); ++i) out[i] = Convert<To>(in[i]);
              return y;
            });
      })};
}

std::vector<Tensor> Constant(const Call& call) {
  const Node& node = call.node;
  if (const Tensor* value = node.TensorOrNull("value")) return {*value};
  if (node.attributes.contains("value_float"))
    return {Tensor::Scalar(node.Float("value_float", 0))};
  if (node.attributes.contains("value_int")) {
    return {Tensor::Scalar<std::int64_t>(node.Int("value_int", 0))};
  }
  if (node.attributes.contains("value_floats")) {
    const auto values = node.Floats("value_floats", {});
    return {Tensor::Of<float>({static_cast<std::int64_t>(values.size())}, values)};
  }
  if (node.attributes.contains("value_ints")) {
    const auto values = node.Ints("value_ints", {});
    return {Tensor::Of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values)};
  }
  Fail("the constant has no value of a supported kind");
}

std::vector<Tensor> Identity(const Call& call) { return {call.In(0)}; }

/// Inference: the input, and a mask that keeps everything.
std::vector<Tensor> Dropout(const Call& call) {
  const Tensor& x = call.In(0);
  if (const Tensor* training = call.Optional(2)) {
    Require(training->size() == 1, "training_mode must be one bool");
    const Tensor* ratio = call.Optional(1);
    const bool drops = ratio == nullptr || ToFloat(*ratio, "the ratio") != 0.0F;
    Require(!training->As<bool>()[0] || !drops, "training mode is not supported");
  }
  std::vector<Tensor> outputs = {x};
  if (call.node.outputs.size() < 2 || call.node.outputs[1].empty()) return outputs;
  if (call.opset < 10) {
    Tensor mask(x.type(), x.shape());
    for (float& keep : mask.As<float>()) keep = 1.0F;
    outputs.push_back(std::move(mask));
  } else {
    Tensor mask(ElementType::kBool, x.shape());
    for (bool& keep : mask.As<bool>()) keep = true;
    outputs.push_back(std::move(mask));
  }
  return outputs;
}

}  // namespace

std::span<const KernelEntry> ShapeKernels() {
  static constexpr KernelEntry kEntries[] = {
      {"Cast", Cast},       {"Constant", Constant}, {"Dropout", Dropout},
      {"Flatten", Flatten}, {"Identity", Identity}, {"Reshape", Reshape},
      {"Shape", ShapeOf},   {"Squeeze", Squeeze},   {"Unsqueeze", Unsqueeze}};
  return kEntries;
}

}  // namespace systole::ref
