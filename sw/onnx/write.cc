// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <limits>
#include <set>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "sw/onnx/tensor_proto.h"

namespace systole {
namespace {

constexpr int kIrVersion = 8;

onnx::AttributeProto ConvertAttribute(const std::string& key, const Attribute& attribute) {
  onnx::AttributeProto proto;
  proto.set_name(key);
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          proto.set_type(onnx::AttributeProto::INT);
          proto.set_i(value);
        } else if constexpr (std::is_same_v<T, float>) {
          proto.set_type(onnx::AttributeProto::FLOAT);
          proto.set_f(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          proto.set_type(onnx::AttributeProto::STRING);
          proto.set_s(value);
        } else if constexpr (std::is_same_v<T, Tensor>) {
          proto.set_type(onnx::AttributeProto::TENSOR);
          *proto.mutable_t() = TensorToProto(value, "");
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          proto.set_type(onnx::AttributeProto::INTS);
          proto.mutable_ints()->Add(value.begin(), value.end());
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          proto.set_type(onnx::AttributeProto::FLOATS);
          proto.mutable_floats()->Add(value.begin(), value.end());
        } else {
          proto.set_type(onnx::AttributeProto::STRINGS);
          for (const std::string& text : value) proto.add_strings(text);
        }
      },
      attribute);
  return proto;
}

/// Type and shape of one tensor; without a known element type, the name alone.
onnx::ValueInfoProto ConvertValue(const Network& network, const std::string& name) {
  onnx::ValueInfoProto info;
  info.set_name(name);
  ValueType value;
  if (const auto found = network.values.find(name); found != network.values.end()) {
    value = found->second;
  } else if (const Tensor* constant = network.Constant(name)) {
    value = {constant->type(), constant->shape(), true, {}};
  }
  if (value.type == ElementType::kUndefined) return info;
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(static_cast<int>(value.type));
  if (!value.has_shape) return info;
  auto* shape = type->mutable_shape();
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    auto* dim = shape->add_dim();
    if (value.shape[i] >= 0) {
      dim->set_dim_value(value.shape[i]);
    } else if (i < value.symbols.size() && !value.symbols[i].empty()) {
      dim->set_dim_param(value.symbols[i]);
    }
  }
  return info;
}

void AddNode(const Node& node, onnx::GraphProto& graph) {
  auto* proto = graph.add_node();
  proto->set_name(node.name);
  proto->set_op_type(node.op);
  if (!node.domain.empty()) proto->set_domain(node.domain);
  for (const std::string& input : node.inputs) proto->add_input(input);
  for (const std::string& output : node.outputs) proto->add_output(output);
  for (const auto& [key, attribute] : node.attributes) {
    *proto->add_attribute() = ConvertAttribute(key, attribute);
  }
}

}  // namespace

std::string SerializeOnnx(const Network& network) {
  CheckNetwork(network);
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("systole");
  model.set_producer_version(SYSTOLE_VERSION);
  auto* opset = model.add_opset_import();
  opset->set_domain("");
  opset->set_version(network.opset);
  auto* graph = model.mutable_graph();
  graph->set_name(network.name.empty() ? "graph" : network.name);
  for (const Node& node : network.nodes) AddNode(node, *graph);
  for (const auto& [name, tensor] : network.initializers) {
    *graph->add_initializer() = TensorToProto(tensor, name);
  }
  std::set<std::string> listed;
  for (const std::string& name : network.inputs) {
    *graph->add_input() = ConvertValue(network, name);
    listed.insert(name);
  }
  for (const std::string& name : network.outputs) {
    *graph->add_output() = ConvertValue(network, name);
    listed.insert(name);
  }
  for (const auto& [name, value] : network.values) {
    if (listed.contains(name) || network.initializers.contains(name)) continue;
    if (value.type != ElementType::kUndefined)
      *graph->add_value_info() = ConvertValue(network, name);
  }
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw RequestError(fmt::format("network '{}' exceeds the 2 GiB of an ONNX file", network.name));
  }
  return model.SerializeAsString();
}

void WriteOnnx(const Network& network, const std::filesystem::path& path) {
  WriteFile(path, SerializeOnnx(network));
}

}  // namespace systole
