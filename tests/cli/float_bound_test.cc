// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/float_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace systole {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Tensor kOutput = Tensor::Of<float>({2}, {0.5F, -2.0F});

TEST(FloatBound, IsEmptyForOperatorsWithTheSameBits) {
  for (const char* op : {"Add", "GlobalAveragePool", "HardSwish", "DequantizeLinear"}) {
    EXPECT_THAT(FloatBound({"n", op, "", {}, {}, {}}, {}, kOutput, 13), IsEmpty()) << op;
  }
  const Tensor integer = Tensor::Of<std::int8_t>({1}, {1});
  EXPECT_THAT(FloatBound({"n", "Softmax", "", {}, {}, {}}, {}, integer, 13), IsEmpty());
}

TEST(FloatBound, IsThatOfTheNumericsPage) {
  EXPECT_THAT(FloatBound({"n", "Sigmoid", "", {}, {}, {}}, {}, kOutput, 13),
              ElementsAre(2.5e-7, 2.5e-7));
  EXPECT_THAT(FloatBound({"n", "Softmax", "", {}, {}, {}}, {}, kOutput, 13),
              ElementsAre(0.5e-6, 2e-6));
  EXPECT_THAT(FloatBound({"n", "ReduceMean", "", {}, {}, {}}, {}, kOutput, 13),
              ElementsAre(1.5e-6, 3e-6));
}

TEST(FloatBound, OfProductsGrowsWithTheAbsoluteTerms) {
  const Tensor a = Tensor::Of<float>({1, 2}, {3.0F, -3.0F});
  const Tensor b = Tensor::Of<float>({2, 1}, {1.0F, 1.0F});  // the sum itself cancels to 0
  const Tensor y = Tensor::Of<float>({1, 1}, {0.0F});
  EXPECT_THAT(FloatBound({"n", "MatMul", "", {"a", "b"}, {"y"}, {}}, {&a, &b}, y, 13),
              ElementsAre(2 * (3 + 1) * 0x1p-24 * 6));
}

TEST(FloatBound, OfLinearResizingIsAShareOfTheLargestInput) {
  const Tensor x = Tensor::Of<float>({2}, {3.0F, -8.0F});
  Node node = {"n", "Resize", "", {"x"}, {"y"}, {{"mode", std::string("linear")}}};
  EXPECT_THAT(FloatBound(node, {&x}, kOutput, 13), ElementsAre(8e-6, 8e-6));
  node.attributes.clear();
  EXPECT_THAT(FloatBound(node, {&x}, kOutput, 13), IsEmpty());
}

TEST(FloatBound, OfLrnGrowsWithTheSquaresOfAllChannels) {
  const Tensor x = Tensor::Of<float>({1, 2, 1}, {3.0F, -1.0F});
  const Tensor y = Tensor::Of<float>({1, 2, 1}, {2.0F, -0.5F});
  const Node node = {
      "n",   "LRN", "",
      {"x"}, {"y"}, {{"size", std::int64_t{1}}, {"alpha", 0.5F}, {"beta", 0.5F}, {"bias", 2.0F}}};
  const double relative = 1e-6 + 0.5 * 0.5 / 2 * 3 * 0x1p-23 * 10;
  EXPECT_THAT(FloatBound(node, {&x}, y, 13),
              ElementsAre(testing::DoubleEq(2 * relative), testing::DoubleEq(0.5 * relative)));
}

}  // namespace
}  // namespace systole
