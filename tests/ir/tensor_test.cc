// SPDX-License-Identifier: Apache-2.0
#include "sw/ir/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Tensor, StartsAsZerosOfItsShape) {
  const Tensor tensor(ElementType::kInt32, {2, 2});
  EXPECT_EQ(tensor.size(), 4);
  EXPECT_THAT(tensor.As<std::int32_t>(), ElementsAre(0, 0, 0, 0));
}

TEST(Tensor, ScalarHasOneElementAndNoDimensions) {
  const Tensor tensor = Tensor::Scalar(2.5F);
  EXPECT_TRUE(tensor.shape().empty());
  EXPECT_THAT(tensor.As<float>(), ElementsAre(2.5F));
}

TEST(Tensor, ReadingAsAnotherTypeIsAnError) {
  EXPECT_THAT([] { Tensor::Scalar(2.5F).As<std::int8_t>(); },
              ThrowsMessage<RequestError>("a tensor of float32 stands where int8 is needed"));
}

TEST(Tensor, DataMustFillTheShape) {
  EXPECT_THROW(Tensor::Of<float>({2}, std::vector<float>{1}), RequestError);
  EXPECT_THROW(Tensor::Of<float>({1}, std::vector<float>{1, 2}), RequestError);
}

TEST(Tensor, EqualityIsOfBytes) {
  const auto of = [](float value) { return Tensor::Scalar(value); };
  EXPECT_EQ(of(std::nanf("")), of(std::nanf("")));
  EXPECT_NE(of(0.0F), of(-0.0F));
  EXPECT_NE(Tensor(ElementType::kInt8, {4}), Tensor(ElementType::kUint8, {4}));
  EXPECT_NE(Tensor(ElementType::kInt8, {4}), Tensor(ElementType::kInt8, {2, 2}));
}

TEST(Tensor, ReshapedKeepsTheElementsAndTheirCount) {
  const Tensor tensor = Tensor::Of<std::int8_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(tensor.Reshaped({3, 2}).As<std::int8_t>(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THROW(tensor.Reshaped({4, 2}), RequestError);
}

TEST(Tensor, RefusesMoreMemoryThanTheLimit) {
  EXPECT_THAT([] { Tensor(ElementType::kInt64, {std::int64_t{1} << 30}); },
              ThrowsMessage<RequestError>(HasSubstr("more than the limit")));
}

TEST(ElementCount, IsTheProductOfTheDimensions) {
  EXPECT_EQ(ElementCount({}), 1);
  EXPECT_EQ(ElementCount({2, 3, 5}), 30);
  EXPECT_EQ(ElementCount({2, 0, 5}), 0);
  EXPECT_EQ(ElementCount({std::int64_t{1} << 20, std::int64_t{1} << 20}), std::int64_t{1} << 40);
}

TEST(ElementCount, RefusesNegativeAndHugeShapes) {
  EXPECT_THROW(ElementCount({2, -1}), RequestError);
  EXPECT_THROW(ElementCount({(std::int64_t{1} << 40) + 1}), RequestError);
  EXPECT_THROW(ElementCount({std::int64_t{1} << 21, std::int64_t{1} << 20}), RequestError);
  EXPECT_THROW(ElementCount({0, std::int64_t{1} << 62}), RequestError);
  EXPECT_THROW(ElementCount({std::int64_t{1} << 62, 4}), RequestError);  // overflows to 0
  EXPECT_EQ(ElementCount(Shape(64, 1)), 1);
  EXPECT_THROW(ElementCount(Shape(65, 1)), RequestError);
}

TEST(ToString, WritesShapesAsPeopleDo) {
  EXPECT_EQ(ToString(Shape{1, 3, 48, 192}), "1x3x48x192");
  EXPECT_EQ(ToString(Shape{-1, 3}), "?x3");
  EXPECT_EQ(ToString(Shape{}), "scalar");
}

}  // namespace
}  // namespace systole
