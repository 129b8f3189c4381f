// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "sw/onnx/onnx_io.h"
#include "sw/quant/quantize.h"

namespace systole {

inline const std::filesystem::path kLenetFolder =
    std::filesystem::path(SYSTOLE_SOURCE_DIR) / "models" / "lenet";

inline Network FloatLenet() {
  Network network = ReadOnnx(kLenetFolder / "lenet5.onnx");
  InferShapes(network, {{network.inputs.at(0), {1, 1, 28, 28}}});
  return network;
}

inline Network QuantizedLenet(ElementType activations) {
  const Network network = ReadOnnx(kLenetFolder / "lenet5.onnx");
  QuantizeOptions options;
  options.activations = activations;
  Network quantized = Quantize(
      network, {{{network.inputs.at(0), ReadTensor(kLenetFolder / "calibration.npy")}}}, options);
  InferShapes(quantized, {{quantized.inputs.at(0), {1, 1, 28, 28}}});
  return quantized;
}

/// The first of the digits, as a batch of one.
inline Tensor FirstDigit() {
  const Tensor digits = ReadTensor(kLenetFolder / "digits.npy");
  return Tensor::Of<float>({1, 1, 28, 28}, digits.As<float>().first(28 * 28));
}

}  // namespace systole
