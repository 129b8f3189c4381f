// SPDX-License-Identifier: Apache-2.0
#include "tests/trace/single_node.h"

#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

Sample Finish(std::string name, Network network, Tensors inputs) {
  network.opset = 13;
  network.name = name;
  std::map<std::string, Shape> shapes;
  for (const auto& [input, tensor] : inputs) {
    network.inputs.push_back(input);
    network.values[input] = {tensor.type(), tensor.shape(), true, {}};
    shapes[input] = tensor.shape();
  }
  network.outputs = {"y"};
  InferShapes(network, shapes);
  return {std::move(name), std::move(network), std::move(inputs)};
}

Tensor Zero(ElementType type, std::int64_t value) {
  if (type == ElementType::kInt8) return Tensor::Scalar(static_cast<std::int8_t>(value));
  return Tensor::Scalar(static_cast<std::uint8_t>(value + 128));
}

Tensor Scales(Stimulus& random, std::int64_t count, float unit) {
  std::vector<float> scales;
  for (std::int64_t i = 0; i < count; ++i) {
    scales.push_back(unit * static_cast<float>(random.Between(50, 150)) / 100.0F);
  }
  return Tensor::Of<float>(count == 1 ? Shape{} : Shape{count}, scales);
}

}  // namespace

Tensor RandomTensor(Stimulus& random, ElementType type, const Shape& shape) {
  Tensor tensor(type, shape);
  if (type == ElementType::kFloat32) {
    for (float& value : tensor.As<float>()) {
      value = random.Chance(64) ? 0.0F : static_cast<float>(random.Between(-1000, 1000)) / 317.0F;
    }
  } else if (type == ElementType::kInt32) {
    for (auto& value : tensor.As<std::int32_t>())
      value = static_cast<std::int32_t>(random.Between(-2000, 2000));
  } else {
    for (std::byte& value : tensor.bytes()) value = static_cast<std::byte>(random.Below(256));
  }
  return tensor;
}

