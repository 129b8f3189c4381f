// SPDX-License-Identifier: Apache-2.0
// ReduceMean, Softmax and LRN: sums in double, rounded once at the end.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sw/ref/broadcast.h"
#include "sw/ref/kernel.h"

namespace systole::ref {
namespace {

std::vector<Tensor> ReduceMean(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t rank = x.shape().size();
  std::vector<std::int64_t> listed = call.node.Ints("axes", {});
  if (call.opset >= 18) {
    const Tensor* axes = call.Optional(1);
    listed = axes == nullptr ? std::vector<std::int64_t>{} : ToInts(*axes);
  }
  if (listed.empty()) {
    if (call.node.Int("noop_with_empty_axes", 0) != 0) return {x};
    listed.resize(rank);
    std::iota(listed.begin(), listed.end(), 0);
  }
  Shape kept = x.shape();
  for (const std::size_t axis : NormalizeAxes(listed, rank)) kept[axis] = 1;
  Tensor y = MakeTensor(ElementType::kFloat32, kept);
  const auto in = x.As<float>();
  const auto out = y.As<float>();
  std::vector<double> sums(out.size(), 0.0);
  const auto index = BroadcastIndex(kept, x.shape());
  for (std::size_t i = 0; i < in.size(); ++i) sums[static_cast<std::size_t>(index[i])] += in[i];
  Require(!in.empty() || out.empty(), "the mean of nothing has no value");
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(sums[i] / static_cast<double>(in.size() / out.size()));
  }
  if (call.node.Int("keepdims", 1) != 0) return {std::move(y)};
  Shape dropped;
  const auto axes = NormalizeAxes(listed, rank);
  for (std::size_t i = 0; i < rank; ++i) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) dropped.push_back(kept[i]);
  }
  return {y.Reshaped(dropped)};
}

/// `count` values, `stride` apart.
void SoftmaxLine(const float* in, float* out, std::int64_t count, std::int64_t stride) {
  float highest = in[0];
  for (std::int64_t i = 1; i < count; ++i) highest = std::max(highest, in[i * stride]);
  std::vector<double> powers(static_cast<std::size_t>(count));
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double power = std::exp(double{in[i * stride]} - double{highest});
    powers[static_cast<std::size_t>(i)] = power;
    sum += power;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    out[i * stride] = static_cast<float>(powers[static_cast<std::size_t>(i)] / sum);
  }
}

std::vector<Tensor> Softmax(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t rank = x.shape().size();
  Tensor y(ElementType::kFloat32, x.shape());
  const float* in = x.As<float>().data();
  float* out = y.As<float>().data();
  if (x.size() == 0) return {std::move(y)};
  // Before operator set 13 the dimensions from the axis on are one.
  const bool merged = call.opset < 13;
  const std::size_t axis = NormalizeAxis(call.node.Int("axis", merged ? 1 : -1), rank);
  const std::int64_t inner = merged ? 1 : CountBetween(x.shape(), axis + 1, rank);
  const std::int64_t count = CountBetween(x.shape(), axis, rank) / inner;
  for (std::int64_t line = 0; line < x.size() / count; ++line) {
    const std::int64_t first = line / inner * inner * count + line % inner;
    SoftmaxLine(in + first, out + first, count, inner);
  }
  return {std::move(y)};
}

/// Each value over (bias + alpha / size * sum of the squares of `size` neighbouring channels)^beta.
std::vector<Tensor> LocalResponseNormalization(const Call& call) {
  const Tensor& x = call.In(0);
  const std::int64_t size = call.node.Int("size", 0);
  Require(x.shape().size() >= 2, "the input must have batch and channels");
  Require(size >= 1, "size must be at least 1");
  const double alpha = call.node.Float("alpha", 1e-4F), beta = call.node.Float("beta", 0.75F);
  const double bias = call.node.Float("bias", 1.0F);
  const std::int64_t batch = x.shape()[0], channels = x.shape()[1];
  const std::int64_t plane = CountBetween(x.shape(), 2, x.shape().size());
  const std::int64_t before = (size - 1) / 2, after = size - 1 - before;
  Tensor y(ElementType::kFloat32, x.shape());
  const float* in = x.As<float>().data();
  float* out = y.As<float>().data();
  const auto square = [](float value) { return double{value} * value; };
  for (std::int64_t column = 0; column < batch * plane; ++column) {
    const std::int64_t first = column / plane * channels * plane + column % plane;
    for (std::int64_t c = 0; c < channels; ++c) {
      double sum = 0.0;
      for (std::int64_t i = std::max<std::int64_t>(0, c - before);
           i <= (after < channels - c ? c + after : channels - 1); ++i) {
        sum += square(in[first + i * plane]);
      }
      const std::int64_t at = first + c * plane;
      out[at] = static_cast<float>(in[at] *
                                   std::pow(bias + alpha / static_cast<double>(size) * sum, -beta));
    }
  }
  return {std::move(y)};
}

}  // namespace

std::span<const KernelEntry> ReduceKernels() {
  static constexpr KernelEntry kEntries[] = {
      {"LRN", LocalResponseNormalization}, {"ReduceMean", ReduceMean}, {"Softmax", Softmax}};
  return kEntries;
}

}  // namespace systole::ref
