// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample to the nearest element.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sw/ref/kernel.h"
#include "sw/ref/layout.h"

namespace systole::ref {
namespace {

/// One dimension: sizes and the scale in between.
struct Extent {
  std::int64_t in, out;
  float scale;
};

/// Where an output position lies in the input, in float32 as ONNX Runtime computes it.
float SourcePosition(const std::string& mode, const Extent& extent, std::int64_t position) {
  const auto at = static_cast<float>(position);
  if (mode == "asymmetric") return at / extent.scale;
  if (mode == "half_pixel") return (at + 0.5F) / extent.scale - 0.5F;
  if (mode == "pytorch_half_pixel") {
    return extent.out > 1 ? (at + 0.5F) / extent.scale - 0.5F : 0.0F;
  }
  if (mode == "tf_half_pixel_for_nn") return (at + 0.5F) / extent.scale;
  if (mode == "align_corners") {
    if (extent.out == 1) return 0.0F;
    return at * static_cast<float>(extent.in - 1) / static_cast<float>(extent.out - 1);
  }
  Fail("coordinate_transformation_mode '" + mode + "' is not supported");
}

// How near to a half a position is taken for one, as ONNX Runtime does since its issue 28291.
constexpr float kTie = 1e-6F;

float Rounded(const std::string& mode, float x, float scale) {
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  const float lower = std::floor(x);
  if (mode == "round_prefer_ceil") {
    return std::fabs(x - lower - 0.5F) <= kTie ? lower + 1.0F : std::round(x);
  }
  if (mode == "round_prefer_floor") {
    return std::fabs(x - lower - 0.5F) <= kTie ? lower : std::round(x);
  }
  // Operator sets before 11 do not say; ONNX Runtime's choice.
  if (mode == "simple") return scale < 1.0F ? std::ceil(x) : std::trunc(x);
  Fail("nearest_mode '" + mode + "' is not supported");
}

std::vector<std::int64_t> SourceMap(const Extent& extent, const std::string& coordinates,
                                    const std::string& nearest) {
  std::vector<std::int64_t> map(static_cast<std::size_t>(extent.out));
  Require(extent.in > 0 || extent.out == 0, "an empty dimension cannot be resized");
  const auto last = static_cast<float>(extent.in - 1);
  for (std::int64_t i = 0; i < extent.out; ++i) {
    const float source =
        extent.scale == 1.0F && extent.in == extent.out
            ? static_cast<float>(i)
            : Rounded(nearest, SourcePosition(coordinates, extent, i), extent.scale);
    map[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(std::clamp(source, 0.0F, last));
  }
  return map;
}

Extent Scaled(std::int64_t in, float scale) {
  if (!std::isfinite(scale) || scale <= 0.0F) Fail(fmt::format("the scale {} is not valid", scale));
  const float out = std::floor(static_cast<float>(in) * scale);
  Require(out < 0x1p32F, "the output is too large");
  return {in, static_cast<std::int64_t>(out), scale};
}

std::vector<Extent> ReadExtents(const Call& call, const Shape& in, const Tensor* scales,
                                const Tensor* sizes) {
  std::vector<std::size_t> axes(in.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  if (call.node.attributes.contains("axes")) {
    axes = NormalizeAxes(call.node.Ints("axes", {}), in.size());
  }
  std::vector<Extent> extents;
  for (const std::int64_t extent : in) extents.push_back({extent, extent, 1.0F});
  if (sizes != nullptr && sizes->size() > 0) {
    const auto values = ToInts(*sizes);
    Require(values.size() == axes.size(), "sizes has not one value a dimension");
    for (std::size_t i = 0; i < axes.size(); ++i) {
      Extent& extent = extents[axes[i]];
      Require(values[i] >= 0, "a size is negative");
      extent.out = values[i];
      if (extent.in > 0) {
        extent.scale = static_cast<float>(values[i]) / static_cast<float>(extent.in);
      }
    }
    return extents;
  }
  std::vector<float> values;
  if (scales != nullptr) {
    values.assign(scales->As<float>().begin(), scales->As<float>().end());
  } else {
    values = call.node.Floats("scales", {});
  }
  Require(values.size() == axes.size(), "scales has not one value a dimension");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    extents[axes[i]] = Scaled(in[axes[i]], values[i]);
  }
  return extents;
}

std::vector<Tensor> ResizeNearest(const Call& call, const Tensor* scales, const Tensor* sizes,
                                  const std::string& coordinates, const std::string& nearest) {
  const Tensor& x = call.In(0);
  const std::string mode = call.node.String("mode", "nearest");
  if (mode != "nearest") Fail("mode '" + mode + "' is not supported, only nearest");
  const auto extents = ReadExtents(call, x.shape(), scales, sizes);
  Shape shape;
  for (const Extent& extent : extents) shape.push_back(extent.out);
  // ONNX Runtime copies whatever the scales say (1.4 on two elements makes two again).
  if (shape == x.shape()) return {x};
  MakeTensor(x.type(), shape);
  std::vector<std::vector<std::int64_t>> maps;
  for (const Extent& extent : extents) maps.push_back(SourceMap(extent, coordinates, nearest));
  return {MappedCopy(x, maps, nullptr)};
}

std::vector<Tensor> Upsample(const Call& call) {
  return ResizeNearest(call, call.Optional(1), nullptr, "asymmetric", "simple");
}

std::vector<Tensor> Resize(const Call& call) {
  if (call.opset < 11) return Upsample(call);
  const std::string policy = call.node.String("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") Fail("keep_aspect_ratio_policy '" + policy + "' is not supported");
  const Tensor* scales = call.Optional(2);
  if (scales != nullptr && scales->size() == 0) scales = nullptr;
  return ResizeNearest(call, scales, call.Optional(3),
                       call.node.String("coordinate_transformation_mode", "half_pixel"),
                       call.node.String("nearest_mode", "round_prefer_floor"));
}

}  // namespace

std::span<const KernelEntry> ResizeKernels() {
  static constexpr KernelEntry kEntries[] = {{"Resize", Resize}, {"Upsample", Upsample}};
  return kEntries;
}

}  // namespace systole::ref
