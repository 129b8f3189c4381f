// SPDX-License-Identifier: Apache-2.0
// The layer types of KerasGraph.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/error.h"
#include "models/tfjs_graph.h"

namespace systole::models {
namespace {

/// height x width x in x out as ONNX's out x in x height x width; with `depthwise`, in x out become
/// the channels, each of one input.
Tensor TurnKernel(const Tensor& kernel, bool depthwise) {
  const Shape& s = kernel.shape();
  const std::int64_t window = s[0] * s[1], in = s[2], out = s[3];
  const Shape shape = depthwise ? Shape{in * out, 1, s[0], s[1]} : Shape{out, in, s[0], s[1]};
  Tensor turned(ElementType::kFloat32, shape);
  const auto from = kernel.As<float>();
  const auto to = turned.As<float>();
  for (std::int64_t i = 0; i < window; ++i) {
    for (std::int64_t c = 0; c < in; ++c) {
      for (std::int64_t m = 0; m < out; ++m) {
        const std::int64_t target = depthwise ? c * out + m : m * in + c;
        to[static_cast<std::size_t>(target * window + i)] =
            from[static_cast<std::size_t>((i * in + c) * out + m)];
      }
    }
  }
  return turned;
}

Tensor Filled(std::int64_t count, float value) {
  Tensor tensor(ElementType::kFloat32, {count});
  for (float& element : tensor.As<float>()) element = value;
  return tensor;
}

}  // namespace

const std::map<std::string, KerasGraph::Handler>& KerasGraph::Handlers() {
  static const std::map<std::string, Handler> handlers = {
      {"Activation", &KerasGraph::ActivationLayer},
      {"Add", &KerasGraph::Sum},
      {"AveragePooling2D", &KerasGraph::AveragePool},
      {"BatchNormalization", &KerasGraph::BatchNormalization},
      {"Conv2D", &KerasGraph::Conv},
      {"Dense", &KerasGraph::Dense},
      {"DepthwiseConv2D", &KerasGraph::Depthwise},
      {"Dropout", &KerasGraph::Dropout},
      {"Flatten", &KerasGraph::Flatten},
      {"GlobalAveragePooling2D", &KerasGraph::GlobalAveragePool},
      {"InputLayer", &KerasGraph::Input},
      {"MaxPooling2D", &KerasGraph::MaxPool},
      {"ReLU", &KerasGraph::Relu},
      {"ZeroPadding2D", &KerasGraph::ZeroPadding},
  };
  return handlers;
}

KerasTensor KerasGraph::Input(const Layer& layer) {
  if (!network_.inputs.empty()) Refuse(layer, "more than one input is not supported");
  const auto& dims = layer.config.Array("batch_input_shape");
  if (dims.size() != 4 || !dims[0].is_null()) {
    layer.config.Refuse("batch_input_shape", dims, "[null, height, width, channels]");
  }
  Shape shape;
  for (std::size_t i = 1; i < 4; ++i) {
    shape.push_back(layer.config.IntegerOf(dims[i], "batch_input_shape", 1));
  }
  network_.inputs = {layer.name};
  network_.values[layer.name] = {
      ElementType::kFloat32, {-1, shape[2], shape[0], shape[1]}, true, {"batch", "", "", ""}};
  return {layer.name, shape, {}, ""};
}

KerasTensor KerasGraph::ZeroPadding(const Layer& layer) {
  KerasTensor out = Settled(Plane(layer));
  const auto& padding = layer.config.Array("padding");
  if (padding.size() != 2)
    layer.config.Refuse("padding", padding, "[[top, bottom], [left, right]]");
  for (std::size_t i = 0; i < 2; ++i) {
    if (!padding[i].is_array() || padding[i].size() != 2) {
      layer.config.Refuse("padding", padding, "[[top, bottom], [left, right]]");
    }
    out.pads[i] = layer.config.IntegerOf(padding[i][0], "padding", 0);
    out.pads[i + 2] = layer.config.IntegerOf(padding[i][1], "padding", 0);
    out.shape[i] += out.pads[i] + out.pads[i + 2];
  }
  out.padded = layer.name;
  return out;
}

KerasTensor KerasGraph::Conv(const Layer& layer) {
  const KerasTensor& in = Plane(layer);
  const Window window = ReadWindow(layer, "kernel_size", in);
  const std::int64_t filters = layer.config.Integer("filters", 1);
  if (layer.config.Has("groups") && layer.config.Integer("groups", 1) != 1) {
    Refuse(layer, "groups are not supported");
  }
  const Tensor kernel =
      TakeWeight(layer, "kernel", {window.kernel[0], window.kernel[1], in.channels(), filters});
  AddConvolution(layer, in, window, TurnKernel(kernel, false), 1);
  return Activate(layer, layer.config.Text("activation", "linear"),
                  {layer.name, {window.shape[0], window.shape[1], filters}, {}, ""});
}

KerasTensor KerasGraph::Depthwise(const Layer& layer) {
  const KerasTensor& in = Plane(layer);
  const Window window = ReadWindow(layer, "kernel_size", in);
  const std::int64_t multiplier =
      layer.config.Has("depth_multiplier") ? layer.config.Integer("depth_multiplier", 1) : 1;
  const Tensor kernel = TakeWeight(layer, "depthwise_kernel",
                                   {window.kernel[0], window.kernel[1], in.channels(), multiplier});
  AddConvolution(layer, in, window, TurnKernel(kernel, true), in.channels());
  return Activate(
      layer, layer.config.Text("activation", "linear"),
      {layer.name, {window.shape[0], window.shape[1], in.channels() * multiplier}, {}, ""});
}

KerasTensor KerasGraph::BatchNormalization(const Layer& layer) {
  KerasTensor in = Settled(layer.inputs[0]);
  const auto rank = static_cast<std::int64_t>(in.shape.size());
  if (layer.config.Has("axis")) {
    const nlohmann::json& axis = layer.config.Any("axis");
    const nlohmann::json& number = axis.is_array() && axis.size() == 1 ? axis[0] : axis;
    if (number != -1 && number != rank) layer.config.Refuse("axis", axis, "the last one");
  }
  const double epsilon = layer.config.Number("epsilon");
  if (!(epsilon >= 0 && epsilon <= 1)) Refuse(layer, "epsilon has to be 0 to 1");
  const std::int64_t channels = in.channels();
  const auto weight = [&](const std::string& leaf, bool there, float otherwise) {
    return AddConstant(layer.name + "/" + leaf,
                       there ? TakeWeight(layer, leaf, {channels}) : Filled(channels, otherwise));
  };
  const std::vector<std::string> inputs = {
      in.value, weight("gamma", layer.config.Flag("scale", true), 1.0F),
      weight("beta", layer.config.Flag("center", true), 0.0F), weight("moving_mean", true, 0.0F),
      weight("moving_variance", true, 1.0F)};
  for (const float variance : network_.initializers.at(inputs[4]).As<float>()) {
    if (!(variance + static_cast<float>(epsilon) > 0.0F)) {
      Refuse(layer, fmt::format("variance {} plus epsilon {} is not positive", variance, epsilon));
    }
  }
  AddNode("BatchNormalization", layer.name, inputs).attributes["epsilon"] =
      static_cast<float>(epsilon);
  in.value = layer.name;
  return in;
}

KerasTensor KerasGraph::Relu(const Layer& layer) {
  const bool plain =
      layer.config.Number("negative_slope", 0) == 0 && layer.config.Number("threshold", 0) == 0;
  if (!plain) Refuse(layer, "negative_slope and threshold are not supported");
  const KerasTensor in = Settled(layer.inputs[0]);
  if (!layer.config.Has("max_value")) return Activate(layer, "relu", in);
  if (layer.config.Number("max_value") != 6) Refuse(layer, "max_value has to be 6 or null");
  return Activate(layer, "relu6", in);
}

KerasTensor KerasGraph::ActivationLayer(const Layer& layer) {
  return Activate(layer, layer.config.Text("activation"), Settled(layer.inputs[0]));
}

KerasTensor KerasGraph::Sum(const Layer& layer) {
  KerasTensor sum = Settled(layer.inputs[0]);
  for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
    const KerasTensor next = Settled(layer.inputs[i]);
    if (next.shape != sum.shape) {
      Refuse(layer,
             fmt::format("its inputs are {} and {}", ToString(sum.shape), ToString(next.shape)));
    }
    const bool last = i + 1 == layer.inputs.size();
    const std::string name = last ? layer.name : fmt::format("{}/{}", layer.name, i);
    AddNode("Add", name, {sum.value, next.value});
    sum.value = name;
  }
  return sum;
}

