// SPDX-License-Identifier: Apache-2.0
// Files that ReadLiberty must refuse in one line with path and line number, or survive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/stimulus.h"
#include "tests/liberty/temp_library.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

std::string InCell(const std::string& body) {
  return "library (x) {\n lu_table_template (t) { variable_1 : input_net_transition; index_1 "
         "(\"1, 2\"); }\n cell (C) {\n" +
         body + "\n }\n}\n";
}

TEST(HostileLiberty, RefusesWhatIsNoLibrary) {
  EXPECT_THAT(Refusal(""), HasSubstr("cells.lib:1 is empty"));
  EXPECT_THAT(Refusal("\n\n/* only */\n"), HasSubstr("is empty"));
  EXPECT_THAT(Refusal("module x; endmodule"), HasSubstr("cells.lib:1 is no Liberty file"));
  EXPECT_THAT(Refusal(std::string("\x7f\x45LF\0\0\1", 7)), HasSubstr("cells.lib:1 "));
  EXPECT_THAT(Refusal("library"), HasSubstr("has no ( where one has to stand"));
  EXPECT_THAT(Refusal("library (x)"), HasSubstr("has no { after library (NAME)"));
  EXPECT_THROW(ReadLiberty("/nonexistent/cells.lib"), RequestError);
  EXPECT_THROW(ReadLiberty(std::filesystem::temp_directory_path()), RequestError);
}

TEST(HostileLiberty, NamesTheLineOfWhatIsUnbalanced) {
  EXPECT_THAT(Refusal("library (x) {\n cell (A) {\n area : 1;\n}\n"),
              HasSubstr("the group library of line 1 has no }"));
  EXPECT_THAT(Refusal("library (x) {\n}\n}\n"), HasSubstr("cells.lib:3 has text after"));
  EXPECT_THAT(Refusal("library (x) {\n a : \"open;\n}\n"),
              HasSubstr("cells.lib:2 begins a string that does not end"));
  EXPECT_THAT(Refusal("library (x) {\n\n /* open\n}\n"),
              HasSubstr("cells.lib:3 begins a comment that does not end"));
  EXPECT_THAT(Refusal("library (x) {\n cell (A {\n}\n}\n"), HasSubstr("cells.lib:2 has '{'"));
  EXPECT_THAT(Refusal("library (x) {\n { }\n}\n"), HasSubstr("cells.lib:2 has '{' where a name"));
  EXPECT_THAT(Refusal("library (x) {\n a : \"b\" c;\n}\n"), HasSubstr("cells.lib:2 has a value"));
}

TEST(HostileLiberty, NestsOnlySoDeep) {
  std::string text = "library (x) {";
  for (int i = 0; i < 100000; ++i) text += "a () {";
  EXPECT_THAT(Refusal(text), HasSubstr("nests groups more than 64 deep"));
}

TEST(HostileLiberty, NamesTheLineOfAWrongValue) {
  EXPECT_THAT(Refusal(InCell("area : big;")), HasSubstr("cells.lib:4 area holds \"big\""));
  EXPECT_THAT(Refusal(InCell("area : nan;")), HasSubstr("not a number"));
  EXPECT_THAT(Refusal(InCell("area : 1 2;")), HasSubstr("area has 2 numbers"));
  EXPECT_THAT(Refusal(InCell("pin (A) { }")), HasSubstr("pin has no direction"));
  EXPECT_THAT(Refusal(InCell("pin (A) { direction : sideways; }")),
              HasSubstr("direction sideways is unknown"));
  EXPECT_THAT(Refusal(InCell("bus (A) { bus_type : none; }")), HasSubstr("undeclared type"));
  EXPECT_THAT(Refusal(InCell("pin (A[9999999999:0]) { }")), HasSubstr("is no range of bits"));
  EXPECT_THAT(Refusal("library (x) {\n time_unit : \"1 parsec\";\n}"),
              HasSubstr("cells.lib:2 time_unit"));
  EXPECT_THAT(Refusal("library (x) {\n delay_model : polynomial;\n}"),
              HasSubstr("cells.lib:2 delay_model polynomial is not supported"));
  EXPECT_THAT(Refusal("library (x) {\n cell (A) { }\n cell (A) { }\n}"),
              HasSubstr("cells.lib:3 declares the cell A a second time"));
}

TEST(HostileLiberty, NamesTheLineOfAWrongTable) {
  const auto with = [](const std::string& table) {
    return Refusal(InCell("pin (A) { direction : input; }\npin (Y) { direction : output;\n" +
                          std::string("timing () { related_pin : A;\n") + table + " } }"));
  };
  EXPECT_THAT(with("cell_rise (t) { values (\"1\"); }"),
              HasSubstr("cells.lib:7 cell_rise has 1 values, its axes 2 points"));
  EXPECT_THAT(with("cell_rise (u) { values (\"1\"); }"), HasSubstr("undeclared template u"));
  EXPECT_THAT(with("cell_rise (t) { }"), HasSubstr("cell_rise has no values"));
  EXPECT_THAT(with("cell_rise (t) { index_1 (\"2, 2\"); values (\"1, 2\"); }"),
              HasSubstr("index_1 of cell_rise does not rise"));
  EXPECT_THAT(with("cell_rise (t) { values (\"1, 2x\"); }"), HasSubstr("not a number"));
  EXPECT_THAT(Refusal(InCell("pin (Y) { direction : output;\ntiming () { related_pin : Z;\n"
                             "cell_rise (scalar) { values (1); } } }")),
              HasSubstr("cells.lib:5 the cell C has no pin Z"));
}

constexpr const char* kWhole = R"(library (x) {
  time_unit : "1ns"; /* c */ capacitive_load_unit (1, pf);
  lu_table_template (t) { variable_1 : input_net_transition; index_1 ("1, 2"); }
  cell (C) { area : 4; ff (IQ, IQN) { clocked_on : "A"; next_state : "B"; }
    pin (A) { direction : input; internal_power () { rise_power (t) { values ("1, \
      2"); } } }
    pin (Y) { direction : output; function : "!A"; timing () { related_pin : "A";
      cell_rise (t) { values ("1, 2"); } } } } }
)";

TEST(HostileLiberty, EveryTruncationIsRefused) {
  const std::string whole = kWhole;
  ASSERT_NO_THROW(ReadText(whole));
  for (std::size_t size = 0; size < whole.find_last_of('}'); ++size)
    ASSERT_NE(Refusal(whole.substr(0, size)), "was read") << size;
}

TEST(HostileLiberty, SurvivesRandomDamage) {
  constexpr std::uint64_t kSeed = 7;
  Stimulus random(kSeed);
  const auto path = TestFile("cells.lib");
  for (int trial = 0; trial < 2000; ++trial) {
    std::string text = kWhole;
    for (std::uint64_t change = 0; change <= random.Below(3); ++change)
      text[random.Below(text.size())] = static_cast<char>(random.Below(256));
    WriteFile(path, text);
    try {
      ReadLiberty(path);
    } catch (const RequestError& error) {
      ASSERT_THAT(error.what(), HasSubstr("cells.lib")) << "seed " << kSeed << " trial " << trial;
    }
  }
}

}  // namespace
}  // namespace systole
