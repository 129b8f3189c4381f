// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/emit/golden.h"
#include "tests/emit/sample.h"

namespace systole::rtl {
namespace {

TEST(ToVerilog, EmitsTheGoldenTextOfALeaf) { ExpectGolden("mac.v", SampleMac().ToVerilog("test")); }

TEST(ToVerilog, EmitsTheGoldenTextOfAHierarchy) {
  ExpectGolden("mac_pair.v", SamplePair().ToVerilog("test"));
}

TEST(ToVerilog, GivesTheSameBytesTwice) {
  EXPECT_EQ(VerilogFiles(SampleDesign()), VerilogFiles(SampleDesign()));
}

}  // namespace
}  // namespace systole::rtl
