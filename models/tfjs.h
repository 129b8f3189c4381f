// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "sw/ir/network.h"

namespace systole {

/// Reads a Keras network in TensorFlow.js's layers format (`model.json` and the weight files that
/// it names, in the same folder; weights float32, or uint8 or uint16 with scale and minimum) as a
/// float ONNX network (opset 14).
///
/// Images are N x C x H x W as everywhere in ONNX, though Keras has N x H x W x C: the input takes
/// them in that order, weights are turned, and Flatten sorts a plane of more than one pixel back.
/// Padding is explicit: "same" puts the odd pixel to the right and to the bottom, ZeroPadding2D
/// goes into the convolution behind it. Dropout is left out, BatchNormalization a node of its own.
/// Nodes have Keras's layer names, fused activations `LAYER/relu`; a node's tensor has its name.
///
/// Layers: InputLayer, ZeroPadding2D, Conv2D, DepthwiseConv2D, BatchNormalization, ReLU,
/// Activation, Add, AveragePooling2D, MaxPooling2D, GlobalAveragePooling2D, Flatten, Dropout,
/// Dense; of one input and one output, channels_last.
///
/// Throws RequestError naming file and layer: broken JSON, a layer type, option or element type
/// that is not known, weights that are missing, too many, truncated, of another shape than their
/// layer or not finite, weight files outside the folder.
Network ReadTfjs(const std::filesystem::path& model_json);

}  // namespace systole
