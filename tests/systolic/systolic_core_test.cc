// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/systolic_core.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

TEST(BuildSystolicCore, ThrowsEveryProblemOfTheConfiguration) {
  try {
    BuildSystolicCore({.rows = 0, .cols = 257, .data_width = 5});
    FAIL() << "no error";
  } catch (const RequestError& error) {
    ASSERT_EQ(error.problems().size(), 3u);
    EXPECT_THAT(error.problems()[0].what, HasSubstr("--rows"));
    EXPECT_THAT(error.problems()[1].what, HasSubstr("--cols"));
    EXPECT_THAT(error.problems()[2].what, HasSubstr("--data-width"));
  }
}

TEST(BuildSystolicCore, WithoutStosNothingOfItIsInTheText) {
  const rtl::Design design = BuildSystolicCore({.dataflow = Dataflow::kOs});
  for (const rtl::File& file : rtl::VerilogFiles(design)) {
    const std::string text = LowerCase(file.text);
    for (const char* word :
         {"stos", "st-os", "bcast", "broadcast", "fill_i", "spacing", "direct"}) {
      EXPECT_THAT(text, Not(HasSubstr(word))) << file.name;
    }
  }
}

TEST(BuildSystolicCore, OnlyStosNeedsAWeightLaneForEveryRow) {
  for (const Dataflow dataflow : {Dataflow::kOs, Dataflow::kOsStos}) {
    const rtl::Module top = BuildSystolicCore({.rows = 7, .cols = 2, .dataflow = dataflow}).Top();
    const int lanes = dataflow == Dataflow::kOs ? 2 : 7;
    EXPECT_EQ(rtl::Evaluate(*top.FindPort("wgt_data_i")->width, top.Defaults()), lanes * 8);
  }
}

TEST(BuildSystolicCore, SizesAndWidthsAreOnlyDefaultsOfParameters) {
  for (const Dataflow dataflow : {Dataflow::kOs, Dataflow::kOsStos}) {
    const rtl::Design small = BuildSystolicCore({.rows = 1,
                                                 .cols = 3,
                                                 .dataflow = dataflow,
                                                 .data_width = 4,
                                                 .acc_width = 8,
                                                 .count_width = 4});
    const rtl::Design large = BuildSystolicCore({.rows = 128,
                                                 .cols = 128,
                                                 .dataflow = dataflow,
                                                 .data_width = 16,
                                                 .acc_width = 48,
                                                 .count_width = 32});
    ASSERT_EQ(small.modules.size(), large.modules.size());
    for (std::size_t i = 0; i < small.modules.size(); ++i) {
      EXPECT_EQ(small.modules[i].body, large.modules[i].body) << small.modules[i].name;
      EXPECT_EQ(small.modules[i].ports, large.modules[i].ports) << small.modules[i].name;
    }
  }
}

TEST(BuildSystolicCore, EveryModuleIsBelowTheTop) {
  const rtl::Design design = BuildSystolicCore({});
  EXPECT_EQ(design.top, "systolic_core");
  EXPECT_NO_THROW(rtl::VerilogFiles(design));  // checks order, use and presence
}

}  // namespace
}  // namespace systole
