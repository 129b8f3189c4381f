// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace systole::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

const Values kValues = {{"Rows", 3}, {"Cols", 5}, {"DataW", 8}};

TEST(Evaluate, KnowsEveryOperator) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1_000", 1000},
      {"8'hfF", 255},
      {"4'b1010", 10},
      {"6'o17", 15},
      {"32'd9", 9},
      {"Rows*DataW-1", 23},
      {"2 + 3*4", 14},
      {"(2 + 3)*4", 20},
      {"20/3/2", 3},
      {"-7/2", -3},
      {"-7 % 3", -1},
      {"10-4-3", 3},
      {"1 << 4 >> 2", 4},
      {"Rows < Cols", 1},
      {"Rows >= Cols", 0},
      {"3 <= 3", 1},
      {"3 > 3", 0},
      {"1 == 1 && 2 != 2", 0},
      {"1 == 1 || 2 != 2", 1},
      {"12 & 10", 8},
      {"12 | 10", 14},
      {"12 ^ 10", 6},
      {"1 | 2 & 4", 1},
      {"!Rows", 0},
      {"~0", -1},
      {"+Rows - -Rows", 6},
      {"Rows > Cols ? Rows : Cols", 5},
      {"0 ? 1 : 1 ? 2 : 3", 2},
      {"$clog2(Rows + 1)", 2},
      {"$clog2(1)", 0},
      {"$clog2(0)", 0},
      {"$clog2(1024)", 10},
      {"$clog2(1025)", 11},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(Evaluate(text, kValues), Optional(value)) << text;
  }
}

TEST(Evaluate, IsEmptyWhereTheValueIsNotKnown) {
  for (const char* text : {"Depth + 1", "1/0", "1 % 0", "9223372036854775807 + 1", "1 << 63",
                           "$clog2(Depth)", "Depth ? 1 : 1", "99999999999999999999"}) {
    EXPECT_EQ(Evaluate(text, kValues), std::nullopt) << text;
  }
}

TEST(Evaluate, DoesNotNeedTheBranchThatIsNotTaken) {
  EXPECT_THAT(Evaluate("Rows > 1 ? 7 : 1/0", kValues), Optional(7));
}

TEST(Expr, RejectsWhatIsNoConstantExpression) {
  for (const char* text : {"", "1 +", "(1", "1)", "a b", "$bits(a)", "8'q1", "4'b2", "a[3]",
                           "1 ? 2", "\"a\"", "{a}", "a = 1", "8'h"}) {
    EXPECT_THROW(Expr{text}, EmitError) << text;
  }
}

TEST(Expr, OperatorsKeepTheMeaning) {
  const Expr a = "A", b = "B";
  EXPECT_EQ((a * b).text(), "A*B");
  EXPECT_EQ(((a + b) * 2).text(), "(A+B)*2");
  EXPECT_EQ((a - (b - 1)).text(), "A-(B-1)");
  EXPECT_EQ((a * Expr("B/2")).text(), "A*(B/2)");
  EXPECT_EQ((Clog2(a + 1) + 1).text(), "$clog2(A+1)+1");
  EXPECT_EQ((Max(a, b) * 2).text(), "(A > B ? A : B)*2");
  EXPECT_EQ((Expr("A ? 1 : 2") + 1).text(), "(A ? 1 : 2)+1");
  EXPECT_EQ(Expr("A == B").AsTerm(), "(A == B)");
}

TEST(Names, ListsEachNameOnce) {
  EXPECT_THAT(Names("$clog2(Rows + 1)*DataW + Rows - 8'hff"), ElementsAre("Rows", "DataW"));
}

}  // namespace
}  // namespace systole::rtl
