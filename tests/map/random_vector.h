// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/map/random_layer.h"

namespace systole {

/// A matrix product, or a convolution with one output position, of one row and many columns: any
/// zero points, types, and a few products.
inline NodeCase RandomVectorProduct(Stimulus& random) {
  const std::int64_t k = random.Between(1, 40), n = random.Between(1, 40);
  const std::int64_t products = random.Chance(64) ? random.Between(2, 3) : 1;
  const ElementType x_type = RandomByteType(random), w_type = RandomByteType(random);
  NodeCase result;
  result.node.name = "layer";
  result.node.outputs = {"y"};
  const Tensor x_zero = RandomZeros(random, x_type, {}), w_zero = RandomZeros(random, w_type, {});
  const Tensor x_scale = RandomScales(random, {}, 0.02F);
  const Tensor y_scale = RandomScales(random, {}, 0.05F);
  const Tensor y_zero = RandomZeros(random, RandomByteType(random), {});
  const bool raw = random.Chance(64);
  if (random.Chance(128)) {
    const Shape a = products > 1 ? Shape{products, 1, k} : Shape{1, k};
    const Shape b = products > 1 ? Shape{products, k, n} : Shape{k, n};
    const Tensor x = RandomBytes(random, x_type, a), w = RandomBytes(random, w_type, b);
    result.node.op = raw ? "MatMulInteger" : "QLinearMatMul";
    result.inputs = {x, w, x_zero, w_zero};
    if (!raw) {
      result.inputs = {x,      x_scale, x_zero, w, RandomScales(random, {}, 0.01F),
                       w_zero, y_scale, y_zero};
    }
    return result;
  }
  // The kernel covers the whole input and, now and then, padding.
  const std::int64_t side = random.Between(1, 3), pad = random.Chance(64) ? 1 : 0;
  const std::int64_t kernel = side + 2 * pad, channels = random.Between(1, 6);
  const Tensor x = RandomBytes(random, x_type, {1, products * channels, side, side});
  const Tensor w = RandomBytes(random, w_type, {products * n, channels, kernel, kernel});
  result.node.op = raw ? "ConvInteger" : "QLinearConv";
  result.node.attributes["group"] = products;
  result.node.attributes["pads"] = std::vector<std::int64_t>(4, pad);
  result.inputs = {x, w, x_zero, w_zero};
  if (!raw) {
    result.inputs = {x,
                     x_scale,
                     x_zero,
                     w,
                     RandomScales(random, {products * n}, 0.01F),
                     w_zero,
                     y_scale,
                     y_zero,
                     RandomBias(random, products * n)};
  }
  return result;
}

}  // namespace systole
