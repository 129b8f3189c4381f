// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/file.h"
#include "sw/cli/array_options.h"
#include "sw/cli/command.h"
#include "sw/cli/errors.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

/// Parses the words as `systole gen array` would and returns the messages; "" if all is well.
std::string Problems(const std::vector<std::string>& words, ArrayConfig* result = nullptr) {
  CLI::App app("", "systole");
  Options options(Command(app).Add("array", ""));
  DeclareArrayOptions(options);
  std::vector<std::string> reversed = words;
  reversed.insert(reversed.begin(), "array");
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);
    const ArrayConfig config = ReadArrayOptions(options);
    options.ThrowIfBad();
    if (result != nullptr) *result = config;
  } catch (const RequestError& error) {
    return ToText(error.problems());
  } catch (const CLI::ParseError& error) {
    return ToText({ToProblem(app, error)});
  }
  return "";
}

class ConfigFile : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const fs::path path = fs::path(testing::TempDir()) / name;
    WriteFile(path, text);
    return path.string();
  }
};

TEST(ArrayOptions, DefaultsAreTheConfigurationsDefaults) {
  ArrayConfig config;
  config.rows = 99;
  EXPECT_EQ(Problems({}, &config), "");
  EXPECT_EQ(config, ArrayConfig());
}

TEST(ArrayOptions, SetEveryField) {
  ArrayConfig config;
  EXPECT_EQ(Problems({"--rows", "3", "--cols=5", "--dataflow", "os", "--data-width", "16",
                      "--acc-width", "40", "--count-width", "12"},
                     &config),
            "");
  EXPECT_EQ(config, (ArrayConfig{.rows = 3,
                                 .cols = 5,
                                 .dataflow = Dataflow::kOs,
                                 .data_width = 16,
                                 .acc_width = 40,
                                 .count_width = 12}));
}

TEST(ArrayOptions, EveryProblemIsReportedAtOnce) {
  EXPECT_EQ(Problems({"--rows", "0", "--cols", "wide", "--dataflow", "ws", "--count-width", "99",
                      "--acc-width", "32", "--acc-width", "40", "--row", "4"}),
            "systole: error: --cols wide is no integer\n"
            "  fix: pass --cols 16\n"
            "systole: error: --dataflow ws is unknown: os or os+stos\n"
            "  fix: pass --dataflow os+stos\n"
            "systole: error: --rows 0 is out of range: 1 to 256\n"
            "  fix: pass --rows 16\n"
            "systole: error: --count-width 99 is out of range: 4 to 32\n"
            "  fix: pass --count-width 16\n"
            "systole: error: --acc-width is given 2 times: 32, 40\n"
            "  fix: pass it once: --acc-width 40\n"
            "systole: error: --row is no option of `systole array`\n"
            "  fix: did you mean --rows? `systole array --help` lists the options\n");
}

TEST(ArrayOptions, NegativeAndHugeNumbersAreValuesNotOptions) {
  EXPECT_EQ(Problems({"--rows", "-4"}),
            "systole: error: --rows -4 is out of range: 1 to 256\n  fix: pass --rows 16\n");
  EXPECT_EQ(Problems({"--rows", "99999999999999999999"}),
            "systole: error: --rows 99999999999999999999 is no integer\n  fix: pass --rows 16\n");
}

TEST(ArrayOptions, AMissingValueIsNamed) {
  EXPECT_THAT(Problems({"--rows"}), testing::StartsWith("systole: error: --rows"));
}

TEST(ArrayOptions, AStrayWordIsAnError) {
  EXPECT_EQ(Problems({"16"}),
            "systole: error: \"16\" is not expected: `systole array` takes options only\n"
            "  fix: `systole array --help` lists the options\n");
}

TEST_F(ConfigFile, TomlAndJsonAreReadAndTheCommandLineWins) {
  const std::string toml = Write("core.toml",
                                 "# a core\nrows = 4\ncols = 8\n\ndataflow = \"os\"\n"
                                 "data_width = 8\nacc-width = 24  # bits\n");
  const std::string json =
      Write("core.json", R"({"rows": 4, "cols": 8, "dataflow": "os", "acc_width": 24})");
  for (const std::string& file : {toml, json}) {
    ArrayConfig config;
    EXPECT_EQ(Problems({"--cols", "9", "--config", file}, &config), "") << file;
    EXPECT_EQ(config,
              (ArrayConfig{.rows = 4, .cols = 9, .dataflow = Dataflow::kOs, .acc_width = 24}))
        << file;
  }
}

TEST_F(ConfigFile, UnknownKeysAndBadValuesNameTheFile) {
  const std::string toml = Write("bad.toml", "rows = many\nrow = 3\n[core]\ncols = 2\n");
  EXPECT_EQ(Problems({"--config", toml}),
            "systole: error: " + toml +
                ": \"row\" is no option of an array\n"
                "  fix: use rows, cols, dataflow, data_width, acc_width, count_width\n"
                "systole: error: " +
                toml +
                ": \"core.cols\" is no option of an array\n"
                "  fix: use rows, cols, dataflow, data_width, acc_width, count_width\n"
                "systole: error: " +
                toml +
                ": --rows many is no integer\n"
                "  fix: pass --rows 16\n");
}

TEST_F(ConfigFile, BrokenFilesAreClearErrors) {
  const std::string broken = Write("broken.json", "{\"rows\": ");
  EXPECT_THAT(Problems({"--config", broken}),
              testing::StartsWith("systole: error: " + broken + " is no JSON: byte "));
  const std::string line = Write("line.toml", "rows 4\n");
  EXPECT_THAT(Problems({"--config", line}),
              testing::HasSubstr("line.toml, line 1: \"rows 4\" is no `key = value`"));
  EXPECT_THAT(Problems({"--config", "core.yaml"}),
              testing::HasSubstr("--config core.yaml is neither .toml nor .json nor .cfg"));
  EXPECT_THAT(Problems({"--config", "absent.toml"}),
              testing::HasSubstr("cannot read absent.toml: No such file or directory"));
}

TEST(Nearest, FindsTheMisspeltWordAndRefusesFarOnes) {
  EXPECT_EQ(Nearest("--colls", {"--rows", "--cols"}), "--cols");
  EXPECT_EQ(Nearest("--temperature", {"--rows", "--cols"}), "");
}

}  // namespace
}  // namespace systole
