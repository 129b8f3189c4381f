// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// The networks that can be built; docs/networks.md names the sources of their layer tables.
enum class ModelName {
  kMobileNetV1,
  kMobileNetV2,
  kMobileNetV3Small,
  kMobileNetV3Large,
  kMnasNetB1,
  kResNet18,
  kResNet50,
  kAlexNet,
  kVgg16,
  kSqueezeNet,
};

/// "mobilenet-v1", "mobilenet-v2", "mobilenet-v3-small", "mobilenet-v3-large", "mnasnet-b1",
/// "resnet-18", "resnet-50", "alexnet", "vgg-16", "squeezenet".
std::string_view ToString(ModelName name);
/// All of them, in the order above.
const std::vector<ModelName>& AllModelNames();
/// The model of that name. Throws RequestError that lists the names.
ModelName ParseModelName(std::string_view text);

/// Ranges of a request.
constexpr std::int64_t kMaxModelSize = 4096, kMaxModelClasses = 65536;
constexpr double kMinModelWidth = 0.05, kMaxModelWidth = 4.0;

/// Height and width of the input as published: 224, and 227 of AlexNet and SqueezeNet.
std::int64_t DefaultModelSize(ModelName name);
/// The smallest input that leaves every layer an output: 1, 67 of AlexNet, 32 of VGG-16, 35 of
/// SqueezeNet.
std::int64_t MinModelSize(ModelName name);

struct ModelRequest {
  ModelName name = ModelName::kMobileNetV2;
  /// Height and width of the input, from MinModelSize; without it DefaultModelSize.
  std::optional<std::int64_t> size{};
  double width = 1.0;           ///< multiplies the numbers of channels
  std::int64_t classes = 1000;  ///< from 1
  std::uint64_t seed = 1;       ///< of the weights
};

/// The network as ONNX (opset 14): input "input" batch x 3 x size x size with an open batch, output
/// "logits" batch x classes.
///
/// AlexNet, VGG-16 and SqueezeNet are those of Caffe, without dropout: convolutions with biases,
/// each followed by a ReLU, padding and names as published (`conv1`, `conv1_1`,
/// `fire2/squeeze1x1`, `fc6`, ...; `conv1/relu`, `norm1`, `pool1`). Their weights look like trained
/// ones: bell-shaped times a scale a channel of the output and one of the input; biases make about
/// half of the ReLUs' outputs zero, two thirds in linear layers (docs/networks.md, "Weights").
///
/// The others: every convolution is followed by its own BatchNormalization, but for
/// those of squeeze-and-excite blocks and V3's layer behind the pooling. Padding is explicit and
/// symmetric, kernel / 2. Channel counts times `width` are rounded to multiples of 8 by the rule of
/// the MobileNet papers: to the nearest, never below 90 %.
///
/// Names: `stem`, `head` (the last convolution), `classifier` (Gemm); a block's convolutions are
/// `BLOCK/expand`, `BLOCK/depthwise`, `BLOCK/project` (V1: `BLOCK/pointwise`), `BLOCK/se/reduce`,
/// `BLOCK/se/expand`. Blocks: V1 `block1` to `block13`; V2 and MnasNet `t6_c24_1` (expansion,
/// channels at width 1, number in the stage), MnasNet's first `sep_c16_1`; V3 `bneck1` ..., and
/// `pre_classifier` behind the pooling; ResNet `layer1_1/conv1` ... and `layer2_1/downsample`.
///
/// Weights are random by `seed` (the same bytes everywhere), bell-shaped, of He's standard
/// deviation sqrt(2 / fan-in). The statistics of a BatchNormalization are those that its
/// convolution has when its inputs are independent and normal with the mean and variance foretold
/// for them, channel by channel; so activations keep their size through any depth.
///
/// Throws RequestError, with every problem, for values out of range.
Network BuildModel(const ModelRequest& request);

}  // namespace systole
