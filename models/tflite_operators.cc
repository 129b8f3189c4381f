// SPDX-License-Identifier: Apache-2.0
// The operators of TfliteGraph. Numbers of fields are those of TensorFlow Lite's schema.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "models/tflite_graph.h"

namespace systole::models {
namespace {

/// out x height x width x in as ONNX's out x in x height x width.
Tensor TurnKernel(const Tensor& kernel) {
  const Shape& s = kernel.shape();
  const std::int64_t window = s[1] * s[2], in = s[3];
  Tensor turned(ElementType::kFloat32, {s[0], in, s[1], s[2]});
  const auto from = kernel.As<float>();
  const auto to = turned.As<float>();
  for (std::int64_t m = 0; m < s[0]; ++m) {
    for (std::int64_t i = 0; i < window; ++i) {
      for (std::int64_t c = 0; c < in; ++c) {
        to[static_cast<std::size_t>((m * in + c) * window + i)] =
            from[static_cast<std::size_t>((m * window + i) * in + c)];
      }
    }
  }
  return turned;
}

/// 1 x height x width x channels as channels x height x width x 1.
Tensor ChannelsFirst(const Tensor& kernel) {
  const Shape& s = kernel.shape();
  const std::int64_t window = s[1] * s[2], channels = s[3];
  Tensor turned(ElementType::kFloat32, {channels, s[1], s[2], 1});
  const auto from = kernel.As<float>();
  const auto to = turned.As<float>();
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t i = 0; i < window; ++i) {
      to[static_cast<std::size_t>(c * window + i)] =
          from[static_cast<std::size_t>(i * channels + c)];
    }
  }
  return turned;
}

constexpr std::int64_t kSame = 0, kValid = 1;
/// No stride, dilation or padding is larger; products of extents then stay far from overflow.
constexpr std::int64_t kMaxStep = 65536;

}  // namespace

const std::map<int, TfliteGraph::Kind>& TfliteGraph::Kinds() {
  static const std::map<int, Kind> kinds = {
      {0, {"ADD", &TfliteGraph::Add}},
      {3, {"CONV_2D", &TfliteGraph::Conv}},
      {4, {"DEPTHWISE_CONV_2D", &TfliteGraph::Depthwise}},
      {5, {"DEPTH_TO_SPACE", &TfliteGraph::DepthToSpace}},
      {19, {"RELU", &TfliteGraph::Relu}},
      {22, {"RESHAPE", &TfliteGraph::Reshape}},
      {23, {"RESIZE_BILINEAR", &TfliteGraph::ResizeBilinear}},
      {34, {"PAD", &TfliteGraph::Pad}},
  };
  return kinds;
}

TfliteGraph::Value TfliteGraph::Add(const TfliteOperator& op) {
  Value a = In(op, 0);
  const Value b = In(op, 1);
  if (a.shape != b.shape) {
    Refuse(fmt::format("{} and {} differ", ToString(a.shape), ToString(b.shape)));
  }
  a.name = AddNode("Add", NextName("add"), {a.name, b.name}).name;
  return Activate(std::move(a), Option(op, 0, 0, false));
}

