// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/stimulus.h"
#include "sw/scale_sim/topology.h"

namespace systole {
namespace {

/// Standard deviation of a uniform int8 value, and the one that results should have: then 1 of 700
/// saturates.
constexpr double kValueDeviation = 73.9, kResultDeviation = 40;

class Writer {
 public:
  Writer(const Topology& topology, std::uint64_t seed) : seeds_(seed) {
    network_.name = topology.name;
    network_.opset = 13;
    network_.initializers["unit"] = Tensor::Scalar<float>(1.0F);
    network_.initializers["zero"] = Tensor::Scalar<std::int8_t>(0);
    for (const TopologyLayer& layer : topology.layers) Add(layer);
    CheckNetwork(network_);
  }

  Network Take() { return std::move(network_); }

 private:
  void Add(const TopologyLayer& layer) {
    const ArrayLayer& work = layer.layer;
    const bool product = work.kind == ArrayLayer::Kind::kMatMul;
    Node node;
    node.name = layer.name;
    node.op = product ? "QLinearMatMul" : "QLinearConv";
    const std::string input = layer.name + "/input", weights = layer.name + "/weights";
    const std::string scale = layer.name + "/scale", output = layer.name + "/output";
    node.inputs = {input, "unit", "zero", weights, "unit", "zero", scale, "zero"};
    node.outputs = {output};
    if (!product) SetGeometry(node, work);
    const Shape in = product ? Shape{work.m, work.k}
                             : Shape{1, work.in_channels, work.height.input, work.width.input};
    const Shape kernel = product ? Shape{work.k, work.n}
                                 : Shape{work.out_channels, work.in_channels / work.group,
                                         work.height.kernel, work.width.kernel};
    network_.initializers[weights] = RandomInt8(kernel, seeds_.Next());
    const double deviation =
        std::sqrt(static_cast<double>(work.Depth())) * kValueDeviation * kValueDeviation;
    network_.initializers[scale] =
        Tensor::Scalar<float>(static_cast<float>(deviation / kResultDeviation));
    network_.inputs.push_back(input);
    network_.outputs.push_back(output);
    network_.values[input] = {ElementType::kInt8, in, true, {}};
    network_.nodes.push_back(std::move(node));
  }

  static void SetGeometry(Node& node, const ArrayLayer& work) {
    using Values = std::vector<std::int64_t>;
    node.attributes["kernel_shape"] = Values{work.height.kernel, work.width.kernel};
    node.attributes["strides"] = Values{work.height.stride, work.width.stride};
    node.attributes["pads"] = Values{0, 0, work.height.pad_after, work.width.pad_after};
    node.attributes["group"] = work.group;
  }

  Network network_;
  Stimulus seeds_;
};

}  // namespace

Tensor RandomInt8(const Shape& shape, std::uint64_t seed) {
  Stimulus random(seed);
  Tensor tensor(ElementType::kInt8, shape);
  std::span<std::byte> bytes = tensor.bytes();
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t value = random.Next();
    for (std::size_t i = at; i < std::min(at + sizeof(value), bytes.size()); ++i) {
      bytes[i] = static_cast<std::byte>(value >> 8 * (i - at) & 0xFF);
    }
  }
  return tensor;
}

Network TopologyNetwork(const Topology& topology, std::uint64_t seed) {
  return Writer(topology, seed).Take();
}

}  // namespace systole
