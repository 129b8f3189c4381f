// SPDX-License-Identifier: Apache-2.0
// MaxPool and GlobalMaxPool.
#include <algorithm>
#include <limits>
#include <vector>

#include "sw/ref/pool.h"

namespace systole::ref {
namespace {

template <typename T>
std::vector<Tensor> MaxPoolOf(const Call& call, const Tensor& x, const Window& window) {
  const std::int64_t batch = x.shape()[0], channels = x.shape()[1], area = window.InCount();
  const bool column_major = call.node.Int("storage_order", 0) != 0;
  std::vector<Tensor> outputs = {MakeTensor(x.type(), OutputShape(window, batch, channels))};
  std::int64_t* indices = nullptr;
  if (call.node.outputs.size() > 1 && !call.node.outputs[1].empty()) {
    outputs.push_back(MakeTensor(ElementType::kInt64, outputs[0].shape()));
    indices = outputs[1].As<std::int64_t>().data();
  }
  const T* in = x.As<T>().data();
  T* out = outputs[0].As<T>().data();
  ForEachOutput(window, batch * channels,
                [&](std::int64_t plane, std::int64_t index, const Window::Triple& position) {
                  T best = std::numeric_limits<T>::lowest();
                  std::int64_t where = -1;
                  SignOfZero sign(window);
                  ForEachTap(window, position, [&](std::int64_t at, const Window::Triple& p) {
                    const T value = in[plane * area + at];
                    if constexpr (std::is_same_v<T, float>) sign.Visit(value, p);
                    if (!(value > best) && where >= 0) return;
                    if (value > best) best = value;
                    where = column_major ? p[0] + (p[1] + p[2] * window.in[1]) * window.in[0] : at;
                  });
                  if constexpr (std::is_same_v<T, float>) {
                    if (best == 0.0F && indices == nullptr) best = sign.zero();
                  }
                  out[index] = best;
                  if (indices != nullptr) indices[index] = plane * area + where;
                });
  return outputs;
}

std::vector<Tensor> MaxPool(const Call& call) {
  const Tensor& x = call.In(0);
  const Window window = PoolWindow(call, x);
  return Dispatch<float, double, std::int8_t, std::uint8_t>(
      x.type(), [&]<typename T>() { return MaxPoolOf<T>(call, x, window); });
}

std::vector<Tensor> GlobalMaxPool(const Call& call) {
  const Tensor& x = call.In(0);
  Global global = MakeGlobal(x);
  return {Dispatch<float, double>(x.type(), [&]<typename T>() {
    const T* in = x.As<T>().data();
    for (T& out : global.y.As<T>()) {
      out = *std::max_element(in, in + global.area);
      in += global.area;
    }
    return std::move(global.y);
  })};
}

}  // namespace

std::span<const KernelEntry> MaxPoolKernels() {
  static constexpr KernelEntry kEntries[] = {{"GlobalMaxPool", GlobalMaxPool},
                                             {"MaxPool", MaxPool}};
  return kEntries;
}

}  // namespace systole::ref
