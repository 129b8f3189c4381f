// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sw/ir/network.h"

namespace systole {

/// Reads a float network of TensorFlow Lite (`.tflite`, schema version 3) as ONNX (opset 13): one
/// subgraph, one input of batch x height x width x channels; weights float32 or float16, dense or
/// sparse (any order of traversal, blocks, dense and compressed levels), float16 becoming float32.
///
/// Images are N x C x H x W as everywhere in ONNX, though TensorFlow Lite has N x H x W x C: the
/// input takes them in that order, weights are turned, and Reshape sorts planes back first. Padding
/// is explicit; a PAD goes into the convolution behind it where it can. The batch is open. Nodes
/// are named by their kind and number (`conv1`, `depthwise1`, `add1`; `conv1/relu`), their tensors
/// likewise.
///
/// Operators: ADD, CONV_2D, DEPTHWISE_CONV_2D, PAD, RELU, RESIZE_BILINEAR, DEPTH_TO_SPACE, RESHAPE;
/// DEQUANTIZE (of float16) and DENSIFY of constants. Fused activations: none, RELU, RELU6.
///
/// Throws RequestError naming file and operator or tensor for anything else, for files that are
/// broken, and for weights that are not finite.
Network ReadTflite(const std::filesystem::path& path);

/// The same for a model in memory; `origin` stands in messages.
Network ParseTfliteNetwork(std::string_view bytes, const std::string& origin);

}  // namespace systole
