// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kNames = {"A", "B", "C", "D"};

std::uint64_t Truth(const std::string& text) { return LogicFunction(text, kNames).TruthTable(); }

// Truth tables over A (bit 0 of the row) and B (bit 1), four rows, repeated 16 times.
constexpr std::uint64_t kRepeat = 0x1111111111111111ULL;

TEST(LogicFunction, ReadsEverySpellingOfTheOperators) {
  for (const char* text : {"A B", "A&B", "A*B", "A & B", "(A)(B)", "(A B)", "A\nB", "\"A\" \"B\""})
    EXPECT_EQ(Truth(text), 0x8 * kRepeat) << text;
  for (const char* text : {"A|B", "A+B", " A + B ", "!(!A !B)", "(A'B')'"})
    EXPECT_EQ(Truth(text), 0xe * kRepeat) << text;
  EXPECT_EQ(Truth("A^B"), 0x6 * kRepeat);
  EXPECT_EQ(Truth("(!(A B))"), 0x7 * kRepeat);
  EXPECT_EQ(Truth("!A''+B''"), Truth("!A+B"));
  EXPECT_EQ(Truth("0"), 0u);
  EXPECT_EQ(Truth("1"), ~std::uint64_t{0});
  EXPECT_EQ(Truth("A 1"), 0xaaaaaaaaaaaaaaaaULL);
}

TEST(LogicFunction, BindsInversionThenXorThenAndThenOr) {
  EXPECT_EQ(Truth("A+B C"), Truth("A+(B&C)"));
  EXPECT_EQ(Truth("A B^C"), Truth("A&(B^C)"));
  EXPECT_NE(Truth("A B^C"), Truth("(A&B)^C"));
  EXPECT_EQ(Truth("!A^B"), Truth("(!A)^B"));
  EXPECT_EQ(Truth("A B'"), Truth("A&(!B)"));
  EXPECT_EQ(Truth("A*!B|!A*B"), Truth("A^B"));
}

TEST(LogicFunction, NamesItsInputsOnceAndRising) {
  EXPECT_THAT(LogicFunction("D&B|!D", kNames).inputs(), ElementsAre(1, 3));
  EXPECT_THAT(LogicFunction("1", kNames).inputs(), ElementsAre());
  EXPECT_EQ(LogicFunction("D&B|!D", kNames).TruthTable(), 0xb * kRepeat);  // B is bit 0, D bit 1
}

TEST(LogicFunction, TakesBusBitsAndNamesThatBeginWithADigit) {
  const LogicFunction function("A[3] & \"1B\"", {"A[3]", "1B"});
  EXPECT_EQ(function.TruthTable(), 0x8 * kRepeat);
}

TEST(LogicFunction, ThreeValuedEvaluationDecidesWhatItCan) {
  using enum Logic;
  const auto evaluate = [](const std::string& text, Logic a, Logic b) {
    return LogicFunction(text, kNames).Evaluate(std::vector<Logic>{a, b, k0, k0});
  };
  EXPECT_EQ(evaluate("A&B", kX, k0), k0);
  EXPECT_EQ(evaluate("A&B", kX, k1), kX);
  EXPECT_EQ(evaluate("A|B", kX, k1), k1);
  EXPECT_EQ(evaluate("A|B", kX, k0), kX);
  EXPECT_EQ(evaluate("A^B", kX, k1), kX);
  EXPECT_EQ(evaluate("!A", kX, k0), kX);
  EXPECT_EQ(evaluate("!(A&B)", kX, k0), k1);
}

TEST(LogicFunction, ThreeValuedAgreesWithTwoValuedWhereAllIsKnown) {
  for (const char* text : {"A&!B|C^D", "(A+B')(C D)'", "!(A^B^C^D)", "A&(0|B)|1&C"}) {
    const LogicFunction function(text, kNames);
    for (unsigned row = 0; row < 16; ++row) {
      std::vector<Logic> values;
      std::vector<std::uint64_t> bits;
      for (unsigned k = 0; k < 4; ++k) {
        values.push_back((row >> k) & 1 ? Logic::k1 : Logic::k0);
        bits.push_back((row >> k) & 1);
      }
      EXPECT_EQ(function.Evaluate(values) == Logic::k1, (function.Evaluate(bits) & 1) == 1)
          << text << " row " << row;
    }
  }
}

TEST(LogicFunction, ProbabilityIsExactAlsoWhereANameOccursTwice) {
  const auto probability = [](const std::string& text, std::vector<double> ones) {
    return LogicFunction(text, kNames).Probability(ones);
  };
  EXPECT_DOUBLE_EQ(probability("A&B", {0.5, 0.25, 0, 0}), 0.125);
  EXPECT_DOUBLE_EQ(probability("A|B", {0.5, 0.25, 0, 0}), 0.625);
  EXPECT_DOUBLE_EQ(probability("A&!A", {0.5, 0.5, 0.5, 0.5}), 0.0);
  EXPECT_DOUBLE_EQ(probability("A&B|A&!B", {0.25, 0.5, 0, 0}), 0.25);
  EXPECT_DOUBLE_EQ(probability("1", {0, 0, 0, 0}), 1.0);
}

TEST(LogicFunction, WideFunctionsHaveProbabilitiesButNoTruthTable) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  const LogicFunction function("a b c d e f g h", names);
  EXPECT_DOUBLE_EQ(function.Probability(std::vector<double>(8, 0.5)), 1.0 / 256);
  EXPECT_THROW(function.TruthTable(), RequestError);
}

TEST(LogicFunction, ManyOperandsOnTheStackAreEvaluatedToo) {
  std::string text = "A";
  for (int i = 0; i < 100; ++i) text = "B+C(" + text + ")";
  EXPECT_EQ(LogicFunction(text, kNames).Evaluate(std::vector<std::uint64_t>{1, 0, 1, 0}), 1u);
  EXPECT_EQ(LogicFunction(text, kNames).Evaluate(std::vector<std::uint64_t>{0, 0, 1, 0}), 0u);
}

std::string Refused(const std::string& text) {
  try {
    LogicFunction(text, kNames);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "was read";
}

TEST(LogicFunction, RefusesWhatIsNoExpression) {
  EXPECT_THAT(Refused(""), HasSubstr("an operand is missing"));
  EXPECT_THAT(Refused("A &"), HasSubstr("an operand is missing"));
  EXPECT_THAT(Refused("(A"), HasSubstr("a ) is missing"));
  EXPECT_THAT(Refused("A)"), HasSubstr("')' is unexpected"));
  EXPECT_THAT(Refused("A == B"), HasSubstr("'=' is unexpected"));
  EXPECT_THAT(Refused("A & Z"), HasSubstr("the cell has no pin Z"));
  EXPECT_THAT(Refused("\"A"), HasSubstr("a quote does not end"));
  EXPECT_THAT(Refused(std::string(100000, '(')), HasSubstr("nest too deep"));
}

}  // namespace
}  // namespace systole