Sample MakeConv(Stimulus& random, const ConvSpec& spec) {
  Network network;
  Node node{
      .name = "node", .op = "Conv", .domain = "", .inputs = {}, .outputs = {"y"}, .attributes = {}};
  Shape x = {spec.batch, spec.channels}, w = {spec.features, spec.channels / spec.group};
  x.insert(x.end(), spec.in.begin(), spec.in.end());
  w.insert(w.end(), spec.kernel.begin(), spec.kernel.end());
  node.attributes["group"] = spec.group;
  if (!spec.strides.empty()) node.attributes["strides"] = spec.strides;
  if (!spec.pads.empty()) node.attributes["pads"] = spec.pads;
  if (!spec.dilations.empty()) node.attributes["dilations"] = spec.dilations;
  if (spec.type == ElementType::kFloat32) {
    network.initializers["w"] = RandomTensor(random, spec.type, w);
    node.inputs = {"x", "w"};
    if (spec.bias) network.initializers["b"] = RandomTensor(random, spec.type, {spec.features});
  } else {
    node.op = "QLinearConv";
    node.inputs = {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz"};
    network.initializers["w"] = RandomTensor(random, ElementType::kInt8, w);
    network.initializers["xs"] = Tensor::Scalar(0.05F);
    network.initializers["ys"] = Tensor::Scalar(0.5F);
    network.initializers["ws"] = Scales(random, spec.per_channel ? spec.features : 1, 0.02F);
    network.initializers["wz"] = Tensor::Scalar(std::int8_t{0});
    network.initializers["xz"] = Zero(spec.type, random.Between(-128, 127));
    network.initializers["yz"] = Zero(spec.type, random.Between(-128, 127));
    if (spec.bias)
      network.initializers["b"] = RandomTensor(random, ElementType::kInt32, {spec.features});
  }
  if (spec.bias) node.inputs.push_back("b");
  network.nodes.push_back(node);
  return Finish(node.op, std::move(network), {{"x", RandomTensor(random, spec.type, x)}});
}

Sample MakeDense(Stimulus& random, ElementType type, std::int64_t rows, std::int64_t depth,
                 std::int64_t features) {
  Network network;
  Node node{.name = "node",
            .op = "Gemm",
            .domain = "",
            .inputs = {"x", "w", "b"},
            .outputs = {"y"},
            .attributes = {}};
  if (type == ElementType::kFloat32) {
    network.initializers["w"] = RandomTensor(random, type, {features, depth});
    network.initializers["b"] = RandomTensor(random, type, {features});
    node.attributes["transB"] = std::int64_t{1};
  } else {
    node.op = "QLinearMatMul";
    node.inputs = {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz"};
    network.initializers["w"] = RandomTensor(random, ElementType::kInt8, {depth, features});
    network.initializers["xs"] = Tensor::Scalar(0.05F);
    network.initializers["ys"] = Tensor::Scalar(0.5F);
    network.initializers["ws"] = Scales(random, features, 0.02F);
    network.initializers["wz"] = Tensor::Of<std::int8_t>(
        {features}, std::vector<std::int8_t>(static_cast<std::size_t>(features), 0));
    network.initializers["xz"] = Zero(type, random.Between(-128, 127));
    network.initializers["yz"] = Zero(type, random.Between(-128, 127));
  }
  network.nodes.push_back(node);
  return Finish(node.op, std::move(network), {{"x", RandomTensor(random, type, {rows, depth})}});
}

Sample MakeNode(Stimulus& random, const std::string& op, ElementType type,
                const std::vector<Shape>& shapes, std::map<std::string, Attribute> attributes) {
  Network network;
  Node node{.name = "node",
            .op = op,
            .domain = "",
            .inputs = {},
            .outputs = {"y"},
            .attributes = std::move(attributes)};
  Tensors inputs;
  for (const Shape& shape : shapes) {
    node.inputs.push_back("x" + std::to_string(inputs.size()));
    inputs[node.inputs.back()] = RandomTensor(random, type, shape);
  }
  network.nodes.push_back(node);
  return Finish(op, std::move(network), std::move(inputs));
}

Sample MakeQuantize(Stimulus& random, ElementType type, bool dequantize, std::int64_t count) {
  Network network;
  network.initializers["s"] = Tensor::Scalar(0.037F);
  network.initializers["z"] = Zero(type, random.Between(-100, 100));
  const std::string op = dequantize ? "DequantizeLinear" : "QuantizeLinear";
  network.nodes.push_back({.name = "node",
                           .op = op,
                           .domain = "",
                           .inputs = {"x", "s", "z"},
                           .outputs = {"y"},
                           .attributes = {}});
  const ElementType in = dequantize ? type : ElementType::kFloat32;
  return Finish(op, std::move(network), {{"x", RandomTensor(random, in, {count})}});
}

Sample MakeResize(Stimulus& random, const Shape& in, const Shape& out, const std::string& mode,
                  const std::string& coordinates) {
  Network network;
  network.initializers["sizes"] =
      Tensor::Of<std::int64_t>({static_cast<std::int64_t>(out.size())}, out);
  network.nodes.push_back(
      {.name = "node",
       .op = "Resize",
       .domain = "",
       .inputs = {"x", "", "", "sizes"},
       .outputs = {"y"},
       .attributes = {{"mode", mode}, {"coordinate_transformation_mode", coordinates}}});
  return Finish("Resize", std::move(network),
                {{"x", RandomTensor(random, ElementType::kFloat32, in)}});
}

Sample Join(const std::vector<Sample>& samples) {
  Sample joined;
  joined.network.opset = 13;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    const auto renamed = [&](const std::vector<std::string>& names) {
      std::vector<std::string> all;
      for (const std::string& name : names) all.push_back(name.empty() ? name : prefix + name);
      return all;
    };
    const Network& network = samples[i].network;
    for (const auto& [name, tensor] : samples[i].inputs) joined.inputs[prefix + name] = tensor;
    for (const auto& [name, tensor] : network.initializers)
      joined.network.initializers[prefix + name] = tensor;
    for (const auto& [name, value] : network.values) joined.network.values[prefix + name] = value;
    for (const std::string& name : renamed(network.inputs)) joined.network.inputs.push_back(name);
    for (const std::string& name : renamed(network.outputs)) joined.network.outputs.push_back(name);
    for (Node node : network.nodes) {
      node.name = prefix + node.name;
      node.inputs = renamed(node.inputs);
      node.outputs = renamed(node.outputs);
      joined.network.nodes.push_back(std::move(node));
    }
  }
  return joined;
}

}  // namespace systole
