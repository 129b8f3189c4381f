// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/stimulus.h"
#include "sw/ir/network.h"
#include "sw/map/tiling.h"

namespace systole {

/// A node with its input tensors; an empty optional stands for an absent input.
struct NodeCase {
  Node node;
  std::vector<Tensor> inputs;  ///< kUndefined: absent

  std::vector<const Tensor*> Pointers() const {
    std::vector<const Tensor*> pointers;
    for (const Tensor& input : inputs) {
      pointers.push_back(input.type() == ElementType::kUndefined ? nullptr : &input);
    }
    return pointers;
  }
};

/// int8 or uint8 values, one in eight an extreme.
inline Tensor RandomBytes(Stimulus& random, ElementType type, Shape shape) {
  Tensor tensor(type, std::move(shape));
  for (std::byte& byte : tensor.bytes()) {
    byte = static_cast<std::byte>(static_cast<std::uint8_t>(random.Signed(8)));
  }
  return tensor;
}

inline ElementType RandomByteType(Stimulus& random) {
  return random.Chance(128) ? ElementType::kInt8 : ElementType::kUint8;
}

/// A zero point of that type: the symmetric one, an extreme, or any.
inline Tensor RandomZeros(Stimulus& random, ElementType type, Shape shape) {
  Tensor zeros = RandomBytes(random, type, std::move(shape));
  if (random.Chance(100)) {
    const int symmetric = type == ElementType::kUint8 ? 128 : 0;
    for (std::byte& byte : zeros.bytes()) byte = static_cast<std::byte>(symmetric);
  }
  return zeros;
}

inline Tensor RandomScales(Stimulus& random, Shape shape, float typical) {
  Tensor scales(ElementType::kFloat32, std::move(shape));
  for (float& scale : scales.As<float>()) {
    scale = typical * static_cast<float>(random.Between(50, 200)) / 100.0F;
  }
  return scales;
}

inline Tensor RandomBias(Stimulus& random, std::int64_t channels) {
  Tensor bias(ElementType::kInt32, {channels});
  for (std::int32_t& value : bias.As<std::int32_t>()) {
    value = static_cast<std::int32_t>(random.Between(-20000, 20000));
  }
  return bias;
}

/// Shapes of a random convolution; a zero of `kernel_h`, `kernel_w` is drawn.
struct ConvChoice {
  bool depthwise = false;
  std::int64_t kernel_h = 0, kernel_w = 0;
};

/// QLinearConv or ConvInteger of any small geometry; the input is never smaller than the kernel
/// needs.
inline NodeCase RandomConvolution(Stimulus& random, const ConvChoice& choice) {
  const std::int64_t batch = random.Between(1, 3), axes = random.Chance(40) ? 1 : 2;
  const std::int64_t group = choice.depthwise ? random.Between(1, 12) : random.Between(1, 3);
  const std::int64_t in_group = choice.depthwise ? 1 : random.Between(1, 4);
  const std::int64_t out_group = random.Chance(160) && choice.depthwise ? 1 : random.Between(1, 7);
  Shape x = {batch, group * in_group}, w = {group * out_group, in_group};
  std::vector<std::int64_t> strides, dilations, before, after;
  for (std::int64_t axis = 0; axis < axes; ++axis) {
    const std::int64_t wanted = axes == 1 || axis == 1 ? choice.kernel_w : choice.kernel_h;
    const std::int64_t kernel = wanted > 0 ? wanted : random.Between(1, 5);
    strides.push_back(random.Chance(128) ? 1 : random.Between(1, 4));
    dilations.push_back(random.Chance(160) ? 1 : random.Between(1, 3));
    const std::int64_t reach = (kernel - 1) * dilations.back() + 1;
    before.push_back(random.Chance(128) ? (reach - 1) / 2 : random.Between(0, reach + 1));
    after.push_back(random.Chance(160) ? before.back() : random.Between(0, reach + 1));
    const std::int64_t least = std::max<std::int64_t>(1, reach - before.back() - after.back());
    x.push_back(random.Between(least, least + 13));
    w.push_back(kernel);
  }
  NodeCase result;
  result.node.name = "layer";
  result.node.outputs = {"y"};
  auto& attributes = result.node.attributes;
  attributes["group"] = group;
  attributes["strides"] = strides;
  attributes["dilations"] = dilations;
  if (random.Chance(40)) {
    attributes["auto_pad"] = std::string(random.Chance(128) ? "SAME_UPPER" : "SAME_LOWER");
  } else {
    before.insert(before.end(), after.begin(), after.end());
    attributes["pads"] = before;
  }
  const ElementType x_type = RandomByteType(random), w_type = RandomByteType(random);
  const std::int64_t features = w[0];
  const Tensor x_values = RandomBytes(random, x_type, x), w_values = RandomBytes(random, w_type, w);
  const Tensor x_zero = RandomZeros(random, x_type, {});
  const Tensor w_zero = RandomZeros(random, w_type, random.Chance(128) ? Shape{} : Shape{features});
  if (random.Chance(64)) {
    result.node.op = "ConvInteger";
    result.inputs = {x_values, w_values, random.Chance(200) ? x_zero : Tensor(),
                     random.Chance(200) ? w_zero : Tensor()};
    return result;
  }
  result.node.op = "QLinearConv";
  result.inputs = {x_values,
                   RandomScales(random, {}, 0.02F),
                   x_zero,
                   w_values,
                   RandomScales(random, random.Chance(128) ? Shape{} : Shape{features}, 0.01F),
                   w_zero,
                   RandomScales(random, {}, 0.05F),
                   RandomZeros(random, RandomByteType(random), {}),
                   random.Chance(200) ? RandomBias(random, features) : Tensor()};
  return result;
}

/// Any layout of the lines of a depthwise layer.
inline LineChoice RandomLineChoice(Stimulus& random) {
  return {.along_width = random.Chance(128),
          .short_first = random.Chance(200),
          .dense = random.Chance(128),
          .strips = random.Chance(128) ? 1 : random.Between(2, 6)};
}

/// QLinearMatMul or MatMulInteger with broadcast batches, vectors, and zero points of any form.
inline NodeCase RandomMatMul(Stimulus& random) {
  const std::int64_t m = random.Between(1, 9), k = random.Between(1, 20), n = random.Between(1, 12);
  Shape a = {m, k}, b = {k, n};
  if (random.Chance(20)) a = {k};
  if (random.Chance(20)) b = {k};
  for (std::int64_t axes = random.Between(0, 2); axes > 0; --axes) {
    const std::int64_t dim = random.Between(1, 3);
    if (a.size() > 1 && random.Chance(180)) a.insert(a.begin(), random.Chance(200) ? dim : 1);
    if (b.size() > 1 && random.Chance(128)) b.insert(b.begin(), random.Chance(200) ? dim : 1);
    if (a.size() != b.size()) break;  // further dimensions might not fit each other
  }
  const ElementType a_type = RandomByteType(random), b_type = RandomByteType(random);
  const std::int64_t columns = b.size() == 1 ? 1 : n;
  Shape a_zeros, b_zeros;
  if (a.size() > 1 && random.Chance(60)) {
    a_zeros = {m};
    if (a.size() > 2 && random.Chance(128)) {
      a_zeros = a;
      a_zeros.back() = 1;
    }
  }
  if (b.size() > 1 && random.Chance(100)) {
    b_zeros = {n};
    if (b.size() > 2 && random.Chance(128)) {
      b_zeros = b;
      b_zeros[b.size() - 2] = 1;
    }
  }
  NodeCase result;
  result.node.name = "layer";
  result.node.outputs = {"y"};
  const Tensor a_values = RandomBytes(random, a_type, a), b_values = RandomBytes(random, b_type, b);
  const Tensor a_zero = RandomZeros(random, a_type, a_zeros);
  const Tensor b_zero = RandomZeros(random, b_type, b_zeros);
  if (random.Chance(100)) {
    result.node.op = "MatMulInteger";
    result.inputs = {a_values, b_values, random.Chance(200) ? a_zero : Tensor(),
                     random.Chance(200) ? b_zero : Tensor()};
    return result;
  }
  result.node.op = "QLinearMatMul";
  result.inputs = {a_values,
                   RandomScales(random, {}, 0.02F),
                   a_zero,
                   b_values,
                   RandomScales(random, random.Chance(128) ? Shape{} : Shape{columns}, 0.01F),
                   b_zero,
                   RandomScales(random, {}, 0.05F),
                   RandomZeros(random, RandomByteType(random), {})};
  return result;
}

}  // namespace systole
