// SPDX-License-Identifier: Apache-2.0
// Operators that move elements: Concat, DepthToSpace, Gather, Pad, Slice, Split, Transpose.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "sw/ref/kernel.h"
#include "sw/ref/layout.h"

namespace systole::ref {
namespace {

std::vector<Tensor> Concat(const Call& call) {
  const Tensor& first = call.In(0);
  const std::size_t axis = NormalizeAxis(call.node.Int("axis", 1), first.shape().size());
  Shape shape = first.shape();
  shape[axis] = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Tensor& x = call.In(i);
    Shape expected = x.shape();
    if (axis < expected.size()) expected[axis] = first.shape()[axis];
    if (x.type() != first.type() || expected != first.shape()) {
      Fail(fmt::format("input {} ({} of {}) does not fit the first ({} of {})", i,
                       ToString(x.shape()), ToString(x.type()), ToString(first.shape()),
                       ToString(first.type())));
    }
    shape[axis] += x.shape()[axis];
  }
  Tensor y = MakeTensor(first.type(), shape);
  const std::int64_t outer = CountBetween(shape, 0, axis);
  std::byte* to = y.bytes().data();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const Tensor* x : call.inputs) {
      const std::size_t bytes = x->bytes().size() / static_cast<std::size_t>(outer);
      if (bytes == 0) continue;
      std::memcpy(to, x->bytes().data() + static_cast<std::size_t>(o) * bytes, bytes);
      to += bytes;
    }
  }
  return {std::move(y)};
}

std::vector<Tensor> Gather(const Call& call) {
  const Tensor& x = call.In(0);
  const Tensor& wanted = call.In(1);
  const std::size_t axis = NormalizeAxis(call.node.Int("axis", 0), x.shape().size());
  const std::int64_t extent = x.shape()[axis];
  std::vector<std::int64_t> indices = ToInts(wanted);
  for (std::int64_t& index : indices) {
    if (index < -extent || index >= extent) {
      Fail(fmt::format("index {} is out of range for {} elements", index, extent));
    }
    if (index < 0) index += extent;
  }
  Shape shape(x.shape().begin(), x.shape().begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), wanted.shape().begin(), wanted.shape().end());
  shape.insert(shape.end(), x.shape().begin() + static_cast<std::ptrdiff_t>(axis) + 1,
               x.shape().end());
  Tensor y = MakeTensor(x.type(), shape);
  if (y.size() == 0) return {std::move(y)};
  const auto bytes = static_cast<std::size_t>(CountBetween(x.shape(), axis + 1, x.shape().size())) *
                     SizeOf(x.type());
  const std::byte* from = x.bytes().data();
  std::byte* to = y.bytes().data();
  for (std::int64_t outer = 0; outer < CountBetween(x.shape(), 0, axis); ++outer) {
    for (const std::int64_t index : indices) {
      std::memcpy(to, from + static_cast<std::size_t>(outer * extent + index) * bytes, bytes);
      to += bytes;
    }
  }
  return {std::move(y)};
}

/// A list that an older operator set has as an attribute and a newer one as an input.
std::vector<std::int64_t> ListOf(const Call& call, bool as_input, std::size_t input,
                                 const char* attribute) {
  if (!as_input) return call.node.Ints(attribute, {});
  const Tensor* tensor = call.Optional(input);
  return tensor == nullptr ? std::vector<std::int64_t>{} : ToInts(*tensor);
}

/// For each output position of one padded dimension its source, -1 for the constant.
std::vector<std::int64_t> PadMap(const std::string& mode, std::int64_t extent, std::int64_t before,
                                 std::int64_t after) {
  const std::int64_t out = extent + before + after;
  if (out < 0) Fail("negative pads remove more than there is");
  if (mode != "constant" && extent == 0 && out > 0) Fail("an empty dimension cannot be padded");
  std::vector<std::int64_t> map(static_cast<std::size_t>(out));
  for (std::int64_t i = 0; i < out; ++i) {
    std::int64_t source = i - before;
    if (mode == "edge") {
      source = std::clamp<std::int64_t>(source, 0, extent - 1);
    } else if (mode == "reflect") {
      if (source < 0) source = -source;
      if (source >= extent) source = 2 * (extent - 1) - source;
      if (source < 0 || source >= extent) Fail("reflect pads reach over the dimension");
    }
    map[static_cast<std::size_t>(i)] = source >= 0 && source < extent ? source : -1;
  }
  return map;
}

