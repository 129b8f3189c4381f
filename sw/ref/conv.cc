// SPDX-License-Identifier: Apache-2.0
// Conv, QLinearConv, ConvInteger: patches (im2col) times weights, a block of outputs at a time.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sw/ref/gemm.h"
#include "sw/ref/kernel.h"
#include "sw/ref/patches.h"
#include "sw/ref/quantized.h"
#include "sw/ref/window.h"

namespace systole::ref {
namespace {

/// Elements of a block of patches: small enough for the caches.
constexpr std::int64_t kBlockElements = std::int64_t{1} << 17;

struct Convolution {
  Window window;
  std::int64_t batch, channels, features, group;
  std::int64_t GroupChannels() const { return channels / group; }
  std::int64_t GroupFeatures() const { return features / group; }
  std::int64_t Depth() const { return GroupChannels() * window.KernelCount(); }
  std::int64_t Block() const {
    return std::clamp<std::int64_t>(kBlockElements / std::max<std::int64_t>(Depth(), 1), 16,
                                    std::max<std::int64_t>(window.OutCount(), 16));
  }
  Shape Output() const { return OutputShape(window, batch, features); }
};

Convolution MakeConvolution(const Node& node, const Tensor& x, const Tensor& w) {
  if (w.shape().size() < 3 || x.shape().size() != w.shape().size()) {
    Fail(fmt::format("weights {} do not fit the input {}", ToString(w.shape()),
                     ToString(x.shape())));
  }
  const Shape kernel(w.shape().begin() + 2, w.shape().end());
  if (node.Ints("kernel_shape", kernel) != kernel) {
    Fail("kernel_shape is not that of the weights " + ToString(w.shape()));
  }
  Convolution conv;
  conv.batch = x.shape()[0];
  conv.channels = x.shape()[1];
  conv.features = w.shape()[0];
  conv.group = node.Int("group", 1);
  if (conv.group < 1 || conv.channels % conv.group != 0 || conv.features % conv.group != 0 ||
      conv.channels / conv.group != w.shape()[1]) {
    Fail(fmt::format("weights {} in {} groups do not fit the input {}", ToString(w.shape()),
                     conv.group, ToString(x.shape())));
  }
  conv.window = MakeWindow(node, x.shape(), kernel, false);
  return conv;
}

/// Calls body(image, group, begin, end) for every block of output positions.
template <typename Body>
void ForEachBlock(const Convolution& conv, Body body) {
  const std::int64_t outs = conv.window.OutCount(), block = conv.Block();
  for (std::int64_t image = 0; image < conv.batch; ++image) {
    for (std::int64_t group = 0; group < conv.group; ++group) {
      for (std::int64_t begin = 0; begin < outs; begin += block) {
        body(image, group, begin, std::min(begin + block, outs));
      }
    }
  }
}

/// The exact sums; calls sink(feature, index of the output, sum).
template <typename Sink>
void ConvolveExactly(const Convolution& conv, const std::vector<std::int16_t>& x,
                     const std::vector<std::int16_t>& w, Sink sink) {
  const std::int64_t depth = conv.Depth(), rows = conv.GroupFeatures(), block = conv.Block();
  std::vector<std::int16_t> patches(static_cast<std::size_t>(block * depth));
  std::vector<std::int64_t> sums(static_cast<std::size_t>(block * rows));
  ForEachBlock(
      conv, [&](std::int64_t image, std::int64_t group, std::int64_t begin, std::int64_t end) {
        const std::int64_t plane = image * conv.channels + group * conv.GroupChannels();
        GatherPatches(conv.window, x.data() + plane * conv.window.InCount(), conv.GroupChannels(),
                      begin, end, patches.data(), 1, depth);
        ExactProducts(w.data() + group * rows * depth, rows, patches.data(), end - begin, depth,
                      sums.data());
        for (std::int64_t row = 0; row < rows; ++row) {
          const std::int64_t feature = group * rows + row;
          const std::int64_t first = (image * conv.features + feature) * conv.window.OutCount();
          const std::int64_t* sum = sums.data() + row * (end - begin);
          for (std::int64_t p = begin; p < end; ++p) sink(feature, first + p, sum[p - begin]);
        }
      });
}

std::vector<Tensor> ConvInteger(const Call& call) {
  const Tensor &x = call.In(0), &w = call.In(1);
  const Convolution conv = MakeConvolution(call.node, x, w);
  const auto x_values = LessZero(x, call.Optional(2), 1, 1, "x");
  const auto w_values = LessZero(w, call.Optional(3), conv.features, conv.features, "w");
  Tensor y = MakeTensor(ElementType::kInt32, conv.Output());
  std::int32_t* out = y.As<std::int32_t>().data();
  ConvolveExactly(conv, x_values, w_values,
                  [out](std::int64_t, std::int64_t index, std::int64_t sum) {
                    out[index] = static_cast<std::int32_t>(sum);
                  });
  return {std::move(y)};
}

std::vector<Tensor> QLinearConv(const Call& call) {
  const Tensor &x = call.In(0), &w = call.In(3);
  const Convolution conv = MakeConvolution(call.node, x, w);
  const auto x_values = LessZero(x, &call.In(2), 1, 1, "x");
  const auto w_values = LessZero(w, &call.In(5), conv.features, conv.features, "w");
  const Requantizer requantizer(call.In(1), call.In(4), call.In(6), call.In(7), conv.features);
  std::vector<std::int32_t> bias(static_cast<std::size_t>(conv.features), 0);
  if (const Tensor* b = call.Optional(8)) {
    Require(b->size() == conv.features, "the bias must have one value a feature");
    const auto values = b->As<std::int32_t>();
    bias.assign(values.begin(), values.end());
  }
  Tensor y = MakeTensor(requantizer.type(), conv.Output());
  requantizer.Fill(y, [&](auto* out) {
    ConvolveExactly(conv, x_values, w_values,
                    [&](std::int64_t feature, std::int64_t index, std::int64_t sum) {
                      const auto f = static_cast<std::size_t>(feature);
                      requantizer.Store(out, index, sum + bias[f], f);
                    });
  });
  return {std::move(y)};
}

std::vector<Tensor> Conv(const Call& call) {
  const Tensor &x = call.In(0), &w = call.In(1);
  const Convolution conv = MakeConvolution(call.node, x, w);
  const float *x_data = x.As<float>().data(), *w_data = w.As<float>().data();
  const float* bias = nullptr;
  if (const Tensor* b = call.Optional(2)) {
    Require(b->size() == conv.features, "the bias must have one value a feature");
    bias = b->As<float>().data();
  }
  Tensor y = MakeTensor(ElementType::kFloat32, conv.Output());
  float* out = y.As<float>().data();
  const std::int64_t depth = conv.Depth(), rows = conv.GroupFeatures(), block = conv.Block();
  std::vector<float> patches(static_cast<std::size_t>(block * depth));
  std::vector<float> sums(static_cast<std::size_t>(block * rows));
  ForEachBlock(conv,
               [&](std::int64_t image, std::int64_t group, std::int64_t begin, std::int64_t end) {
                 const std::int64_t plane = image * conv.channels + group * conv.GroupChannels();
                 GatherPatches(conv.window, x_data + plane * conv.window.InCount(),
                               conv.GroupChannels(), begin, end, patches.data(), end - begin, 1);
                 FloatProducts(w_data + group * rows * depth, rows, patches.data(), end - begin,
                               depth, sums.data());
                 for (std::int64_t row = 0; row < rows; ++row) {
                   const std::int64_t feature = group * rows + row;
                   const float add = bias == nullptr ? 0.0F : bias[feature];
                   float* to = out + (image * conv.features + feature) * conv.window.OutCount();
                   const float* sum = sums.data() + row * (end - begin);
                   for (std::int64_t p = begin; p < end; ++p) to[p] = sum[p - begin] + add;
                 }
               });
  return {std::move(y)};
}

}  // namespace

std::span<const KernelEntry> ConvKernels() {
  static constexpr KernelEntry kEntries[] = {
      {"Conv", Conv}, {"ConvInteger", ConvInteger}, {"QLinearConv", QLinearConv}};
  return kEntries;
}

}  // namespace systole::ref
