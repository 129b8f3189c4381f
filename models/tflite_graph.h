// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/tflite_file.h"
#include "sw/ir/network.h"

namespace systole::models {

/// Writes the operators of a TensorFlow Lite model into a network, one behind the other.
class TfliteGraph {
 public:
  /// `model` must outlive the graph; `origin` stands in messages.
  TfliteGraph(const TfliteModel& model, std::string origin);
  Network Convert();

 private:
  /// A tensor of the network with its shape as TensorFlow Lite has it.
  struct Value {
    std::string name;
    Shape shape;  ///< batch x height x width x channels where `plane`
    bool plane = true;
    /// Zeros around the plane that no node has added yet: top, left, bottom, right. `shape` counts
    /// them.
    std::array<std::int64_t, 4> pads = {0, 0, 0, 0};
  };
  struct Window {
    std::array<std::int64_t, 2> kernel, strides, dilations;
  };
  using Handler = Value (TfliteGraph::*)(const TfliteOperator&);
  struct Kind {
    const char* name;
    Handler handler;
  };
  static const std::map<int, Kind>& Kinds();

  Value Add(const TfliteOperator& op);
  Value Conv(const TfliteOperator& op);
  Value Depthwise(const TfliteOperator& op);
  Value Pad(const TfliteOperator& op);
  Value Relu(const TfliteOperator& op);
  Value ResizeBilinear(const TfliteOperator& op);
  Value DepthToSpace(const TfliteOperator& op);
  Value Reshape(const TfliteOperator& op);

  [[noreturn]] void Refuse(const std::string& why) const;
  void AddInput();
  /// A constant that an operator makes of a constant: DENSIFY, DEQUANTIZE.
  void PassConstant(const TfliteOperator& op);
  void Run(const TfliteOperator& op);
  /// Input `index` as a computed value, its padding included by a node if need be.
  Value In(const TfliteOperator& op, std::size_t index);
  /// The same with the padding left to the caller.
  Value PaddedIn(const TfliteOperator& op, std::size_t index);
  /// Input `index` as a constant; null where it is absent.
  const Tensor* Constant(const TfliteOperator& op, std::size_t index);
  std::vector<std::int64_t> IntegersOf(const TfliteOperator& op, std::size_t index);
  std::int64_t Option(const TfliteOperator& op, int field, std::int64_t fallback, bool wide) const;

  std::string NextName(const std::string& kind);
  Node& AddNode(const std::string& op, const std::string& name, std::vector<std::string> inputs);
  std::string AddConstant(const std::string& name, Tensor tensor);
  Value Convolve(const TfliteOperator& op, const std::string& kind, const Value& in,
                 const Window& window, Tensor weights, std::int64_t groups);
  /// Adds the fused activation of that number behind a value.
  Value Activate(Value in, std::int64_t activation);

  const TfliteModel& model_;
  std::string origin_, at_;  ///< the operator that is being converted, for messages
  Network network_;
  std::map<std::int64_t, Value> values_;
  std::map<std::int64_t, Tensor> constants_;
  std::map<std::string, int> numbers_;
  std::int64_t elements_ = 0;  ///< of all constants
};

}  // namespace systole::models