std::vector<Tensor> Pad(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t rank = x.shape().size();
  const bool inputs = call.opset >= 11;
  const std::string mode = call.node.String("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect") {
    Fail("mode '" + mode + "' is not supported");
  }
  const auto pads = ListOf(call, inputs, 1, "pads");
  std::vector<std::size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  if (call.Optional(3) != nullptr) axes = NormalizeAxes(ToInts(call.In(3)), rank);
  if (pads.size() != 2 * axes.size()) {
    Fail(fmt::format("{} pads for {} dimensions", pads.size(), axes.size()));
  }
  Shape before(rank, 0), after(rank, 0), shape = x.shape();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    constexpr std::int64_t kMaxPad = std::int64_t{1} << 32;
    before[axes[i]] = std::clamp(pads[i], -kMaxPad, kMaxPad);
    after[axes[i]] = std::clamp(pads[i + axes.size()], -kMaxPad, kMaxPad);
    shape[axes[i]] += before[axes[i]] + after[axes[i]];
    Require(shape[axes[i]] >= 0, "negative pads remove more than there is");
  }
  MakeTensor(x.type(), shape);
  Tensor fill(x.type(), {1});
  if (inputs && call.Optional(2) != nullptr) {
    fill = call.In(2);
    Require(fill.type() == x.type() && fill.size() == 1, "the constant does not fit the input");
  } else if (!inputs && x.type() == ElementType::kFloat32) {
    fill.As<float>()[0] = call.node.Float("value", 0.0F);
  }
  std::vector<std::vector<std::int64_t>> maps;
  for (std::size_t i = 0; i < rank; ++i) {
    maps.push_back(PadMap(mode, x.shape()[i], before[i], after[i]));
  }
  return {MappedCopy(x, maps, &fill)};
}

/// What a slice takes of one dimension.
struct Cut {
  std::int64_t start, step, count;
};
Cut MakeCut(std::int64_t extent, std::int64_t start, std::int64_t end, std::int64_t step) {
  Require(step != 0, "a step is 0");
  // A longer step takes the same one element.
  step = std::clamp(step, -(extent + 1), extent + 1);
  if (start < 0) start += extent;
  if (end < 0) end += extent;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, extent);
    end = std::clamp<std::int64_t>(end, 0, extent);
    return {start, step, std::max<std::int64_t>((end - start + step - 1) / step, 0)};
  }
  start = std::clamp<std::int64_t>(start, -1, extent - 1);
  end = std::clamp<std::int64_t>(end, -1, extent - 1);
  return {start, step, std::max<std::int64_t>((start - end - step - 1) / -step, 0)};
}

std::vector<Tensor> Slice(const Call& call) {
  const Tensor& x = call.In(0);
  const bool inputs = call.opset >= 10;
  const auto starts = ListOf(call, inputs, 1, "starts"), ends = ListOf(call, inputs, 2, "ends");
  auto axes = ListOf(call, inputs, 3, "axes");
  auto steps = inputs ? ListOf(call, true, 4, "") : std::vector<std::int64_t>{};
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  Require(
      ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(),
      "starts, ends, axes and steps differ in length");
  const auto dims = NormalizeAxes(axes, x.shape().size());
  Shape shape = x.shape(), strides = Strides(x.shape());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const Cut cut = MakeCut(shape[dims[i]], starts[i], ends[i], steps[i]);
    shape[dims[i]] = cut.count;
    offset += cut.start * strides[dims[i]];
    strides[dims[i]] *= cut.step;
  }
  return {StridedCopy(x, shape, offset, strides)};
}

