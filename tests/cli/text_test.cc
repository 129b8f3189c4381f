// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sw/cli/progress.h"
#include "sw/cli/table.h"

namespace systole {
namespace {

TEST(TextTable, ColumnsFitTheirWidestCell) {
  const TextTable table = {{{"layer"}, {"cycles", true}},
                           {{"conv", "12"}, {"grün", "1,234,567"}, {""}, {"total", "1"}}};
  EXPECT_EQ(ToText(table),
            "layer     cycles\n"
            "----------------\n"
            "conv          12\n"
            "grün   1,234,567\n"
            "----------------\n"
            "total          1\n");
}

TEST(Grouped, SetsCommasEveryThreeDigits) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(Short, KeepsThreeDigits) {
  EXPECT_EQ(Short(0), "0");
  EXPECT_EQ(Short(999), "999");
  EXPECT_EQ(Short(345678), "346 k");
  EXPECT_EQ(Short(999700), "1 M");
}

TEST(Duration, ReadsAsAClock) {
  EXPECT_EQ(Duration(0), "0:00");
  EXPECT_EQ(Duration(74.2), "1:15");
  EXPECT_EQ(Duration(3725), "1:02:05");
}

TEST(ProgressLine, StaysSilentForQuickWorkThatIsNotWatched) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    ProgressLine line(file);
    for (int i = 0; i < 100; ++i) line.Show("layer 1 of 9");
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace systole
