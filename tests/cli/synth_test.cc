// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

std::vector<std::string> SmallArray(const fs::path& folder) {
  return {"synth",        "array",
          "--rows",       "1",
          "--cols",       "1",
          "--dataflow",   "os",
          "--data-width", "4",
          "--acc-width",  "8",
          "--cache-dir",  (folder / "cache").string()};
}

std::vector<std::string> With(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Synth, AFileSaysWhatItDescribes) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const fs::path folder = TestFolder();
  const std::string array = (folder / "core.json").string(), cache = (folder / "l1.toml").string();
  WriteFile(array, R"({"rows": 1, "cols": 1, "dataflow": "os", "data_width": 4, "acc_width": 8})");
  WriteFile(cache, "size = 256\nline = 16\n");
  const std::vector<std::string> more = {"--no-timing", "--cache-dir", (folder / "cache").string()};
  Outcome outcome = RunCommand(With({"synth", array}, more));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("systolic_core: 1x1 os int4/int8\n"));
  outcome = RunCommand(With({"synth", cache, "--ways", "1"}, more));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("data_cache: 256"));
}

TEST(Synth, AFileThatDescribesNothingIsABadRequest) {
  const fs::path folder = TestFolder();
  const std::string file = (folder / "other.json").string();
  WriteFile(file, R"({"colour": "red"})");
  Outcome outcome = RunCommand({"synth", file});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("other.json describes neither an array nor a cache"));
  outcome = RunCommand({"synth", (folder / "absent.json").string()});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("absent.json"));
}

TEST(Synth, TableAndJsonOfAnArray) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const fs::path folder = TestFolder();
  // Without clock gates: their latches' paths of half a cycle make the slack no straight line.
  const Outcome outcome =
      RunCommand(With(SmallArray(folder), {"--clock", "20", "--clock-gating", "0", "--json",
                                           (folder / "out.json").string()}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("systolic_core: 1x1 os int4/int8\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\nclock: "));
  EXPECT_THAT(outcome.out, HasSubstr("\nworst path: "));
  EXPECT_THAT(outcome.out, HasSubstr("library osu018_stdcells "));
  const auto json = nlohmann::json::parse(ReadFile(folder / "out.json"));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/synth.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  double blocks = 0, modules = 0;
  for (const auto& block : json["blocks"]) blocks += block["area_um2"].get<double>();
  for (const auto& module : json["modules"]) {
    modules += module["area_um2"].get<double>() * module["instances"].get<double>();
  }
  const double total = json["total"]["area_um2"];
  EXPECT_NEAR(blocks, total, 1e-6 * total);
  EXPECT_NEAR(modules, total, 1e-6 * total);
  EXPECT_NEAR(
      json["timing"]["slack_ns"].get<double>() + json["timing"]["min_period_ns"].get<double>(), 20,
      0.0011);
  // A second run takes every module from the cache and says the same.
  const Outcome again =
      RunCommand(With(SmallArray(folder), {"--no-timing", "--clock-gating", "0", "--json", "-"}));
  ASSERT_EQ(again.status, 0) << again.err;
  const auto second = nlohmann::json::parse(again.out);
  EXPECT_EQ(second["modules_made"], 0);
  EXPECT_EQ(second["total"], json["total"]);
  EXPECT_FALSE(second.contains("timing"));
  EXPECT_THAT(SchemaViolations(schema, second), IsEmpty());
}

TEST(Synth, ClockGatesAreTheDefaultAndSaved) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const fs::path folder = TestFolder();
  const auto area = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = With(SmallArray(folder), {"--no-timing", "--json", "-"});
    words.insert(words.end(), more.begin(), more.end());
    const auto json = nlohmann::json::parse(RunCommand(words).out);
    const std::string options = json["provenance"]["options"];
    return std::pair(json["total"]["area_um2"].get<double>(), options);
  };
  const auto [gated, with_gates] = area({});
  const auto [plain, without] = area({"--clock-gating", "0"});
  EXPECT_LT(gated, plain);
  EXPECT_THAT(with_gates, HasSubstr("clock gates from 8 bits on"));
  EXPECT_THAT(without, Not(HasSubstr("clock gates")));
}

TEST(Synth, EveryProblemAtOnce) {
  const Outcome outcome = RunCommand(
      {"synth", "array", "--rows", "0", "--clock", "-1", "--no-timing", "--max-fanout", "1"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--rows 0 is out of range"));
  EXPECT_THAT(outcome.err, HasSubstr("--clock"));
  EXPECT_THAT(outcome.err, HasSubstr("--max-fanout 1"));
}

TEST(Synth, ALibraryThatCannotBeReadIsABadRequest) {
  const fs::path folder = TestFolder();
  WriteFile(folder / "bad.lib", "no library at all\n");
  for (const char* name : {"bad.lib", "missing.lib"}) {
    const Outcome outcome =
        RunCommand(With(SmallArray(folder), {"--liberty", (folder / name).string()}));
    EXPECT_EQ(outcome.status, 2) << name;
    EXPECT_THAT(outcome.err, HasSubstr(name));
  }
}

TEST(Synth, AMissingToolIsAFailedRunWithTheCommandThatInstallsIt) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const fs::path folder = TestFolder();
  const Outcome outcome = RunCommand(With(SmallArray(folder), {"--yosys", "/nowhere/yosys"}));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("apt-get install yosys"));
  const Outcome sta = RunCommand(With(SmallArray(folder), {"--sta", "/nowhere/sta"}));
  EXPECT_EQ(sta.status, 1);
  EXPECT_THAT(sta.err, HasSubstr("apt-get install opensta"));
}

}  // namespace
}  // namespace systole
