// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

using testing::ElementsAre;

TEST(Answers, AreTheHighestScoreOfEveryItem) {
  const Tensor scores = Tensor::Of<float>({3, 3}, {0.F, 2.F, 1.F, -1.F, -2.F, -3.F, 0.F, 0.F, 5.F});
  const auto answers = ReadAnswers(scores);
  ASSERT_TRUE(answers);
  EXPECT_THAT(answers->classes, ElementsAre(1, 0, 2));
}

TEST(Answers, TakeTheLowerClassOfEqualScores) {
  EXPECT_THAT(ReadAnswers(Tensor::Of<std::int8_t>({1, 4, 1, 1}, {1, 7, 7, 0}))->classes,
              ElementsAre(1));
}

TEST(Answers, AreAbsentWhereTheOutputIsNoScore) {
  EXPECT_FALSE(ReadAnswers(Tensor(ElementType::kFloat32, {1, 8, 4, 4})));
  EXPECT_FALSE(ReadAnswers(Tensor(ElementType::kFloat32, {10})));
  EXPECT_FALSE(ReadAnswers(Tensor(ElementType::kFloat32, {10, 1})));
}

TEST(Answers, CountTheRightOnes) {
  Answers answers = *ReadAnswers(Tensor::Of<float>({2, 2}, {0.F, 1.F, 1.F, 0.F}));
  SetLabels(answers, Tensor::Of<std::int64_t>({2}, {1, 1}), "labels.npy");
  EXPECT_EQ(answers.Right(), 1U);
}

TEST(Answers, LabelsOfAnotherCountOrTypeAreRefused) {
  Answers answers = *ReadAnswers(Tensor::Of<float>({2, 2}, {0.F, 1.F, 1.F, 0.F}));
  EXPECT_THROW(SetLabels(answers, Tensor::Of<std::int64_t>({3}, {1, 1, 1}), "l.npy"), RequestError);
  EXPECT_THROW(SetLabels(answers, Tensor::Of<float>({2}, {1, 1}), "l.npy"), RequestError);
}

}  // namespace
}  // namespace systole
