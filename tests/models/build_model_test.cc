// SPDX-License-Identifier: Apache-2.0
#include "models/build_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

std::int64_t Macs(Network network) {
  InferShapes(network, {});
  std::int64_t macs = 0;
  for (const Node& node : network.nodes) macs += CountMacs(network, node).value();
  return macs;
}

struct Published {
  ModelName name;
  std::int64_t macs, parameters;
};

// The digits of docs/networks.md, where the sources and the counting rules stand.
const std::vector<Published> kPublished = {
    {ModelName::kMobileNetV1, 568'740'352, 4'231'976},
    {ModelName::kMobileNetV2, 300'774'272, 3'504'872},
    {ModelName::kMobileNetV3Small, 60'119'520, 2'938'368},
    {ModelName::kMobileNetV3Large, 219'799'200, 5'476'416},
    {ModelName::kMnasNetB1, 314'415'872, 4'383'312},
    {ModelName::kResNet18, 1'814'073'344, 11'689'512},
    {ModelName::kResNet50, 4'089'184'256, 25'557'032},
};

TEST(BuildModel, HasThePublishedMacsAndParameters) {
  for (const Published& published : kPublished) {
    const Network network = BuildModel({.name = published.name});
    EXPECT_EQ(Macs(network), published.macs) << ToString(published.name);
    EXPECT_EQ(CountParameters(network), published.parameters) << ToString(published.name);
  }
}

}  // namespace
}  // namespace systole