TfliteGraph::Value TfliteGraph::Convolve(const TfliteOperator& op, const std::string& kind,
                                         const Value& in, const Window& window, Tensor weights,
                                         std::int64_t groups) {
  const std::int64_t padding = Option(op, 0, kSame, false), channels = weights.shape()[0];
  if (padding != kSame && padding != kValid) Refuse("its padding is neither SAME nor VALID");
  // What PAD has added already is part of the plane that SAME pads.
  std::array<std::int64_t, 4> pads = in.pads;
  Shape shape = {1, 0, 0, channels};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t stride = window.strides[i], dilation = window.dilations[i];
    if (stride < 1 || stride > kMaxStep || dilation < 1 || dilation > kMaxStep) {
      Refuse("a stride or a dilation is out of range");
    }
    const std::int64_t extent = in.shape[i + 1], reach = (window.kernel[i] - 1) * dilation + 1;
    if (padding == kSame) {
      shape[i + 1] = (extent + stride - 1) / stride;
      const std::int64_t missing =
          std::max<std::int64_t>(0, (shape[i + 1] - 1) * stride + reach - extent);
      pads[i] += missing / 2;
      pads[i + 2] += missing - missing / 2;
    } else {
      if (reach > extent) Refuse("its window is larger than its plane");
      shape[i + 1] = (extent - reach) / stride + 1;
    }
  }
  const std::string name = NextName(kind);
  std::vector<std::string> inputs = {in.name, AddConstant(name + "/weight", std::move(weights))};
  if (const Tensor* bias = Constant(op, 2)) {
    if (bias->type() != ElementType::kFloat32 || bias->shape() != Shape{channels}) {
      Refuse("its bias does not fit");
    }
    inputs.push_back(AddConstant(name + "/bias", *bias));
  }
  Node& node = AddNode("Conv", name, std::move(inputs));
  node.attributes["kernel_shape"] =
      std::vector<std::int64_t>(window.kernel.begin(), window.kernel.end());
  node.attributes["strides"] =
      std::vector<std::int64_t>(window.strides.begin(), window.strides.end());
  node.attributes["dilations"] =
      std::vector<std::int64_t>(window.dilations.begin(), window.dilations.end());
  node.attributes["pads"] = std::vector<std::int64_t>(pads.begin(), pads.end());
  node.attributes["group"] = groups;
  return {name, shape};
}

TfliteGraph::Value TfliteGraph::Conv(const TfliteOperator& op) {
  const Value in = PaddedIn(op, 0);
  const Tensor* kernel = Constant(op, 1);
  const bool fits = kernel != nullptr && kernel->type() == ElementType::kFloat32 &&
                    kernel->shape().size() == 4 && kernel->size() > 0 &&
                    kernel->shape()[3] == in.shape[3];
  if (!fits) Refuse("its weights are no constant that fits the input");
  const Shape& s = kernel->shape();
  const Window window = {{s[1], s[2]},
                         {Option(op, 2, 0, true), Option(op, 1, 0, true)},
                         {Option(op, 5, 1, true), Option(op, 4, 1, true)}};
  return Activate(Convolve(op, "conv", in, window, TurnKernel(*kernel), 1),
                  Option(op, 3, 0, false));
}

TfliteGraph::Value TfliteGraph::Depthwise(const TfliteOperator& op) {
  const Value in = PaddedIn(op, 0);
  const Tensor* kernel = Constant(op, 1);
  const bool fits = kernel != nullptr && kernel->type() == ElementType::kFloat32 &&
                    kernel->shape().size() == 4 && kernel->size() > 0 && kernel->shape()[0] == 1 &&
                    kernel->shape()[3] % in.shape[3] == 0;
  if (!fits) Refuse("its weights are no constant that fits the input");
  const Shape& s = kernel->shape();
  const Window window = {{s[1], s[2]},
                         {Option(op, 2, 0, true), Option(op, 1, 0, true)},
                         {Option(op, 6, 1, true), Option(op, 5, 1, true)}};
  return Activate(
      Convolve(op, "depthwise", in, window, TurnKernel(ChannelsFirst(*kernel)), in.shape[3]),
      Option(op, 4, 0, false));
}

TfliteGraph::Value TfliteGraph::Pad(const TfliteOperator& op) {
  Value value = PaddedIn(op, 0);
  const std::vector<std::int64_t> pads = IntegersOf(op, 1);
  if (pads.size() != 8) Refuse("its padding has not two numbers a dimension");
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > kMaxStep) Refuse("its padding is out of range");
  }
  if (pads[0] + pads[1] + pads[6] + pads[7] != 0) {
    Refuse("padding of batch or channels is not supported");
  }
  for (std::size_t i = 0; i < 2; ++i) {
    value.pads[i] += pads[2 + 2 * i];
    value.pads[i + 2] += pads[3 + 2 * i];
    value.shape[i + 1] += pads[2 + 2 * i] + pads[3 + 2 * i];
    if (value.shape[i + 1] > 2 * kMaxStep) Refuse("its plane is too large");
  }
  return value;
}

