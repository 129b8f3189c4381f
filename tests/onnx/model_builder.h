// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "sw/onnx/onnx_io.h"

namespace systole {

inline onnx::NodeProto* AddNode(onnx::ModelProto& model, const std::string& op,
                                const std::vector<std::string>& inputs,
                                const std::vector<std::string>& outputs) {
  onnx::NodeProto* node = model.mutable_graph()->add_node();
  node->set_op_type(op);
  for (const std::string& input : inputs) node->add_input(input);
  for (const std::string& output : outputs) node->add_output(output);
  return node;
}

inline onnx::AttributeProto* AddAttribute(onnx::NodeProto* node, const std::string& name,
                                          onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return attribute;
}

inline void AddInts(onnx::NodeProto* node, const std::string& name,
                    const std::vector<std::int64_t>& values) {
  onnx::AttributeProto* attribute = AddAttribute(node, name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute->add_ints(value);
}

inline void SetValue(onnx::ValueInfoProto* info, const std::string& name, int type,
                     const Shape& shape) {
  info->set_name(name);
  auto* tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  auto* dims = tensor->mutable_shape();
  for (const std::int64_t dim : shape) dims->add_dim()->set_dim_value(dim);
}

inline void AddInput(onnx::ModelProto& model, const std::string& name, int type,
                     const Shape& shape) {
  SetValue(model.mutable_graph()->add_input(), name, type, shape);
}

inline void AddOutput(onnx::ModelProto& model, const std::string& name, int type,
                      const Shape& shape) {
  SetValue(model.mutable_graph()->add_output(), name, type, shape);
}

inline onnx::ModelProto EmptyModel(int opset = 13) {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("small");
  return model;
}

/// x 1x2x4x4 -> conv1 (1x1, 3 channels, weights w) -> a -> relu1 -> y
inline onnx::ModelProto SmallModel() {
  onnx::ModelProto model = EmptyModel();
  onnx::NodeProto* conv = AddNode(model, "Conv", {"x", "w"}, {"a"});
  conv->set_name("conv1");
  AddInts(conv, "strides", {1, 1});
  AddNode(model, "Relu", {"a"}, {"y"})->set_name("relu1");
  onnx::TensorProto* weights = model.mutable_graph()->add_initializer();
  weights->set_name("w");
  weights->set_data_type(onnx::TensorProto::FLOAT);
  for (const int dim : {3, 2, 1, 1}) weights->add_dims(dim);
  for (const float value : {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F}) weights->add_float_data(value);
  AddInput(model, "x", onnx::TensorProto::FLOAT, {1, 2, 4, 4});
  AddOutput(model, "y", onnx::TensorProto::FLOAT, {1, 3, 4, 4});
  return model;
}

inline Network Parse(const onnx::ModelProto& model) {
  return ParseOnnx(model.SerializeAsString(), "model.onnx", "");
}

}  // namespace systole
