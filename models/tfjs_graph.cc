// SPDX-License-Identifier: Apache-2.0
#include "models/tfjs_graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "models/append_node.h"

namespace systole::models {
namespace {

constexpr int kOpset = 14;

std::vector<std::int64_t> List(const std::array<std::int64_t, 2>& pair) {
  return {pair.begin(), pair.end()};
}

}  // namespace

KerasGraph::KerasGraph(std::map<std::string, Tensor> weights, std::string name, std::string origin)
    : weights_(std::move(weights)), origin_(std::move(origin)) {
  network_.name = std::move(name);
  network_.opset = kOpset;
}

void KerasGraph::Refuse(const Layer& layer, const std::string& why) {
  throw RequestError(fmt::format("{}: {}", layer.config.who(), why));
}

std::vector<KerasTensor> KerasGraph::ReadInputs(const nlohmann::json& layer,
                                                const std::string& who) const {
  std::vector<KerasTensor> inputs;
  const Fields fields(layer, who);
  const auto& calls = fields.Array("inbound_nodes");
  if (calls.size() > 1) throw RequestError(who + ": a layer that is used twice is not supported");
  if (calls.empty()) return inputs;
  if (!calls[0].is_array()) fields.Refuse("inbound_nodes", calls[0], "a list");
  for (const auto& input : calls[0]) {
    const bool usual = input.is_array() && input.size() >= 3 && input[0].is_string() &&
                       input[1] == 0 && input[2] == 0;
    if (!usual) fields.Refuse("inbound_nodes", input, "[\"LAYER\", 0, 0, {}]");
    const auto found = made_.find(input[0].get<std::string>());
    if (found == made_.end()) {
      throw RequestError(fmt::format("{} reads '{}', which does not stand before it", who,
                                     input[0].get<std::string>()));
    }
    inputs.push_back(found->second);
  }
  return inputs;
}

void KerasGraph::Add(const nlohmann::json& json) {
  const Fields fields(json, origin_ + ": a layer");
  const std::string name = fields.Text("name"), type = fields.Text("class_name");
  const std::string who = fmt::format("{}: layer '{}' ({})", origin_, name, type);
  const auto handler = Handlers().find(type);
  if (handler == Handlers().end()) {
    std::vector<std::string> known;
    for (const auto& [known_type, unused] : Handlers()) known.push_back(known_type);
    throw RequestError(who + ": this type of layer is not supported",
                       fmt::format("these are: {}", fmt::join(known, ", ")));
  }
  if (name.empty()) throw RequestError(who + ": it has no name");
  if (made_.contains(name)) throw RequestError(who + " is there twice");
  Layer layer{name, type, Fields(fields.Any("config"), who), ReadInputs(json, who)};
  const std::size_t inputs = layer.inputs.size();
  const bool fits = type == "InputLayer" ? inputs == 0 : type == "Add" ? inputs >= 2 : inputs == 1;
  if (!fits) throw RequestError(fmt::format("{} has {} inputs", who, inputs));
  if (layer.config.Text("data_format", "channels_last") != "channels_last") {
    Refuse(layer, "data_format has to be channels_last");
  }
  made_[name] = (this->*handler->second)(layer);
}

Network KerasGraph::Finish(const std::string& output) {
  const auto found = made_.find(output);
  if (found == made_.end()) {
    throw RequestError(fmt::format("{}: there is no layer '{}', the output", origin_, output));
  }
  if (!weights_.empty()) {
    throw RequestError(
        fmt::format("{}: weight '{}' belongs to no layer", origin_, weights_.begin()->first));
  }
  const KerasTensor result = Settled(found->second);
  if (network_.nodes.empty()) throw RequestError(origin_ + " has no layer that computes");
  network_.outputs = {result.value};
  Shape shape = {-1, result.channels()};
  if (result.is_plane()) shape.insert(shape.end(), {result.shape[0], result.shape[1]});
  std::vector<std::string> symbols(shape.size());
  symbols[0] = "batch";
  network_.values[result.value] = {ElementType::kFloat32, std::move(shape), true, symbols};
  CheckNetwork(network_);
  return std::exchange(network_, {});
}

Node& KerasGraph::AddNode(const std::string& op, const std::string& name,
                          std::vector<std::string> inputs) {
  return AppendNode(network_, op, name, std::move(inputs));
}

std::string KerasGraph::AddConstant(const std::string& name, Tensor tensor) {
  network_.initializers[name] = std::move(tensor);
  return name;
}

Tensor KerasGraph::TakeWeight(const Layer& layer, const std::string& leaf, const Shape& shape) {
  const std::string name = layer.name + "/" + leaf;
  const auto found = weights_.find(name);
  if (found == weights_.end()) Refuse(layer, fmt::format("weight '{}' is missing", name));
  if (found->second.shape() != shape) {
    Refuse(layer, fmt::format("weight '{}' is {}, not {}", name, ToString(found->second.shape()),
                              ToString(shape)));
  }
  Tensor tensor = std::move(found->second);
  weights_.erase(found);
  return tensor;
}

const KerasTensor& KerasGraph::Plane(const Layer& layer) {
  const KerasTensor& in = layer.inputs[0];
  if (!in.is_plane()) Refuse(layer, "its input has no height and width");
  return in;
}

KerasTensor KerasGraph::Settled(const KerasTensor& tensor) {
  KerasTensor settled = tensor;
  settled.pads = {0, 0, 0, 0};
  if (settled.pads == tensor.pads) return settled;
  const auto& [top, left, bottom, right] = tensor.pads;
  // Two readers may each ask for it.
  if (!network_.initializers.contains(tensor.padded + "/pads")) {
    const std::string pads =
        AddConstant(tensor.padded + "/pads",
                    Tensor::Of<std::int64_t>(
                        {8}, std::vector<std::int64_t>{0, 0, top, left, 0, 0, bottom, right}));
    AddNode("Pad", tensor.padded, {tensor.value, pads});
  }
  settled.value = tensor.padded;
  return settled;
}

KerasGraph::Window KerasGraph::ReadWindow(const Layer& layer, const std::string& kernel_key,
                                          const KerasTensor& in) {
  const Fields& config = layer.config;
  Window window;
  window.kernel = config.Pair(kernel_key, 1);
  window.strides = config.Has("strides") ? config.Pair("strides", 1) : window.kernel;
  window.dilations = config.Has("dilation_rate") ? config.Pair("dilation_rate", 1)
                                                 : std::array<std::int64_t, 2>{1, 1};
  const std::string padding = config.Text("padding");
  if (padding != "same" && padding != "valid") Refuse(layer, "padding has to be same or valid");
  window.pads = in.pads;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t size = in.shape[i], stride = window.strides[i];
    const std::int64_t reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
    std::int64_t zeros = 0;
    if (padding == "same") {
      zeros = std::max<std::int64_t>(0, ((size + stride - 1) / stride - 1) * stride + reach - size);
    }
    if (size + zeros < reach) Refuse(layer, "its window is larger than its input");
    window.pads[i] += zeros / 2;  // TensorFlow: the odd one behind
    window.pads[i + 2] += zeros - zeros / 2;
    window.shape.push_back((size + zeros - reach) / stride + 1);
  }
  return window;
}