KerasTensor KerasGraph::AveragePool(const Layer& layer) { return Pool(layer, "AveragePool"); }

KerasTensor KerasGraph::MaxPool(const Layer& layer) { return Pool(layer, "MaxPool"); }

KerasTensor KerasGraph::GlobalAveragePool(const Layer& layer) {
  const KerasTensor in = Settled(Plane(layer));
  if (layer.config.Flag("keepdims", false)) Refuse(layer, "keepdims is not supported");
  AddNode("GlobalAveragePool", layer.name + "/pool", {in.value});
  AddNode("Flatten", layer.name, {layer.name + "/pool"});
  return {layer.name, {in.channels()}, {}, ""};
}

KerasTensor KerasGraph::Flatten(const Layer& layer) {
  KerasTensor in = Settled(layer.inputs[0]);
  if (!in.is_plane()) return in;
  std::string value = in.value;
  const std::int64_t pixels = in.shape[0] * in.shape[1];
  if (pixels > 1) {  // Keras walks through the channels of a pixel first
    const std::string name = layer.name + "/transpose";
    AddNode("Transpose", name, {value}).attributes["perm"] = std::vector<std::int64_t>{0, 2, 3, 1};
    value = name;
  }
  AddNode("Flatten", layer.name, {value});
  return {layer.name, {pixels * in.channels()}, {}, ""};
}

KerasTensor KerasGraph::Dropout(const Layer& layer) { return layer.inputs[0]; }

KerasTensor KerasGraph::Dense(const Layer& layer) {
  const KerasTensor& in = layer.inputs[0];
  if (in.is_plane()) Refuse(layer, "its input is a plane: a Flatten is needed before it");
  const std::int64_t units = layer.config.Integer("units", 1);
  std::vector<std::string> inputs = {
      in.value,
      AddConstant(layer.name + "/weight", TakeWeight(layer, "kernel", {in.channels(), units}))};
  if (layer.config.Flag("use_bias", true)) {
    inputs.push_back(AddConstant(layer.name + "/bias", TakeWeight(layer, "bias", {units})));
  }
  AddNode("Gemm", layer.name, std::move(inputs));
  return Activate(layer, layer.config.Text("activation", "linear"), {layer.name, {units}, {}, ""});
}

}  // namespace systole::models
