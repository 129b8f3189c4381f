// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/emit/sample.h"

namespace systole::rtl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Change = std::function<void(ModuleBuilder&)>;

/// Builds a good module of one parameter, one input and one output after `change` has had its way.
Module BuildWith(const Change& change) {
  ModuleBuilder m("unit", "unit under test", "tests/emit/builder_test.cc");
  const Expr w = m.Param("Width", 8, "Width, bits");
  m.In("a_i", w, "Operand");
  m.Out("y_o", w, Latency{0}, "Result");
  m.Body("assign y_o = a_i;");
  change(m);
  return std::move(m).Finish();
}

/// What the builder says about the change; empty if it has no objection.
std::string ErrorOf(const Change& change) {
  try {
    BuildWith(change);
  } catch (const EmitError& error) {
    return error.what();
  }
  return "";
}

std::string ErrorOfBody(const char* verilog) {
  return ErrorOf([&](ModuleBuilder& m) { m.Body(verilog); });
}

TEST(ModuleBuilder, HasNoObjectionToAGoodModule) {
  EXPECT_EQ(ErrorOf([](ModuleBuilder&) {}), "");
}

TEST(ModuleBuilder, RejectsKeywordsOfVerilogAndSystemVerilog) {
  const auto error_of = [](const char* name) {
    return ErrorOf([&](ModuleBuilder& m) { m.Param(name, 1, "Doc"); });
  };
  EXPECT_THAT(error_of("reg"), HasSubstr("unit: parameter reg has the name of a keyword"));
  EXPECT_THAT(error_of("logic"), HasSubstr("parameter logic has the name of a keyword"));
  EXPECT_THAT(error_of("checker"), HasSubstr("parameter checker has the name of a keyword"));
}

TEST(ModuleBuilder, RejectsIllegalNames) {
  for (const char* name : {"", "1st", "a-b", "a b", "a.b", "a$"}) {
    EXPECT_THAT(ErrorOf([&](ModuleBuilder& m) { m.Param(name, 1, "Doc"); }),
                HasSubstr("is no legal name"))
        << name;
  }
  EXPECT_THROW(std::move(ModuleBuilder("a-b", "summary", "file")).Finish(), EmitError);
}

TEST(ModuleBuilder, RejectsANameThatIsTaken) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("a_i", 1, "Again"); }),
              HasSubstr("port a_i has a name that is taken"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Param("Width", 1, "Again"); }),
              HasSubstr("parameter Width has a name that is taken"));
  EXPECT_THAT(ErrorOfBody("wire a_i = 1'b0;"), HasSubstr("port a_i is declared again"));
  EXPECT_THAT(ErrorOfBody("localparam integer Width = 3;"),
              HasSubstr("parameter Width is declared again"));
}

TEST(ModuleBuilder, RejectsParametersThatOnlyDifferInTheirSpelling) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", m.Param("WIDTH", 1, "Doc"), "B"); }),
              HasSubstr("parameters Width and WIDTH are the same C macro, WIDTH"));
}

TEST(ModuleBuilder, TellsDirectionsByName) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b", 1, "B"); }),
              HasSubstr("input b does not end in _i"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Out("b_i", 1, "B"); }),
              HasSubstr("output b_i does not end in _o"));
}

TEST(ModuleBuilder, WantsADocCommentOfOneLine) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", 1, ""); }),
              HasSubstr("port b_i has no doc comment"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", 1, "a\nb"); }),
              HasSubstr("the doc comment of port b_i is more than one line"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Param("B", 1, "a */ b"); }),
              HasSubstr("the doc comment of parameter B is more than one line"));
}

TEST(ModuleBuilder, WantsWidthsOverParametersOnly) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", "Depth*Width", "B"); }),
              HasSubstr("the width of port b_i uses Depth, which is no parameter"));
}

TEST(ModuleBuilder, WantsWidthsOfAtLeastOneBit) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", "Width - 8", "B"); }),
              HasSubstr("the width of port b_i is 0 with the default parameters: Width - 8"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.In("b_i", "Width/0", "B"); }),
              HasSubstr("the width of port b_i is not defined"));
}

TEST(ModuleBuilder, WantsDefaultsThatKeepTheRules) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Require("Width > 8", "Width_is_large"); }),
              HasSubstr("the default parameters break the rule Width_is_large: Width > 8"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Require("Depth > 8", "Depth_is_large"); }),
              HasSubstr("rule Depth_is_large uses Depth, which is no parameter"));
}

