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

TEST(GenCache, WritesVerilogAndSideFilesAndNamesThem) {
  const fs::path folder = TestFolder() / "cache";
  const Outcome outcome = RunCommand({"gen", "cache", "--size", "8K", "--ways", "2", "--null-cache",
                                      "--null-entries", "64", "-o", folder.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* name : {"data_cache.v", "null_cache.v", "tcam_column.v", "filelist.f",
                           "data_cache.core", "data_cache.json", "data_cache_params.h"}) {
    EXPECT_TRUE(fs::is_regular_file(folder / name)) << name;
    EXPECT_THAT(outcome.out, HasSubstr((folder / name).string() + "\n"));
  }
  EXPECT_THAT(outcome.out, HasSubstr("data_cache: 8 KiB 2-way 32 B lru + 64 null entries\n"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "data_cache.json"));
  EXPECT_EQ(json.at("configuration").at("null_entries"), 64);
}

TEST(GenCache, TheSameConfigurationGivesTheSameBytesFromOptionsAndFile) {
  const fs::path folder = TestFolder();
  WriteFile(folder / "cache.toml",
            "size = \"4K\"\nline = 64\nnull_cache = true\nnull_store = \"drop\"\n"
            "zero_at_store = true\nzero_at_eviction = false\n");
  const Outcome by_options =
      RunCommand({"gen", "cache", "--size", "4096", "--line", "64", "--null-cache", "--null-store",
                  "drop", "--zero-at-store", "-o", (folder / "a").string()});
  const Outcome by_file = RunCommand({"gen", "cache", "--config", (folder / "cache.toml").string(),
                                      "-o", (folder / "b").string()});
  ASSERT_EQ(by_options.status, 0) << by_options.err;
  ASSERT_EQ(by_file.status, 0) << by_file.err;
  const std::vector<std::string> files = FilesIn(folder / "a");
  EXPECT_EQ(files, FilesIn(folder / "b"));
  for (const std::string& file : files) {
    EXPECT_EQ(ReadFile(folder / "a" / file), ReadFile(folder / "b" / file)) << file;
  }
}

TEST(GenCache, WithAxi4TheTopIsAnAxi4Manager) {
  const fs::path folder = TestFolder();
  const Outcome outcome = RunCommand({"gen", "cache", "--axi4", "-o", folder.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(FilesIn(folder), Contains("data_cache_axi4.v"));
  EXPECT_THAT(outcome.out, HasSubstr("data_cache_axi4: 16 KiB 4-way 32 B lru\n"));
}

TEST(GenCache, ReportsEveryProblemAtOnceAndWritesNothing) {
  const fs::path folder = TestFolder();
  const Outcome outcome = RunCommand({"gen", "cache", "--size", "12x", "--ways", "3", "--line",
                                      "48", "--null-cache", "--null-entries", "0", "--null-store",
                                      "keep", "--counter-width", "8", "--null-entires", "4"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "systole: error: --size 12x is no number of bytes\n"
            "  fix: pass --size 16384 or --size 16K\n"
            "systole: error: --null-store keep is unknown: drop or split\n"
            "  fix: pass --null-store split\n"
            "systole: error: --ways 3 is not supported: 1, 2, 4 or 8\n"
            "  fix: pass --ways 4\n"
            "systole: error: --line 48 is not supported: 16, 32 or 64 bytes\n"
            "  fix: pass --line 32\n"
            "systole: error: --counter-width 8 is out of range: 16 to 64\n"
            "  fix: pass --counter-width 48\n"
            "systole: error: --null-entries 0 is out of range: 1 to 1024\n"
            "  fix: pass --null-entries 148\n"
            "systole: error: -o is missing\n"
            "  fix: pass -o DIR\n"
            "systole: error: --null-entires is no option of `systole gen cache`\n"
            "  fix: did you mean --null-entries? `systole gen cache --help` lists the options\n");
  EXPECT_THAT(FilesIn(folder), IsEmpty());
}

TEST(GenCache, OptionsOfTheNullCacheNeedIt) {
  const Outcome outcome =
      RunCommand({"gen", "cache", "--null-entries", "4", "--zero-at-store", "-o", "cache"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "systole: error: --null-entries 4 needs --null-cache\n"
            "  fix: leave --null-entries out\n"
            "systole: error: --zero-at-store needs --null-cache\n"
            "  fix: leave --zero-at-store out\n");
}

TEST(GenCache, SizesOutsideOfAllNumbersAreErrors) {
  for (const char* size : {"99999999999999999999", "K", "", "-16K", "4000000K", "16k", "1.5K"}) {
    const Outcome outcome = RunCommand({"gen", "cache", "--size", size, "-o", "cache"});
    EXPECT_EQ(outcome.status, 2) << size;
    EXPECT_THAT(outcome.err, HasSubstr("--size")) << size;
  }
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