Node& KerasGraph::AddConvolution(const Layer& layer, const KerasTensor& in, const Window& window,
                                 Tensor kernel, std::int64_t groups) {
  std::vector<std::string> inputs = {in.value,
                                     AddConstant(layer.name + "/weight", std::move(kernel))};
  if (layer.config.Flag("use_bias", true)) {
    const std::int64_t channels = network_.initializers.at(inputs[1]).shape()[0];
    inputs.push_back(AddConstant(layer.name + "/bias", TakeWeight(layer, "bias", {channels})));
  }
  Node& node = AddNode("Conv", layer.name, std::move(inputs));
  node.attributes["kernel_shape"] = List(window.kernel);
  node.attributes["strides"] = List(window.strides);
  node.attributes["dilations"] = List(window.dilations);
  node.attributes["pads"] = std::vector<std::int64_t>(window.pads.begin(), window.pads.end());
  node.attributes["group"] = groups;
  return node;
}

KerasTensor KerasGraph::Pool(const Layer& layer, const std::string& op) {
  const KerasTensor in = Settled(Plane(layer));
  const Window window = ReadWindow(layer, "pool_size", in);
  if (window.dilations != std::array<std::int64_t, 2>{1, 1})
    Refuse(layer, "dilation_rate is not 1");
  Node& node = AddNode(op, layer.name, {in.value});
  node.attributes["kernel_shape"] = List(window.kernel);
  node.attributes["strides"] = List(window.strides);
  node.attributes["pads"] = std::vector<std::int64_t>(window.pads.begin(), window.pads.end());
  return {layer.name, {window.shape[0], window.shape[1], in.channels()}, {}, ""};
}

KerasTensor KerasGraph::Activate(const Layer& layer, const std::string& activation,
                                 KerasTensor in) {
  if (activation == "linear") return in;
  // A layer that is nothing but its activation gives it its own name.
  const bool alone = layer.type == "Activation" || layer.type == "ReLU";
  const std::string name = alone ? layer.name : layer.name + "/" + activation;
  if (activation == "relu") {
    AddNode("Relu", name, {in.value});
  } else if (activation == "relu6") {
    AddNode("Clip", name,
            {in.value, AddConstant("zero", Tensor::Scalar(0.0F)),
             AddConstant("six", Tensor::Scalar(6.0F))});
  } else if (activation == "softmax") {
    AddNode("Softmax", name, {in.value}).attributes["axis"] = std::int64_t{1};  // the channels
  } else {
    Refuse(layer, fmt::format("activation '{}' is not supported: linear, relu, relu6 or softmax",
                              activation));
  }
  in.value = name;
  return in;
}

}  // namespace systole::models
