// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/design.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gen/emit/side_files.h"
#include "tests/emit/sample.h"
#include "tests/support/golden.h"
#include "tests/support/tool.h"

namespace systole::rtl {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const nlohmann::json kConfiguration = {{"lanes", 2}, {"name", "sample \"pair\""}};

std::string ErrorOf(const Design& design) {
  try {
    VerilogFiles(design);
  } catch (const EmitError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> NamesIn(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

std::string RunErrorOf(const fs::path& folder) {
  try {
    WriteDesign(SampleDesign(), kConfiguration, folder);
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

TEST(Design, WantsAModuleBeforeItsUsers) {
  EXPECT_THAT(ErrorOf({.top = "mac_pair", .modules = {SamplePair(), SampleMac()}}),
              HasSubstr("mac_pair instantiates mac, which does not come before it"));
  EXPECT_THAT(ErrorOf({.top = "mac_pair", .modules = {SamplePair()}}),
              HasSubstr("mac_pair instantiates mac"));
}

TEST(Design, WantsEachModuleOnceAndUsed) {
  EXPECT_THAT(ErrorOf({.top = "mac_pair", .modules = {SampleMac(), SampleMac(), SamplePair()}}),
              HasSubstr("there are two modules mac"));
  EXPECT_THAT(ErrorOf({.top = "mac", .modules = {SampleMac(), SamplePair()}}),
              HasSubstr("nothing instantiates mac_pair"));
  EXPECT_THAT(ErrorOf({.top = "pair", .modules = {SampleMac()}}),
              HasSubstr("design pair: the top module is missing"));
}

TEST(Design, FindsInstancesThatTheBodySpellsOut) {
  ModuleBuilder m("parent", "parent", "tests/emit/design_test.cc");
  m.Bit("a_i", "A");
  m.Bit("y_o", "Y");
  m.Body("leaf #(.N(2)) u_leaf (.a_i(a_i), .y_o(y_o)); other u_other (.a_i(a_i));");
  EXPECT_THAT(std::move(m).Finish().instances, ElementsAre("leaf", "other"));
}

TEST(DesignFiles, GivesTheGoldenFilesBesideTheVerilog) {
  std::vector<std::string> names;
  for (const File& file : DesignFiles(SampleDesign(), kConfiguration)) {
    names.push_back(file.name);
    if (!file.name.ends_with(".v")) ExpectGolden("emit/golden/" + file.name, file.text);
  }
  EXPECT_THAT(names, ElementsAre("mac.v", "mac_pair.v", "filelist.f", "mac_pair.core",
                                 "mac_pair.json", "mac_pair_params.h"));
}

TEST(DesignFiles, AreTheSameBytesTwice) {
  EXPECT_EQ(DesignFiles(SampleDesign(), kConfiguration),
            DesignFiles(SampleDesign(), kConfiguration));
}

TEST(DesignFiles, DescribeThePortsAsJson) {
  const auto json = nlohmann::json::parse(JsonDescription(SampleDesign(), kConfiguration));
  EXPECT_EQ(json["configuration"], kConfiguration);
  EXPECT_EQ(json["top"], "mac_pair");
  const auto& sum = json["modules"][1]["ports"][5];
  EXPECT_EQ(sum["name"], "sum_o");
  EXPECT_EQ(sum["width"], "2*AccW");
  EXPECT_EQ(sum["bits"], 48);
  EXPECT_EQ(sum["latency"], 1);
  EXPECT_EQ(sum["direction"], "output");
  EXPECT_EQ(json["modules"][0]["rules"][0]["name"], "AccW_holds_one_product");
  EXPECT_EQ(json["modules"][1]["instantiates"][0], "mac");
}

TEST(DesignFiles, HaveAHeaderThatCCompilersTake) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "use.c",
            "#include \"mac_pair_params.h\"\n#include \"mac_pair_params.h\"\n"
            "int check[MAC_PAIR_DATA_W == 8 && MAC_PAIR_ACC_W == 24 ? 1 : -1];\n");
  WriteFile(folder.path() / "mac_pair_params.h", CHeader(SamplePair()));
  const ToolResult result = RunTool(folder.path(), "cc -Wall -Werror -fsyntax-only use.c");
  EXPECT_EQ(result.status, 0) << result.output;
}

TEST(MacroName, SplitsWords) {
  EXPECT_EQ(MacroName("DataW"), "DATA_W");
  EXPECT_EQ(MacroName("systolic_core"), "SYSTOLIC_CORE");
  EXPECT_EQ(MacroName("Rows"), "ROWS");
  EXPECT_EQ(MacroName("Data_W"), "DATA_W");
  EXPECT_EQ(MacroName("Fp32Lanes"), "FP32_LANES");
}

TEST(WriteDesign, CreatesTheFolderAndLeavesNothingElse) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path() / "a" / "b";
  WriteDesign(SampleDesign(), kConfiguration, folder.string() + "/");
  EXPECT_THAT(NamesIn(folder.parent_path()), ElementsAre("b"));
  EXPECT_EQ(NamesIn(folder).size(), 6u);
  for (const File& file : DesignFiles(SampleDesign(), kConfiguration)) {
    EXPECT_EQ(ReadFile(folder / file.name), file.text);
  }
}

TEST(WriteDesign, ReplacesItsFilesAndKeepsOthers) {
  const ScratchFolder scratch;
  WriteFile(scratch.path() / "mac.v", "old");
  WriteFile(scratch.path() / "notes.txt", "mine");
  WriteDesign(SampleDesign(), kConfiguration, scratch.path());
  EXPECT_EQ(ReadFile(scratch.path() / "mac.v"), SampleMac().ToVerilog());
  EXPECT_EQ(ReadFile(scratch.path() / "notes.txt"), "mine");
  EXPECT_EQ(NamesIn(scratch.path()).size(), 7u);
}

TEST(WriteDesign, ChangesNothingWhenOneFileCannotBeWritten) {
  const ScratchFolder scratch;
  WriteFile(scratch.path() / "mac.v", "old");
  fs::create_directories(scratch.path() / "mac_pair.json" / "in_the_way");
  EXPECT_THAT(RunErrorOf(scratch.path()), HasSubstr("mac_pair.json: Is a directory"));
  EXPECT_EQ(ReadFile(scratch.path() / "mac.v"), "old");
  EXPECT_THAT(NamesIn(scratch.path()), UnorderedElementsAre("mac.v", "mac_pair.json"));
}

TEST(WriteDesign, NamesAFileThatStandsWhereTheFolderShould) {
  const ScratchFolder scratch;
  WriteFile(scratch.path() / "out", "a file");
  EXPECT_THAT(RunErrorOf(scratch.path() / "out"), HasSubstr("out: Not a directory"));
  EXPECT_THAT(RunErrorOf(scratch.path() / "out" / "deep"), HasSubstr("Not a directory"));
  EXPECT_THAT(NamesIn(scratch.path()), ElementsAre("out"));
}

}  // namespace
}  // namespace systole::rtl
