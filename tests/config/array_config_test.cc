// SPDX-License-Identifier: Apache-2.0
#include "gen/config/array_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace systole {
namespace {
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::ThrowsMessage;

auto Names(const std::string& option) { return Field(&Problem::what, HasSubstr(option)); }

TEST(ArrayConfig, TheDefaultsAreGood) { EXPECT_TRUE(Check(ArrayConfig{}).empty()); }

TEST(ArrayConfig, EveryProblemIsReportedAtOnce) {
  EXPECT_THAT(Check({.rows = 0, .cols = 257, .data_width = 8, .acc_width = 15, .count_width = 3}),
              ElementsAre(Names("--rows 0"), Names("--cols 257"), Names("--acc-width 15"),
                          Names("--count-width 3")));
  EXPECT_THAT(Check({.data_width = 7}), ElementsAre(Names("--data-width 7")));
}

TEST(ArrayConfig, TheEdgesOfTheRangesAreGood) {
  EXPECT_TRUE(Check({.rows = 1, .cols = 256, .data_width = 16, .acc_width = 32}).empty());
  EXPECT_TRUE(Check({.rows = 256, .cols = 1, .data_width = 4, .acc_width = 8}).empty());
  EXPECT_TRUE(Check({.acc_width = 48, .count_width = 32}).empty());
}

TEST(ArrayConfig, TheAccumulatorHoldsAProduct) {
  EXPECT_TRUE(Check({.data_width = 8, .acc_width = 16}).empty());
  EXPECT_THAT(Check({.data_width = 16, .acc_width = 31}), ElementsAre(Names("--acc-width 31")));
}

TEST(ArrayConfig, JsonRoundTrip) {
  const ArrayConfig config{.rows = 3,
                           .cols = 5,
                           .dataflow = Dataflow::kOs,
                           .data_width = 4,
                           .acc_width = 20,
                           .count_width = 9};
  EXPECT_EQ(nlohmann::json(config).get<ArrayConfig>(), config);
}

TEST(ArrayConfig, JsonErrorsNameTheOption) {
  const auto read = [](const char* text) {
    return [text] { return nlohmann::json::parse(text).get<ArrayConfig>(); };
  };
  EXPECT_THAT(read(R"({"row": 3})"), ThrowsMessage<RequestError>(HasSubstr("\"row\"")));
  EXPECT_THAT(read(R"({"rows": "3"})"), ThrowsMessage<RequestError>(HasSubstr("rows")));
  EXPECT_THAT(read(R"({"rows": 3.5})"), ThrowsMessage<RequestError>(HasSubstr("rows")));
  EXPECT_THAT(read(R"({"dataflow": "ws"})"), ThrowsMessage<RequestError>(HasSubstr("os+stos")));
  EXPECT_THAT(read("[]"), ThrowsMessage<RequestError>(HasSubstr("table")));
}

TEST(ArrayConfig, PrintsAsAPersonWouldSayIt) {
  EXPECT_EQ(ToString(ArrayConfig{}), "16x16 os+stos int8/int32");
}

}  // namespace
}  // namespace systole
