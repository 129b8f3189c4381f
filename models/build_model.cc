// SPDX-License-Identifier: Apache-2.0
#include "models/build_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "models/layer_writer.h"
#include "models/tables.h"

namespace systole {
namespace {

void CheckRequest(const ModelRequest& request) {
  std::vector<Problem> problems;
  const std::int64_t size = request.size.value(), smallest = MinModelSize(request.name);
  if (size < smallest || size > kMaxModelSize) {
    problems.push_back(
        {fmt::format("--size {} is out of range: {} to {}{}", size, smallest, kMaxModelSize,
                     smallest == 1 ? "" : fmt::format(" with {}", ToString(request.name))),
         fmt::format("pass --size {}", DefaultModelSize(request.name))});
  }
  if (!(request.width >= kMinModelWidth && request.width <= kMaxModelWidth)) {
    problems.push_back({fmt::format("--width {} is out of range: {} to {}", request.width,
                                    kMinModelWidth, kMaxModelWidth),
                        "pass --width 1"});
  }
  if (request.classes < 1 || request.classes > kMaxModelClasses) {
    problems.push_back(
        {fmt::format("--classes {} is out of range: 1 to {}", request.classes, kMaxModelClasses),
         "pass --classes 1000"});
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
}

}  // namespace

std::string_view ToString(ModelName name) {
  switch (name) {
    case ModelName::kMobileNetV1:
      return "mobilenet-v1";
    case ModelName::kMobileNetV2:
      return "mobilenet-v2";
    case ModelName::kMobileNetV3Small:
      return "mobilenet-v3-small";
    case ModelName::kMobileNetV3Large:
      return "mobilenet-v3-large";
    case ModelName::kMnasNetB1:
      return "mnasnet-b1";
    case ModelName::kResNet18:
      return "resnet-18";
    case ModelName::kResNet50:
      return "resnet-50";
    case ModelName::kAlexNet:
      return "alexnet";
    case ModelName::kVgg16:
      return "vgg-16";
    case ModelName::kSqueezeNet:
      return "squeezenet";
  }
  throw std::logic_error("no such model");
}

const std::vector<ModelName>& AllModelNames() {
  static const std::vector<ModelName> names = {
      ModelName::kMobileNetV1,      ModelName::kMobileNetV2, ModelName::kMobileNetV3Small,
      ModelName::kMobileNetV3Large, ModelName::kMnasNetB1,   ModelName::kResNet18,
      ModelName::kResNet50,         ModelName::kAlexNet,     ModelName::kVgg16,
      ModelName::kSqueezeNet};
  return names;
}

ModelName ParseModelName(std::string_view text) {
  std::vector<std::string_view> known;
  for (const ModelName name : AllModelNames()) {
    if (ToString(name) == text) return name;
    known.push_back(ToString(name));
  }
  throw RequestError(fmt::format("there is no model \"{}\"", text),
                     fmt::format("name one of: {}", fmt::join(known, ", ")));
}

std::int64_t DefaultModelSize(ModelName name) {
  return name == ModelName::kAlexNet || name == ModelName::kSqueezeNet ? 227 : 224;
}

std::int64_t MinModelSize(ModelName name) {
  switch (name) {
    case ModelName::kAlexNet:
      return 67;
    case ModelName::kVgg16:
      return 32;
    case ModelName::kSqueezeNet:
      return 35;
    default:
      return 1;
  }
}

Network BuildModel(const ModelRequest& wanted) {
  ModelRequest request = wanted;
  if (!request.size) request.size = DefaultModelSize(request.name);
  CheckRequest(request);
  models::LayerWriter writer(std::string(ToString(request.name)), *request.size, request.seed);
  switch (request.name) {
    case ModelName::kMobileNetV1:
      models::WriteMobileNetV1(writer, request);
      break;
    case ModelName::kMobileNetV2:
    case ModelName::kMnasNetB1:
      models::WriteInvertedResidualNet(writer, request);
      break;
    case ModelName::kMobileNetV3Small:
    case ModelName::kMobileNetV3Large:
      models::WriteMobileNetV3(writer, request);
      break;
    case ModelName::kResNet18:
    case ModelName::kResNet50:
      models::WriteResNet(writer, request);
      break;
    case ModelName::kAlexNet:
      models::WriteAlexNet(writer, request);
      break;
    case ModelName::kVgg16:
      models::WriteVgg16(writer, request);
      break;
    case ModelName::kSqueezeNet:
      models::WriteSqueezeNet(writer, request);
      break;
  }
  return writer.Take();
}

}  // namespace systole
