// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/emit/sample.h"
#include "tests/support/golden.h"

namespace systole::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ToVerilog, EmitsTheGoldenTextOfALeaf) {
  ExpectGolden("emit/golden/mac.v", SampleMac().ToVerilog("test"));
}

TEST(ToVerilog, EmitsTheGoldenTextOfAHierarchy) {
  ExpectGolden("emit/golden/mac_pair.v", SamplePair().ToVerilog("test"));
}

TEST(ToVerilog, GivesTheSameBytesTwice) {
  EXPECT_EQ(VerilogFiles(SampleDesign()), VerilogFiles(SampleDesign()));
}

TEST(ToVerilog, PrintsAModuleWithoutParametersRulesAndGroups) {
  ModuleBuilder m("inverter", "one inverter", "tests/emit/module_test.cc");
  m.Bit("a_i", "Bit");
  m.Bit("y_o", Latency{0}, "Its inverse");
  m.Body("assign y_o = ~a_i;");
  EXPECT_THAT(std::move(m).Finish().ToVerilog("test"),
              HasSubstr("module inverter (\n"
                        "  input  wire a_i,  // Bit\n"
                        "  output wire y_o   // Its inverse (combinational)\n"
                        ");\n\n"
                        "  assign y_o = ~a_i;\n\n"
                        "endmodule\n"));
}

TEST(ToVerilog, PrintsRangesAsAPersonWould) {
  const auto range_of = [](const Expr& width) {
    ModuleBuilder m("wires", "wires", "tests/emit/module_test.cc");
    m.Param("A", 4, "Bits");
    m.Param("B", 2, "Bits");
    m.In("a_i", width, "Wires");
    m.Body("wire unused = &{1'b0, a_i} & (A > B);");
    const std::string text = std::move(m).Finish().ToVerilog("test");
    const std::size_t start = text.find("wire [") + 5;
    return text.substr(start, text.find(' ', text.find(']', start)) - start);
  };
  EXPECT_EQ(range_of(8), "[7:0]");
  EXPECT_EQ(range_of("A"), "[A-1:0]");
  EXPECT_EQ(range_of(Expr("A") + 1), "[A:0]");
  EXPECT_EQ(range_of("A*B + 1"), "[A*B:0]");
  EXPECT_EQ(range_of("A+11"), "[A+11-1:0]");
  EXPECT_EQ(range_of("A > B ? A : B+1"), "[(A > B ? A : B+1)-1:0]");
  EXPECT_EQ(range_of(Clog2("A + 1")), "[$clog2(A + 1)-1:0]");
}

TEST(ModuleFromVerilog, ReadsTheInterfaceOfWhatTheEmitterWrites) {
  const Module emitted = SampleMac();
  const Module read = ModuleFromVerilog(emitted.ToVerilog("test"), "rtl/prim/mac.v");
  EXPECT_EQ(read.name, emitted.name);
  EXPECT_EQ(read.summary, emitted.summary);
  EXPECT_EQ(read.params, emitted.params);
  ASSERT_EQ(read.ports.size(), emitted.ports.size());
  for (std::size_t i = 0; i < read.ports.size(); ++i) {
    Port expected = emitted.ports[i];
    expected.group.clear();  // headings are not read
    EXPECT_EQ(read.ports[i], expected) << expected.name;
  }
}

TEST(ModuleFromVerilog, KeepsTheTextAsItIs) {
  const std::string text = SampleMac().ToVerilog("test") + "\n// the end\n";
  EXPECT_EQ(ModuleFromVerilog(text, "rtl/prim/mac.v").ToVerilog("other"), text);
}

TEST(ModuleFromVerilog, FindsTheModulesThatItInstantiates) {
  const Module pair = ModuleFromVerilog(SamplePair().ToVerilog("test"), "rtl/prim/mac_pair.v");
  EXPECT_THAT(pair.instances, ElementsAre("mac"));
}

TEST(ModuleFromVerilog, NamesTheLineThatItCannotRead) {
  try {
    ModuleFromVerilog("module m (\n  input wire a_i,\n  inout wire b\n);\nendmodule\n", "p/m.v");
    FAIL() << "no error";
  } catch (const EmitError& error) {
    EXPECT_THAT(error.what(), HasSubstr("p/m.v:3: \"inout\" where \"output\" is expected"));
  }
  EXPECT_THROW(ModuleFromVerilog("module m (input wire a_i", "p/m.v"), EmitError);
  EXPECT_THROW(ModuleFromVerilog("// nothing", "p/m.v"), EmitError);
}

}  // namespace
}  // namespace systole::rtl
