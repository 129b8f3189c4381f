// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tests/quant/graph_builder.h"

namespace systole::quant {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ChooseParams, SpreadsTheRangeOverAllValues) {
  // 2.55 / 255 and -1.28 / 0.01.
  EXPECT_EQ(ChooseParams({-1.28F, 1.27F}, ElementType::kInt8),
            (QuantParams{static_cast<float>(2.55 / 255), 0}));
  EXPECT_EQ(ChooseParams({-1.28F, 1.27F}, ElementType::kUint8).zero, 128);
}

TEST(ChooseParams, ARangeFromZeroGetsTheLowestZeroPointSoThatSaturationIsRelu) {
  EXPECT_EQ(ChooseParams({0, 6}, ElementType::kInt8), (QuantParams{6.0F / 255, -128}));
  EXPECT_EQ(ChooseParams({0, 6}, ElementType::kUint8), (QuantParams{6.0F / 255, 0}));
}

TEST(ChooseParams, EveryRangeIsWidenedToHoldZero) {
  EXPECT_EQ(ChooseParams({2, 4}, ElementType::kInt8), ChooseParams({0, 4}, ElementType::kInt8));
  EXPECT_EQ(ChooseParams({-4, -2}, ElementType::kInt8), (QuantParams{4.0F / 255, 127}));
}

TEST(ChooseParams, AnEmptyRangeGetsScaleOne) {
  EXPECT_EQ(ChooseParams({0, 0}, ElementType::kInt8), (QuantParams{1, -128}));
}

TEST(ChooseParams, TheScaleIsAlwaysANormalNumber) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_TRUE(std::isnormal(ChooseParams({0, tiny}, ElementType::kInt8).scale));
  const float huge = std::numeric_limits<float>::max();
  EXPECT_TRUE(std::isnormal(ChooseParams({-huge, huge}, ElementType::kInt8).scale));
}

/// y = Relu(x).
Network ReluNetwork() {
  return GraphBuilder().Input("x", {-1}).Add("Relu", {"x"}, "y").Build({"y"});
}

Tensors Inputs(const std::vector<float>& values) {
  return {{"x", Tensor::Of<float>({static_cast<std::int64_t>(values.size())}, values)}};
}

TEST(Calibrate, MinMaxIsTheUnionOfAllRuns) {
  const auto ranges = Calibrate(ReluNetwork(), {Inputs({-1, 2}), Inputs({-3, 1})}, {"x", "y"}, {});
  EXPECT_EQ(ranges.at("x"), (Range{-3, 2}));
  EXPECT_EQ(ranges.at("y"), (Range{0, 2}));
}

TEST(Calibrate, PercentileCutsHalfOfTheRestAtEitherEnd) {
  // 1,000 values 0 to 999: 99 % leaves out 5 at each end, 5 and 994 are the extremes that remain.
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(i));
  const QuantizeOptions options{.method = CalibrationMethod::kPercentile, .percentile = 99};
  const Range range = Calibrate(ReluNetwork(), {Inputs(values)}, {"x"}, options).at("x");
  const float bin = 999.0F / 65536;
  EXPECT_NEAR(range.low, 5, bin);
  EXPECT_LE(range.low, 5);
  EXPECT_NEAR(range.high, 994, bin);
  EXPECT_GE(range.high, 994);
}

TEST(Calibrate, Percentile100IsMinMax) {
  const std::vector<Tensors> inputs = {Inputs({-1, 2, 5}), Inputs({-3, 1, 0.1F})};
  const QuantizeOptions options{.method = CalibrationMethod::kPercentile, .percentile = 100};
  EXPECT_EQ(Calibrate(ReluNetwork(), inputs, {"x", "y"}, options),
            Calibrate(ReluNetwork(), inputs, {"x", "y"}, {}));
}

TEST(Calibrate, PercentileOfAConstantTensorIsItsValue) {
  const QuantizeOptions options{.method = CalibrationMethod::kPercentile, .percentile = 90};
  EXPECT_EQ(Calibrate(ReluNetwork(), {Inputs({3, 3, 3})}, {"x"}, options).at("x"), (Range{3, 3}));
}

TEST(Calibrate, AValueThatIsNotFiniteIsAnErrorThatNamesTensorAndNode) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(
      [&] {
        Calibrate(ReluNetwork(), {Inputs({1, infinity})}, {"y"}, {});
      },
      ThrowsMessage<RequestError>(
          testing::AllOf(HasSubstr("tensor 'y'"), HasSubstr("y_node"), HasSubstr("inf"))));
  EXPECT_THAT([&] { Calibrate(ReluNetwork(), {Inputs({std::nanf("")})}, {"x"}, {}); },
              ThrowsMessage<RequestError>(HasSubstr("a network input")));
}

TEST(Calibrate, ReportsProgressOfBothPasses) {
  std::vector<std::size_t> done;
  QuantizeOptions options{.method = CalibrationMethod::kPercentile};
  options.progress = [&](std::size_t runs, std::size_t total) {
    done.push_back(runs);
    EXPECT_EQ(total, 4U);
  };
  Calibrate(ReluNetwork(), {Inputs({1}), Inputs({2})}, {"x"}, options);
  EXPECT_THAT(done, testing::ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace systole::quant