/// Lengths of the parts: given, or equal (from operator set 18 on the last may be shorter).
std::vector<std::int64_t> SplitLengths(const Call& call, std::int64_t extent) {
  auto lengths = ListOf(call, call.opset >= 13, 1, "split");
  const auto parts = static_cast<std::int64_t>(call.node.outputs.size());
  Require(parts > 0, "there are no outputs");
  if (lengths.empty() && !(call.opset >= 13 && call.Optional(1) != nullptr)) {
    const std::int64_t length = (extent + parts - 1) / parts;
    if (extent % parts != 0 && call.opset < 18) {
      Fail(fmt::format("{} elements do not split into {} equal parts", extent, parts));
    }
    for (std::int64_t i = 0; i < parts; ++i) {
      lengths.push_back(std::clamp<std::int64_t>(extent - i * length, 0, length));
    }
  }
  std::int64_t sum = 0;
  for (const std::int64_t length : lengths) {
    Require(length >= 0 && length <= extent - sum, "the parts are longer than the dimension");
    sum += length;
  }
  Require(sum == extent && static_cast<std::int64_t>(lengths.size()) == parts,
          "the parts do not make up the dimension, or are not as many as the outputs");
  return lengths;
}

std::vector<Tensor> Split(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t axis = NormalizeAxis(call.node.Int("axis", 0), x.shape().size());
  const Shape strides = Strides(x.shape());
  std::vector<Tensor> outputs;
  std::int64_t begin = 0;
  for (const std::int64_t length : SplitLengths(call, x.shape()[axis])) {
    Shape shape = x.shape();
    shape[axis] = length;
    outputs.push_back(StridedCopy(x, shape, begin * strides[axis], strides));
    begin += length;
  }
  return outputs;
}

std::vector<Tensor> Transpose(const Call& call) {
  const Tensor& x = call.In(0);
  const std::size_t rank = x.shape().size();
  std::vector<std::int64_t> reversed(rank);
  for (std::size_t i = 0; i < rank; ++i) reversed[i] = static_cast<std::int64_t>(rank - 1 - i);
  const auto perm = NormalizeAxes(call.node.Ints("perm", reversed), rank);
  Require(perm.size() == rank, "perm does not list every dimension");
  const Shape strides = Strides(x.shape());
  Shape shape(rank), moved(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    shape[i] = x.shape()[perm[i]];
    moved[i] = strides[perm[i]];
  }
  return {StridedCopy(x, shape, 0, moved)};
}

std::vector<Tensor> DepthToSpace(const Call& call) {
  const Tensor& x = call.In(0);
  Require(x.shape().size() == 4, "the input must have 4 dimensions");
  const std::int64_t block = call.node.Int("blocksize", 0);
  Require(block >= 1 && block <= 65536 && x.shape()[1] % (block * block) == 0,
          "blocksize squared must divide the channels");
  const std::string mode = call.node.String("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") Fail("mode '" + mode + "' is not supported");
  const std::int64_t n = x.shape()[0], c = x.shape()[1] / (block * block);
  const std::int64_t h = x.shape()[2], w = x.shape()[3];
  // Batch, channel, row, row in the block, column, column in the block.
  const Shape out = {n, c, h, block, w, block};
  const bool depth_first = mode == "DCR";
  const std::int64_t of_channel = depth_first ? h * w : block * block * h * w;
  const std::int64_t of_column = depth_first ? c * h * w : h * w;
  const Shape strides = {x.shape()[1] * h * w, of_channel, w, of_column * block, 1, of_column};
  MakeTensor(x.type(), out);
  return {StridedCopy(x, out, 0, strides).Reshaped({n, c, h * block, w * block})};
}

}  // namespace

std::span<const KernelEntry> MovementKernels() {
  static constexpr KernelEntry kEntries[] = {
      {"Concat", Concat},      {"DepthToSpace", DepthToSpace},
      {"Gather", Gather},      {"Pad", Pad},
      {"Slice", Slice},        {"Split", Split},
      {"Transpose", Transpose}};
  return kEntries;
}

}  // namespace systole::ref
