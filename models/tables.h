// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/build_model.h"
#include "models/layer_writer.h"

namespace systole::models {

/// `channels * width`, rounded to a multiple of 8: the nearest, but not below 90 % of the product.
std::int64_t ScaleChannels(std::int64_t channels, double width);

/// Each writes all layers of its family's network.
void WriteMobileNetV1(LayerWriter& writer, const ModelRequest& request);
/// MobileNet-V2 and MnasNet-B1.
void WriteInvertedResidualNet(LayerWriter& writer, const ModelRequest& request);
void WriteMobileNetV3(LayerWriter& writer, const ModelRequest& request);
void WriteResNet(LayerWriter& writer, const ModelRequest& request);
void WriteAlexNet(LayerWriter& writer, const ModelRequest& request);
void WriteVgg16(LayerWriter& writer, const ModelRequest& request);
void WriteSqueezeNet(LayerWriter& writer, const ModelRequest& request);

}  // namespace systole::models