TfliteGraph::Value TfliteGraph::Relu(const TfliteOperator& op) {
  Value value = In(op, 0);
  value.name = AddNode("Relu", NextName("relu"), {value.name}).name;
  return value;
}

TfliteGraph::Value TfliteGraph::ResizeBilinear(const TfliteOperator& op) {
  Value value = In(op, 0);
  const std::vector<std::int64_t> size = IntegersOf(op, 1);
  const bool good = size.size() == 2 && std::all_of(size.begin(), size.end(), [](auto extent) {
                      return extent >= 1 && extent <= kMaxStep;
                    });
  if (!good) Refuse("its size is no height and width");
  const bool corners = Option(op, 2, 0, false) != 0, half = Option(op, 3, 0, false) != 0;
  const std::string name = NextName("resize");
  // Scales, not sizes, leave the batch open.
  const auto scale = [&](std::size_t i) {
    return static_cast<float>(size[i]) / static_cast<float>(value.shape[i + 1]);
  };
  for (std::size_t i = 0; i < 2; ++i) {
    if (size[i] % value.shape[i + 1] != 0) Refuse("its size is no multiple of its input's");
  }
  const std::string scales = AddConstant(
      name + "/scales", Tensor::Of<float>({4}, std::vector<float>{1, 1, scale(0), scale(1)}));
  Node& node = AddNode("Resize", name, {value.name, "", scales});
  node.attributes["mode"] = std::string("linear");
  node.attributes["coordinate_transformation_mode"] = std::string(corners ? "align_corners"
                                                                  : half  ? "half_pixel"
                                                                          : "asymmetric");
  value.name = name;
  value.shape = {1, size[0], size[1], value.shape[3]};
  return value;
}

TfliteGraph::Value TfliteGraph::DepthToSpace(const TfliteOperator& op) {
  Value value = In(op, 0);
  const std::int64_t block = Option(op, 0, 0, true);
  if (block < 1 || block > 256 || value.shape[3] % (block * block) != 0) {
    Refuse("its block does not divide the channels");
  }
  const std::string name = NextName("depth_to_space");
  AddNode("DepthToSpace", name, {value.name}).attributes["blocksize"] = block;
  value.name = name;
  value.shape = {1, value.shape[1] * block, value.shape[2] * block,
                 value.shape[3] / (block * block)};
  if (value.shape[1] > 2 * kMaxStep || value.shape[2] > 2 * kMaxStep) {
    Refuse("its plane is too large");
  }
  return value;
}

TfliteGraph::Value TfliteGraph::Reshape(const TfliteOperator& op) {
  Value value = In(op, 0);
  const Shape declared = model_.tensors[static_cast<std::size_t>(op.outputs[0])].shape;
  if (declared.empty() || declared[0] != 1 || ElementCount(declared) != ElementCount(value.shape)) {
    Refuse(fmt::format("{} is no shape for {}", ToString(declared), ToString(value.shape)));
  }
  const std::string name = NextName("reshape");
  AddNode("Transpose", name + "/sorted", {value.name}).attributes["perm"] =
      std::vector<std::int64_t>{0, 2, 3, 1};
  std::vector<std::int64_t> shape = declared;
  shape[0] = 0;  // the batch as it is
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::string constant =
      AddConstant(name + "/shape", Tensor::Of<std::int64_t>({rank}, shape));
  AddNode("Reshape", name, {name + "/sorted", constant});
  return {name, declared, false};
}

}  // namespace systole::models
