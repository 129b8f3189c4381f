// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/stimulus.h"
#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole {

/// A network and inputs for it.
struct Sample {
  std::string name;
  Network network;
  Tensors inputs;
};

/// Random elements: float32 of both signs with zeros among them, or any bytes.
Tensor RandomTensor(Stimulus& random, ElementType type, const Shape& shape);

/// A network of one node with random data. `type` kFloat32: Conv; kInt8, kUint8: QLinearConv with
/// zero points. `attributes` as the operator has them; the bias is optional.
struct ConvSpec {
  ElementType type = ElementType::kFloat32;
  std::int64_t batch = 1, channels = 1, features = 1, group = 1;
  Shape in = {8, 8}, kernel = {3, 3};
  std::vector<std::int64_t> strides = {}, pads = {}, dilations = {};
  bool bias = true;
  bool per_channel = true;
};
Sample MakeConv(Stimulus& random, const ConvSpec& spec);

/// y = x * B + c: Gemm with transB, or QLinearMatMul.
Sample MakeDense(Stimulus& random, ElementType type, std::int64_t rows, std::int64_t depth,
                 std::int64_t features);

/// A node whose inputs are all inputs of the network.
Sample MakeNode(Stimulus& random, const std::string& op, ElementType type,
                const std::vector<Shape>& shapes, std::map<std::string, Attribute> attributes = {});

/// QuantizeLinear or DequantizeLinear of `count` elements.
Sample MakeQuantize(Stimulus& random, ElementType type, bool dequantize, std::int64_t count);

/// Resize to `out`.
Sample MakeResize(Stimulus& random, const Shape& in, const Shape& out, const std::string& mode,
                  const std::string& coordinates);

/// The samples side by side in one network; sample i's tensors get the prefix "i.".
Sample Join(const std::vector<Sample>& samples);

}  // namespace systole
