// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/variants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "models/build_model.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FuseVariant, IsReadAsItIsWritten) {
  for (const FuseVariant variant :
       {FuseVariant::kFull, FuseVariant::kHalf, FuseVariant::kFull50, FuseVariant::kHalf50}) {
    EXPECT_EQ(ParseFuseVariant(ToString(variant)), variant);
  }
  EXPECT_EQ(ParseFuseVariant("quarter"), std::nullopt);
  EXPECT_TRUE(IsHalf(FuseVariant::kHalf50) && !IsHalf(FuseVariant::kFull50));
  EXPECT_TRUE(IsHalfOfLayers(FuseVariant::kFull50) && !IsHalfOfLayers(FuseVariant::kHalf));
}

TEST(PublishedHalfOfLayers, KnowsItsNetworksOnly) {
  EXPECT_THAT(PublishedHalfOfLayers("mobilenet-v1"),
              ElementsAre("block1/depthwise", "block2/depthwise", "block3/depthwise",
                          "block4/depthwise", "block5/depthwise"));
  EXPECT_THROW(PublishedHalfOfLayers("resnet-18"), RequestError);
}

TEST(BetterHalf, RoundsUpAndLeavesOutWhatSavesNothing) {
  EXPECT_THAT(BetterHalf({{"a", 9}, {"b", 7}, {"c", 5}}), ElementsAre("a", "b"));
  EXPECT_THAT(BetterHalf({{"a", 9}, {"b", 7}, {"c", 5}, {"d", 4}}), ElementsAre("a", "b"));
  EXPECT_THAT(BetterHalf({{"a", 9}, {"b", 0}, {"c", -5}}), ElementsAre("a"));
  EXPECT_THAT(BetterHalf({}), IsEmpty());
}

// With multiply-accumulates for cycles: Half saves 6 of 9 products a pixel and channel.
TEST(RankLayers, PutsTheLargestSavingFirstAndEqualOnesInOrder) {
  const Network network = BuildModel({.name = ModelName::kMobileNetV1, .size = 32, .width = 0.25});
  const auto ranking = RankLayers(network, {.half = true}, [](const Network& fused) {
    Network known = fused;
    InferShapes(known, {});
    std::uint64_t macs = 0;
    for (const Node& node : known.nodes) {
      macs += static_cast<std::uint64_t>(CountMacs(known, node).value());
    }
    return macs;
  });
  ASSERT_EQ(ranking.size(), 13u);
  EXPECT_EQ(ranking[0].name, "block1/depthwise");  // 8 channels of 16x16
  EXPECT_EQ(ranking[0].cycles, 6 * 8 * 16 * 16);
  EXPECT_EQ(ranking[1].name, "block3/depthwise");  // 32 of 8x8
  EXPECT_EQ(ranking[1].cycles, 6 * 32 * 8 * 8);
  EXPECT_EQ(ranking[2].name, "block2/depthwise");  // 16 of 8x8, as many products as the next
  EXPECT_EQ(ranking[2].cycles, ranking[3].cycles);
  EXPECT_EQ(ranking[3].name, "block5/depthwise");
}

}  // namespace
}  // namespace systole
