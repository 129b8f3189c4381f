// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(SparseCacheStudyCommand, WritesTheSchemasJsonAndPicturesAndGoesOnWhereItWas) {
  const std::filesystem::path folder = TestFolder();
  const std::vector<std::string> command = {"study",
                                            "sparsecache",
                                            "--networks",
                                            "lenet",
                                            "--programs",
                                            "unpacked,direct",
                                            "--sweeps",
                                            "entries,stores",
                                            "--thresholds",
                                            "0,0.05",
                                            "--samples",
                                            "2",
                                            "--layers",
                                            "--models",
                                            SYSTOLE_SOURCE_DIR "/models",
                                            "--store",
                                            (folder / "store").string(),
                                            "--json",
                                            (folder / "study.json").string(),
                                            "--svg",
                                            (folder / "svg").string()};
  const Outcome outcome = RunCommand(command);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("lenet unpacked"));
  EXPECT_THAT(outcome.out, HasSubstr("16 KiB + ideal null cache"));
  EXPECT_THAT(outcome.out, HasSubstr("trained, pruned in SIMD groups and retrained"));
  EXPECT_THAT(outcome.out, HasSubstr("/conv2/Conv"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "study.json"));
  const auto schema =
      nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/sparsecache.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  ASSERT_EQ(json["programs"].size(), 2u);
  EXPECT_EQ(json["programs"][0]["caches"].size(), 5u);
  EXPECT_EQ(json["sweeps"].size(), 4u);
  // A threshold of 0 changes nothing (but -0, which LeNet does not have).
  EXPECT_EQ(json["approximations"][0]["output_error"], 0.0);
  EXPECT_EQ(json["approximations"][0]["same_answers"], 2);
  EXPECT_GT(json["approximations"][1]["total"]["approximated"], 0.0);
  EXPECT_LT(json["approximations"][1]["miss_rate"], json["approximations"][0]["miss_rate"]);
  for (const char* name : {"misses", "time", "merges", "entries", "stores", "map"}) {
    const std::string svg =
        ReadFile(folder / "svg" / (std::string("sparsecache-") + name + ".svg"));
    EXPECT_THAT(svg, HasSubstr("</svg>")) << name;
  }
  const Outcome again = RunCommand(command);
  EXPECT_EQ(again.out, outcome.out);
  EXPECT_THAT(again.err, Not(HasSubstr("job 1"))) << "nothing is left to do";
}

TEST(SparseCacheStudyCommand, RunsWindowsOnTheRtl) {
  const std::filesystem::path folder = TestFolder();
  const Outcome outcome = RunCommand(
      {"study", "sparsecache", "--networks", "lenet", "--rtl", "--window", "2000", "--models",
       SYSTOLE_SOURCE_DIR "/models", "--store", (folder / "store").string(), "--cache-dir",
       SYSTOLE_BINARY_DIR "/test-cache", "--json", (folder / "study.json").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("equal to the model"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "study.json"));
  const auto schema =
      nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/sparsecache.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  ASSERT_EQ(json["rtl"].size(), 2u);
  EXPECT_EQ(json["rtl"][1]["windows"].size(), 11u);
  EXPECT_EQ(json["rtl"][1]["windows"][0]["accesses"], 2000);
}

TEST(SparseCacheStudyCommand, NamesEveryBadWord) {
  const Outcome outcome = RunCommand({"study", "sparsecache", "--networks", "lenet5", "--programs",
                                      "blocked", "--pruning", "half", "--window", "1", "--sweeps",
                                      "colour", "--thresholds", "-1", "--data", "int4"});
  EXPECT_EQ(outcome.status, 2);
  for (const char* word : {"network lenet5", "program blocked", "pruning half", "--sweeps colour",
                           "--thresholds -1", "int4", "needs --rtl"}) {
    EXPECT_THAT(outcome.err, HasSubstr(word));
  }
  const Outcome nowhere = RunCommand({"study", "sparsecache", "--networks", "lenet", "--models",
                                      "nowhere", "--store", TestFolder().string()});
  EXPECT_EQ(nowhere.status, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("pass --models DIR"));
}

}  // namespace
}  // namespace systole
