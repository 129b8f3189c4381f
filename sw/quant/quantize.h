// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole {

enum class QuantFormat { kQOperator, kQdq };
enum class CalibrationMethod { kMinMax, kPercentile };

struct QuantizeOptions {
  QuantFormat format = QuantFormat::kQOperator;
  /// kInt8 or kUint8; weights are int8 always.
  ElementType activations = ElementType::kInt8;
  CalibrationMethod method = CalibrationMethod::kMinMax;
  /// With kPercentile: this share of a tensor's values lies inside its range, in percent, above 50
  /// and at most 100; half of the rest is cut off at either end.
  double percentile = 99.99;
  /// Names of nodes that stay float; a name that the network does not have is an error.
  std::set<std::string> keep_float = {};
  /// Called after every calibration run with the runs done and the runs needed; may be empty.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

/// Post-training quantization (docs/quantization.md). Conv, Gemm and MatMul are computed on int8
/// (activations: one scale and zero point a tensor; weights: symmetric, one scale an output
/// channel; bias: int32), the Relu or Clip behind one is the saturation of its result, data
/// movement and max-pooling stay on int8, everything else stays float. The result uses standard
/// ai.onnx operators only, opset 13 or later, and keeps the names and types of the network's inputs
/// and outputs and of its float tensors; the shapes of new tensors are left to InferShapes.
///
/// `calibration` holds one or more sets of inputs, each of any batch that the network takes.
/// Throws RequestError: options out of range, no calibration inputs, a network that is quantized
/// already or has nothing to quantize, values that are not finite (naming tensor and node), scales
/// or sums that do not fit (naming the node).
Network Quantize(const Network& float_network, const std::vector<Tensors>& calibration,
                 const QuantizeOptions& options);

}  // namespace systole
