// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace systole::quant {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Tensor Floats(Shape shape, const std::vector<float>& values) {
  return Tensor::Of<float>(std::move(shape), values);
}

TEST(QuantizeWeights, EveryChannelHasItsOwnSymmetricScale) {
  const auto q =
      QuantizeWeights(Floats({2, 2}, {1.27F, -0.02F, -2.54F, 2.54F}), nullptr, 1, 1, false, "node");
  EXPECT_THAT(q.weights.As<std::int8_t>(), ElementsAre(127, -2, -127, 127));
  EXPECT_THAT(q.scale.As<float>(), ElementsAre(1.27F / 127, 2.54F / 127));
  EXPECT_THAT(q.zero.As<std::int8_t>(), ElementsAre(0, 0));
  EXPECT_EQ(q.bias.type(), ElementType::kUndefined);
}

TEST(QuantizeWeights, ChannelsMayBeTheLastDimension) {
  const auto q = QuantizeWeights(Floats({2, 2}, {127, 1, -127, 0.5F}), nullptr, 1, 1, true, "node");
  EXPECT_THAT(q.weights.As<std::int8_t>(), ElementsAre(127, 127, -127, 64));
  EXPECT_THAT(q.scale.As<float>(), ElementsAre(1, 1.0F / 127));
}

TEST(QuantizeWeights, TheBiasCountsStepsOfInputScaleTimesWeightScale) {
  const Tensor bias = Floats({2}, {1, -0.625F});
  const auto q = QuantizeWeights(Floats({2, 1}, {127, -254}), &bias, 0.25F, 1, false, "node");
  EXPECT_THAT(q.bias_scale.As<float>(), ElementsAre(0.25F, 0.5F));
  EXPECT_THAT(q.bias.As<std::int32_t>(), ElementsAre(4, -1));  // -1.25 rounds to -1
}

TEST(QuantizeWeights, AChannelOfZerosKeepsItsBias) {
  const Tensor bias = Floats({2}, {3, 0});
  const auto q = QuantizeWeights(Floats({2, 1}, {0, 0}), &bias, 0.5F, 0.1F, false, "node");
  EXPECT_THAT(q.weights.As<std::int8_t>(), ElementsAre(0, 0));
  EXPECT_NEAR(q.bias.As<std::int32_t>()[0] * double{q.bias_scale.As<float>()[0]}, 3, 1e-5);
  EXPECT_EQ(q.bias.As<std::int32_t>()[1], 0);
  EXPECT_TRUE(std::isnormal(q.bias_scale.As<float>()[1]));
}

TEST(QuantizeWeights, ABiasThatIsHugeBesideTheWeightsWidensTheScale) {
  const Tensor bias = Floats({1}, {1e6F});
  const auto q = QuantizeWeights(Floats({1, 1}, {1e-6F}), &bias, 1e-3F, 1e4F, false, "node");
  EXPECT_NEAR(q.bias.As<std::int32_t>()[0], 1 << 30, 100);
  EXPECT_NEAR(q.bias.As<std::int32_t>()[0] * double{q.bias_scale.As<float>()[0]}, 1e6, 1);
}

TEST(QuantizeWeights, AChannelTooSmallToMatterGetsANormalScale) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const auto q = QuantizeWeights(Floats({1, 1}, {tiny}), nullptr, 1, 1, false, "node");
  EXPECT_THAT(q.weights.As<std::int8_t>(), ElementsAre(0));
  EXPECT_TRUE(std::isnormal(q.scale.As<float>()[0]));
}

TEST(QuantizeWeights, ASumThatCanOverflowIsAnErrorThatNamesTheNode) {
  // 255 * 127 * 66,312 is just above 2^31 - 1.
  const std::vector<float> fits(66311, 1.0F), too_long(66312, 1.0F);
  EXPECT_NO_THROW(QuantizeWeights(Floats({1, 66311}, fits), nullptr, 1, 1, false, "node"));
  EXPECT_THAT(
      [&] {
        QuantizeWeights(Floats({1, 66312}, too_long), nullptr, 1, 1, false, "node");
      },
      ThrowsMessage<RequestError>(HasSubstr("node: the sum of channel 0 can overflow")));
}

TEST(QuantizeWeights, WeightsAndBiasesMustBeFinite) {
  const Tensor nan = Floats({1, 1}, {std::nanf("")}), one = Floats({1, 1}, {1});
  const Tensor infinite = Floats({1}, {-INFINITY});
  EXPECT_THAT([&] { QuantizeWeights(nan, nullptr, 1, 1, false, "node"); },
              ThrowsMessage<RequestError>(HasSubstr("a weight is nan")));
  EXPECT_THAT([&] { QuantizeWeights(one, &infinite, 1, 1, false, "node"); },
              ThrowsMessage<RequestError>(HasSubstr("a bias is -inf")));
}

TEST(QuantizeWeights, AScaleThatFloat32CannotHoldIsAnError) {
  EXPECT_THAT(
      [&] {
        QuantizeWeights(Floats({1, 1}, {1}), nullptr, 1e-38F, 1e38F, false, "node");
      },
      ThrowsMessage<RequestError>(HasSubstr("channel 0 has the scale")));
}

}  // namespace
}  // namespace systole::quant
