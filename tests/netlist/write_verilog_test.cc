// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/write_verilog.h"

#include <gtest/gtest.h>

#include "tests/netlist/make.h"

namespace systole {
namespace {

TEST(WriteVerilog, EscapesNamesAndAssignsRepeatedPorts) {
  const NetlistModule module =
      ModuleBuilderForTests("top")
          .Port("d", PortDirection::kInput, {"d[0]", "d[1]"})
          .Cell("sum_q[3]_reg", "DFF", {{"CK", "d[0]"}, {"D", "d[1]"}, {"Q", "sum_q[3]"}})
          .Cell("c1", "NAND2", {{"A", "sum_q[3]"}, {"B", "1"}, {"Y", "n1"}})
          .Cell("c2", "INV", {{"A", "n1"}, {"Y", "n.2"}})
          .Cell("c3", "INV", {{"A", "n.2"}, {"Y", "n3"}})
          .Port("q", PortDirection::kOutput, {"sum_q[3]", "0"})
          .Out("r", "sum_q[3]")
          .Out("s", "n3")
          .Done();
  EXPECT_EQ(WriteVerilog({{module}}),
            "module top (d, q, r, s);\n"
            "  input [1:0] d;\n"
            "  output [1:0] q;\n"
            "  output r;\n"
            "  output s;\n"
            "  wire n1;\n"
            "  wire \\n.2 ;\n"
            "  assign q[1] = 1'b0;\n"
            "  assign r = q[0];\n"
            "  DFF \\sum_q[3]_reg  (.CK(d[0]), .D(d[1]), .Q(q[0]));\n"
            "  NAND2 c1 (.A(q[0]), .B(1'b1), .Y(n1));\n"
            "  INV c2 (.A(n1), .Y(\\n.2 ));\n"
            "  INV c3 (.A(\\n.2 ), .Y(s));\n"
            "endmodule\n\n");
}

TEST(WriteVerilog, ANetThatIsCalledLikeAPortGetsAnotherName) {
  NetlistModule module = ModuleBuilderForTests("top")
                             .In("a")
                             .Cell("c1", "INV", {{"A", "a"}, {"Y", "y"}})
                             .Cell("c2", "INV", {{"A", "y"}, {"Y", "n"}})
                             .Out("y", "n")
                             .Done();
  const std::string text = WriteVerilog({{module}});
  EXPECT_NE(text.find("INV c1 (.A(a), .Y(y_net));"), std::string::npos) << text;
  EXPECT_NE(text.find("INV c2 (.A(y_net), .Y(y));"), std::string::npos) << text;
}

}  // namespace
}  // namespace systole
