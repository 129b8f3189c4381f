// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/json_fields.h"
#include "sw/ir/network.h"

namespace systole::models {

/// What a Keras layer hands on: a tensor of the network with its shape as Keras has it, without the
/// batch: {height, width, channels}, or {channels}.
struct KerasTensor {
  std::string value;
  Shape shape;
  /// Zeros around the plane that no node has added yet: top, left, bottom, right. `shape` counts
  /// them; the next convolution takes them over.
  std::array<std::int64_t, 4> pads = {0, 0, 0, 0};
  std::string padded;  ///< the layer that asked for them

  std::int64_t channels() const { return shape.back(); }
  bool is_plane() const { return shape.size() == 3; }
};

/// Writes the nodes of Keras layers into a network, one layer after the other.
class KerasGraph {
 public:
  /// `weights` are TensorFlow's, by name; `origin` stands in messages.
  KerasGraph(std::map<std::string, Tensor> weights, std::string name, std::string origin);

  /// Adds a layer: `layer` is its object of the model's list.
  void Add(const nlohmann::json& layer);
  /// The network with the output of that layer; checks that every weight has been used.
  Network Finish(const std::string& output);

 private:
  struct Layer {
    std::string name, type;
    Fields config;
    std::vector<KerasTensor> inputs;
  };
  /// Kernel, strides, padding of a convolution or pooling, and what they make of a plane.
  struct Window {
    std::array<std::int64_t, 2> kernel, strides, dilations;
    std::array<std::int64_t, 4> pads;
    Shape shape;  ///< height, width
  };
  using Handler = KerasTensor (KerasGraph::*)(const Layer&);
  static const std::map<std::string, Handler>& Handlers();

  KerasTensor Input(const Layer& layer);
  KerasTensor ZeroPadding(const Layer& layer);
  KerasTensor Conv(const Layer& layer);
  KerasTensor Depthwise(const Layer& layer);
  KerasTensor BatchNormalization(const Layer& layer);
  KerasTensor Relu(const Layer& layer);
  KerasTensor ActivationLayer(const Layer& layer);
  KerasTensor Sum(const Layer& layer);
  KerasTensor AveragePool(const Layer& layer);
  KerasTensor MaxPool(const Layer& layer);
  KerasTensor GlobalAveragePool(const Layer& layer);
  KerasTensor Flatten(const Layer& layer);
  KerasTensor Dropout(const Layer& layer);
  KerasTensor Dense(const Layer& layer);

  [[noreturn]] static void Refuse(const Layer& layer, const std::string& why);
  std::vector<KerasTensor> ReadInputs(const nlohmann::json& layer, const std::string& who) const;
  static Window ReadWindow(const Layer& layer, const std::string& kernel_key,
                           const KerasTensor& in);
  /// The only input, as a plane, or as anything with its padding added by a node of its own.
  static const KerasTensor& Plane(const Layer& layer);
  KerasTensor Settled(const KerasTensor& tensor);

  Node& AddNode(const std::string& op, const std::string& name, std::vector<std::string> inputs);
  std::string AddConstant(const std::string& name, Tensor tensor);
  /// The weight `LAYER/leaf`, which must have that shape; it counts as used.
  Tensor TakeWeight(const Layer& layer, const std::string& leaf, const Shape& shape);
  Node& AddConvolution(const Layer& layer, const KerasTensor& in, const Window& window,
                       Tensor kernel, std::int64_t groups);
  KerasTensor Pool(const Layer& layer, const std::string& op);
  /// Adds the activation of that Keras name behind `in`.
  KerasTensor Activate(const Layer& layer, const std::string& activation, KerasTensor in);

  std::map<std::string, Tensor> weights_;
  std::string origin_;
  Network network_;
  std::map<std::string, KerasTensor> made_;  ///< by layer
};

}  // namespace systole::models
