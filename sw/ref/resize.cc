// SPDX-License-Identifier: Apache-2.0
// Resize and Upsample: to the nearest element, or linear.
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

/// Each element along one dimension between its two neighbours, in double, rounded once.
Tensor InterpolateAlong(const Tensor& x, std::size_t axis, const Extent& extent,
                        const std::string& coordinates) {
  Require(extent.in > 0 || extent.out == 0, "an empty dimension cannot be resized");
  Shape shape = x.shape();
  shape[axis] = extent.out;
  Tensor y = MakeTensor(ElementType::kFloat32, shape);
  const std::int64_t inner = CountBetween(shape, axis + 1, shape.size());
  const std::int64_t outer = CountBetween(shape, 0, axis);
  const auto last = static_cast<float>(extent.in - 1);
  for (std::int64_t i = 0; i < extent.out; ++i) {
    const float source = std::clamp(SourcePosition(coordinates, extent, i), 0.0F, last);
    const auto lower = static_cast<std::int64_t>(source);
    const std::int64_t upper = std::min(lower + 1, extent.in - 1);
    const double share = double{source} - static_cast<double>(lower);
    for (std::int64_t o = 0; o < outer; ++o) {
      const float* in = x.As<float>().data() + o * extent.in * inner;
      float* out = y.As<float>().data() + (o * extent.out + i) * inner;
      for (std::int64_t k = 0; k < inner; ++k) {
        const double a = in[lower * inner + k], b = in[upper * inner + k];
        out[k] = static_cast<float>(a + share * (b - a));
      }
    }
  }
  return y;
}

Tensor InterpolateLinear(const Call& call, const std::vector<Extent>& extents,
                         const std::string& coordinates) {
  Tensor y = call.In(0);
  Require(y.type() == ElementType::kFloat32, "linear resizing is supported for float32 only");
  Require(coordinates != "tf_half_pixel_for_nn", "tf_half_pixel_for_nn is not for linear resizing");
  Require(call.node.Int("antialias", 0) == 0, "antialias is not supported");
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const Extent& extent = extents[axis];
    if (extent.in == extent.out && extent.scale == 1.0F) continue;
    // ONNX's own cases take the fraction for part of the output's length, ONNX Runtime does not.
    const bool whole =
        static_cast<float>(extent.in) * extent.scale == static_cast<float>(extent.out);
    Require(whole || coordinates != "align_corners",
            "align_corners with a scale that leaves a fraction is not supported");
    y = InterpolateAlong(y, axis, extent, coordinates);
  }
  return y;
}

std::vector<Tensor> ResizeBy(const Call& call, const Tensor* scales, const Tensor* sizes,
                             const std::string& coordinates, const std::string& nearest) {
  const Tensor& x = call.In(0);
  const std::string mode = call.node.String("mode", "nearest");
  const auto extents = ReadExtents(call, x.shape(), scales, sizes);
  if (mode == "linear") return {InterpolateLinear(call, extents, coordinates)};
  if (mode != "nearest") Fail("mode '" + mode + "' is not supported, only nearest and linear");
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
  return ResizeBy(call, call.Optional(1), nullptr, "asymmetric", "simple");
}

std::vector<Tensor> Resize(const Call& call) {
  if (call.opset < 11) return Upsample(call);
  const std::string policy = call.node.String("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") Fail("keep_aspect_ratio_policy '" + policy + "' is not supported");
  const Tensor* scales = call.Optional(2);
  if (scales != nullptr && scales->size() == 0) scales = nullptr;
  return ResizeBy(call, scales, call.Optional(3),
                  call.node.String("coordinate_transformation_mode", "half_pixel"),
                  call.node.String("nearest_mode", "round_prefer_floor"));
}

}  // namespace

std::span<const KernelEntry> ResizeKernels() {
  static constexpr KernelEntry kEntries[] = {{"Resize", Resize}, {"Upsample", Upsample}};
  return kEntries;
}

}  // namespace systole::ref
