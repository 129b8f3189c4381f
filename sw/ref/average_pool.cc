// SPDX-License-Identifier: Apache-2.0
// AveragePool and GlobalAveragePool. A float sum depends on the order of its terms: this is ONNX
// Runtime's on x86-64, where each of its kernels has its own (docs/numerics.md).
#include <algorithm>
#include <vector>

#include "sw/ref/pool.h"

namespace systole::ref {
namespace {

/// The sum of a whole plane: four sums of every fourth element, joined, then what is left over.
float PlaneSum(const float* in, std::int64_t count) {
  float lanes[4] = {};
  const std::int64_t whole = count - count % 4;
  for (std::int64_t i = 0; i < whole; i += 4) {
    for (std::int64_t lane = 0; lane < 4; ++lane) lanes[lane] += in[i + lane];
  }
  float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
  for (std::int64_t i = whole; i < count; ++i) sum += in[i];
  return sum;
}

enum class Order {
  kPlane,    ///< the window is the plane: as GlobalAveragePool
  kColumns,  ///< columns of the window first
  kRows,     ///< element by element, the innermost dimension fastest
};

Order OrderOf(const Window& window, bool by_rows) {
  // Where ONNX Runtime's vector kernels end: kernel extent, and the buffer of one padded line.
  constexpr std::int64_t kMaxKernel = 32, kMaxLine = 2045;
  if (by_rows) return Order::kRows;
  const Window::Triple ones{1, 1, 1}, zeros{0, 0, 0};
  if (window.kernel == window.in && window.stride == ones && window.pad_begin == zeros &&
      window.pad_end == zeros) {
    return Order::kPlane;
  }
  const bool small = *std::max_element(window.kernel.begin(), window.kernel.end()) <= kMaxKernel;
  const std::int64_t line = window.in[2] + window.pad_begin[2] + window.pad_end[2];
  return window.rank >= 2 && window.stride[2] <= 2 && small && line <= kMaxLine ? Order::kColumns
                                                                                : Order::kRows;
}

/// The sum of the elements under a window, in the order of ForEachTap.
float RowsSum(const Window& window, const float* plane, const Window::Triple& position) {
  float sum = 0.0F;
  ForEachTap(window, position, [&](std::int64_t at, const Window::Triple&) { sum += plane[at]; });
  return sum;
}

/// The sum of the sums of the columns.
float ColumnsSum(const Window& window, const float* plane, const Window::Triple& position) {
  const Range rz = TapsInside(window, 0, position[0], false);
  const Range ry = TapsInside(window, 1, position[1], false);
  const Range rx = TapsInside(window, 2, position[2], false);
  // -0 is what a sum of nothing must be if a sum of -0 alone is to stay -0, as it does in ONNX
  // Runtime's two-dimensional kernel unless a padded column adds its 0.
  const bool padded = rx.last - rx.first < window.kernel[2];
  const float none = window.rank == 2 ? -0.0F : 0.0F;
  float sum = padded ? 0.0F : none;
  for (std::int64_t kx = rx.first; kx < rx.last; ++kx) {
    float column = none;
    for (std::int64_t kz = rz.first; kz < rz.last; ++kz) {
      for (std::int64_t ky = ry.first; ky < ry.last; ++ky) {
        const std::int64_t z = window.At(0, position[0], kz), y = window.At(1, position[1], ky);
        column += plane[(z * window.in[1] + y) * window.in[2] + window.At(2, position[2], kx)];
      }
    }
    sum += column;
  }
  return sum;
}

/// Elements under a window, of the input or of the padded input.
std::int64_t CountTaps(const Window& window, const Window::Triple& position, bool padded) {
  std::int64_t taps = 1;
  for (std::size_t dim = 0; dim < 3; ++dim) {
    const Range range = TapsInside(window, dim, position[dim], padded);
    taps *= range.last - range.first;
  }
  return taps;
}

std::vector<Tensor> AveragePool(const Call& call) {
  const Tensor& x = call.In(0);
  const Window window = PoolWindow(call, x);
  const std::int64_t batch = x.shape()[0], channels = x.shape()[1], area = window.InCount();
  const bool include_pad = call.node.Int("count_include_pad", 0) != 0;
  const bool ceil_mode = call.node.Int("ceil_mode", 0) != 0;
  const Order order = OrderOf(window, include_pad && ceil_mode);
  Tensor y = MakeTensor(ElementType::kFloat32, OutputShape(window, batch, channels));
  const float* in = x.As<float>().data();
  float* out = y.As<float>().data();
  ForEachOutput(window, batch * channels,
                [&](std::int64_t plane, std::int64_t index, const Window::Triple& position) {
                  const float* from = in + plane * area;
                  const float sum = order == Order::kPlane     ? PlaneSum(from, area)
                                    : order == Order::kColumns ? ColumnsSum(window, from, position)
                                                               : RowsSum(window, from, position);
                  const std::int64_t taps = CountTaps(window, position, include_pad);
                  out[index] = taps == 0 ? 0.0F : sum / static_cast<float>(taps);
                });
  return {std::move(y)};
}

std::vector<Tensor> GlobalAveragePool(const Call& call) {
  const Tensor& x = call.In(0);
  auto [y, area] = MakeGlobal(x);
  const float* in = x.As<float>().data();
  for (float& out : y.As<float>()) {
    out = PlaneSum(in, area) / static_cast<float>(area);
    in += area;
  }
  return {std::move(y)};
}

}  // namespace

std::span<const KernelEntry> AveragePoolKernels() {
  static constexpr KernelEntry kEntries[] = {{"AveragePool", AveragePool},
                                             {"GlobalAveragePool", GlobalAveragePool}};
  return kEntries;
}

}  // namespace systole::ref