TEST(ModuleBuilder, WantsParametersOf32Bits) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Param("B", std::int64_t{1} << 31, "B"); }),
              HasSubstr("parameter B = 2147483648 does not fit 32 bits"));
}

TEST(ModuleBuilder, WantsEveryOutputDriven) {
  const auto error = ErrorOf([](ModuleBuilder& m) {
    m.Bit("b_o", "B");
    m.Body("// assign b_o = 1'b0; in a comment drives nothing\nwire copy = b_o;");
  });
  EXPECT_THAT(error, HasSubstr("unit: output b_o is not driven"));
}

TEST(ModuleBuilder, CountsAPartAConcatenationAndAnInstanceAsDriving) {
  EXPECT_EQ(ErrorOf([](ModuleBuilder& m) {
              m.Out("b_o", 2, "B");
              m.Bit("c_o", "C");
              m.Bit("d_o", "D");
              m.Bit("e_o", "E");
              m.Body(
                  "assign b_o[1:0] = 2'd0; assign {c_o, d_o} = 2'd0;"
                  " leaf u_leaf (.y_o(e_o));");
            }),
            "");
}

TEST(ModuleBuilder, DoesNotCountAnIndexAsDriven) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) {
                m.Bit("b_o", "B");
                m.Body("wire [1:0] x; assign x[b_o] = 1'b0;");
              }),
              HasSubstr("output b_o is not driven"));
}

TEST(ModuleBuilder, RejectsInputsThatAreDriven) {
  EXPECT_THAT(ErrorOfBody("assign a_i = y_o;"), HasSubstr("input a_i is driven from inside"));
}

TEST(ModuleBuilder, RejectsUnusedInputsAndParameters) {
  const auto error = ErrorOf([](ModuleBuilder& m) {
    m.Param("Depth", 4, "Depth");
    m.In("b_i", 1, "B");
    m.Body("// b_i and Depth in a comment\nwire [8*5:1] text = \"b_i Depth\";");
  });
  EXPECT_THAT(error, AllOf(HasSubstr("unit: parameter Depth is not used"),
                           HasSubstr("unit: input b_i is not used")));
}

TEST(ModuleBuilder, ReportsEveryProblemAtOnce) {
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) {
                m.In("b_i", 1, "B");
                m.Bit("c_o", "C");
              }),
              AllOf(HasSubstr("input b_i is not used"), HasSubstr("output c_o is not driven")));
}

TEST(ModuleBuilder, WantsAValueForEveryPlaceholder) {
  EXPECT_THAT(ErrorOfBody("wire x = ${value};"),
              HasSubstr("unit: placeholder ${value} has no value"));
  EXPECT_THAT(ErrorOfBody("wire x = ${value;"), HasSubstr("\"${\" without \"}\""));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) { m.Set("value", 1); }),
              HasSubstr("unit: no ${value} in the body"));
  EXPECT_THAT(ErrorOf([](ModuleBuilder& m) {
                m.Set("value", 1);
                m.Set("value", 2);
              }),
              HasSubstr("${value} is set twice"));
}

TEST(ModuleBuilder, IndentsValuesOfSeveralLinesLikeTheirPlaceholder) {
  const Module module = BuildWith([](ModuleBuilder& m) {
    m.Body(
        "generate\n  if (Width > 1) begin : g_wide\n    ${wires}\n    ${nothing}\n  "
        "end\nendgenerate");
    m.Set("wires", R"v(
        wire x = 1'b0;

        wire y = ~x;
    )v");
    m.Set("nothing", "");
  });
  EXPECT_THAT(module.body, HasSubstr("    if (Width > 1) begin : g_wide\n"
                                     "      wire x = 1'b0;\n"
                                     "\n"
                                     "      wire y = ~x;\n"
                                     "    end\n"));
}

TEST(ModuleBuilder, RejectsUntidyText) {
  EXPECT_THAT(ErrorOfBody("wire x = 1'b0; \nwire y = x;"), HasSubstr("ends in a space"));
  EXPECT_THAT(ErrorOfBody("wire\tx = 1'b0;"), HasSubstr("has a tab"));
  EXPECT_EQ(ErrorOfBody(("// " + std::string(95, 'x')).c_str()), "");
  EXPECT_THAT(ErrorOfBody(("// " + std::string(96, 'x')).c_str()),
              HasSubstr("is longer than 100 characters"));
}

TEST(ModuleBuilder, RejectsABodyThatEndsTheModule) {
  EXPECT_THAT(ErrorOfBody("endmodule"), HasSubstr("the body ends the module"));
}

}  // namespace
}  // namespace systole::rtl
