// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(GenArray, WritesVerilogAndSideFilesAndNamesThem) {
  const fs::path folder = TestFolder() / "core";
  const Outcome outcome =
      RunCommand({"gen", "array", "--rows", "4", "--cols", "3", "-o", folder.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* name : {"systolic_core.v", "filelist.f", "systolic_core.core",
                           "systolic_core.json", "systolic_core_params.h"}) {
    EXPECT_TRUE(fs::is_regular_file(folder / name)) << name;
    EXPECT_THAT(outcome.out, HasSubstr((folder / name).string() + "\n"));
  }
  EXPECT_THAT(outcome.out, HasSubstr("systolic_core: 4x3 os+stos int8/int32\n"));
}

TEST(GenArray, TheSameConfigurationGivesTheSameBytesFromOptionsAndFile) {
  const fs::path folder = TestFolder();
  WriteFile(folder / "core.toml", "rows = 2\ncols = 5\ndataflow = \"os\"\nacc_width = 24\n");
  const Outcome by_options = RunCommand({"gen", "array", "--rows", "2", "--cols", "5", "--dataflow",
                                         "os", "--acc-width", "24", "-o", (folder / "a").string()});
  const Outcome by_file = RunCommand(
      {"gen", "array", "--config", (folder / "core.toml").string(), "-o", (folder / "b").string()});
  ASSERT_EQ(by_options.status, 0) << by_options.err;
  ASSERT_EQ(by_file.status, 0) << by_file.err;
  const std::vector<std::string> files = FilesIn(folder / "a");
  EXPECT_EQ(files, FilesIn(folder / "b"));
  for (const std::string& file : files) {
    EXPECT_EQ(ReadFile(folder / "a" / file), ReadFile(folder / "b" / file)) << file;
  }
}

TEST(GenArray, JsonListsTheFiles) {
  const fs::path folder = TestFolder() / "core";
  const Outcome outcome = RunCommand({"gen", "array", "-o", folder.string(), "--json", "-"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["top"], "systolic_core");
  EXPECT_EQ(json["array"]["rows"], 16);
  EXPECT_EQ(json["files"].size(), FilesIn(folder).size());
}

TEST(GenArray, EveryProblemAtOnceAndNothingIsWritten) {
  const fs::path folder = TestFolder();
  const Outcome outcome =
      RunCommand({"gen", "array", "--rows", "257", "--data-width", "7", "--out", "core"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "systole: error: --rows 257 is out of range: 1 to 256\n"
            "  fix: pass --rows 16\n"
            "systole: error: --data-width 7 is not supported: 4, 8 or 16\n"
            "  fix: pass --data-width 8\n"
            "systole: error: -o is missing\n"
            "  fix: pass -o DIR\n"
            "systole: error: --out is no option of `systole gen array`\n"
            "  fix: `systole gen array --help` lists the options\n");
  EXPECT_THAT(FilesIn(folder), IsEmpty());
}

TEST(GenArray, AFolderThatCannotBeMadeIsAFailedRun) {
  const fs::path folder = TestFolder();
  WriteFile(folder / "file", "");
  const std::string target = (folder / "file" / "core").string();
  const Outcome outcome = RunCommand({"gen", "array", "-o", target});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("systole: error: cannot write " + target));
  EXPECT_THAT(FilesIn(folder), testing::ElementsAre("file"));
}

TEST(GenArray, AnEmptyFolderNameIsAMissingOne) {
  const Outcome outcome = RunCommand({"gen", "array", "-o", ""});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "systole: error: -o is missing\n  fix: pass -o DIR\n");
}

TEST(GenArray, NeedsItsSecondWord) {
  const Outcome outcome = RunCommand({"gen"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "systole: error: `systole gen` needs a command: array, cache\n"
            "  fix: `systole gen --help` shows what works\n");
}

}  // namespace
}  // namespace systole
