// SPDX-License-Identifier: Apache-2.0
// `systole study overhead` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(OverheadStudy, AreaAndDelayOfBothCoresWithTheirBlocks) {
  const fs::path folder = TestFolder();
  const Outcome outcome =
      RunCommand({"study", "overhead", "--sizes", "1x2", "--no-power", "--blocks", "--cache-dir",
                  SYSTOLE_BINARY_DIR "/test-cache", "--json", (folder / "o.json").string(), "--svg",
                  folder.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("osu018_stdcells  1x2"), HasSubstr("systolic_row"),
                                 HasSubstr("+4.35 %"), HasSubstr("Yosys 0.")));
  EXPECT_THAT(ReadFile(folder / "overhead-area.svg"), HasSubstr("<svg"));
  EXPECT_FALSE(fs::exists(folder / "overhead-energy.svg"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "o.json"));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/overhead.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  ASSERT_THAT(json.at("arrays"), SizeIs(1));
  EXPECT_GT(json.at("arrays")[0].at("extended").at("area_um2"),
            json.at("arrays")[0].at("baseline").at("area_um2"));
}

TEST(OverheadStudy, SampledRowsAreInTableAndJson) {
  const fs::path folder = TestFolder();
  const Outcome outcome =
      RunCommand({"study", "overhead", "--sizes", "3x1", "--cycles", "60", "--sample-above", "0",
                  "--sample-rows", "2", "--cache-dir", SYSTOLE_BINARY_DIR "/test-cache", "--models",
                  SYSTOLE_SOURCE_DIR "/models", "--store", (folder / "store").string(), "--json",
                  (folder / "o.json").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("rows with delays"), HasSubstr("2 of 3, +-")));
  const auto json = nlohmann::json::parse(ReadFile(folder / "o.json"));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/overhead.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  const auto& layer = json.at("arrays")[0].at("extended").at("layers")[0];
  EXPECT_EQ(layer.at("sample").at("rows_with_delays"), 2);
  EXPECT_GT(layer.at("sample").at("interval_95_watts"), 0);
  EXPECT_LT(layer.at("sample").at("interval_95_watts"), layer.at("watts"));
}

TEST(OverheadStudy, CachesInBothReadingsOverTheFirstAndOverProcessors) {
  const fs::path folder = TestFolder();
  const Outcome outcome = RunCommand({"study",
                                      "overhead",
                                      "--parts",
                                      "caches",
                                      "--cache-size",
                                      "512",
                                      "--entries",
                                      "8",
                                      "--changes",
                                      "none",
                                      "--window",
                                      "60",
                                      "--traced",
                                      "1000",
                                      "--blocks",
                                      "--cache-dir",
                                      SYSTOLE_BINARY_DIR "/test-cache",
                                      "--models",
                                      SYSTOLE_SOURCE_DIR "/models",
                                      "--store",
                                      (folder / "store").string(),
                                      "--json",
                                      (folder / "o.json").string(),
                                      "--svg",
                                      folder.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("lenet /fc1/Gemm"), HasSubstr("+ 8 entries"),
                                 HasSubstr("tcam_column (flip-flops)"), HasSubstr("over rocket"),
                                 HasSubstr("hit: response"), HasSubstr("OpenSTA 2."),
                                 HasSubstr("+0.1 %"), HasSubstr("Yosys 0."),
                                 HasSubstr("osu018_stdcells: mW"), HasSubstr("/fc1/Gemm: 512 B")));
  EXPECT_THAT(ReadFile(folder / "overhead-cache-area.svg"), HasSubstr("<svg"));
  EXPECT_THAT(ReadFile(folder / "overhead-cache-energy.svg"), HasSubstr("<svg"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "o.json"));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/overhead.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  EXPECT_FALSE(json.contains("arrays"));
  EXPECT_GT(json.at("caches")[0].at("caches")[1].at("timing").at("period_s"), 1e-9);
  const auto& caches = json.at("caches").at(0).at("caches");
  ASSERT_THAT(caches, SizeIs(3));
  EXPECT_FALSE(caches[0].contains("overheads_tcam_macro"));
  EXPECT_GT(caches[1].at("overheads_tcam_flip_flops")[0].at("area_percent").at("typical"), 0);
}

TEST(OverheadStudy, BadRequestsOfCachesGiveAllProblems) {
  Outcome outcome = RunCommand({"study", "overhead", "--parts", "caches,cores", "--entries",
                                "0,many", "--changes", "smaller", "--sizes", "8"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("--parts cores"), HasSubstr("--entries 0"),
                                 HasSubstr("--entries many"), HasSubstr("change smaller"),
                                 HasSubstr("pass --entries 64,128,148,256")));
  EXPECT_THAT(outcome.err, HasSubstr("--sizes 8 needs --parts arrays"));
  outcome = RunCommand({"study", "overhead", "--parts", "caches", "--cache-size", "1000"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--size 1000"));
  outcome = RunCommand({"study", "overhead", "--parts", "caches", "--no-timing", "--pruned",
                        "resnet", "--memory", "tape"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("pass --clock NS"), HasSubstr("resnet"), HasSubstr("--memory tape")));
  outcome = RunCommand({"study", "overhead", "--parts", "caches", "--models", "nowhere"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("nowhere"), HasSubstr("--models")));
  outcome = RunCommand({"study", "overhead", "--entries", "8"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--entries 8 needs --parts caches"));
  outcome = RunCommand({"study", "overhead", "--sample-rows", "1"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("take 2 or more, or 0 for all"));
}

TEST(OverheadStudy, BadRequestsGiveAllProblems) {
  const Outcome outcome =
      RunCommand({"study", "overhead", "--sizes", "8,0x4,x", "--cycles", "1", "--clock", "fast"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("--sizes 0x4"), HasSubstr("--sizes x"), HasSubstr("--cycles 1"),
                    HasSubstr("--clock fast"), HasSubstr("pass --sizes 8,16,12x20")));
}

TEST(OverheadStudy, LibraryThatIsNotThereIsNamed) {
  const Outcome outcome =
      RunCommand({"study", "overhead", "--sizes", "1", "--no-power", "--liberty", "no.lib"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no.lib"));
}

}  // namespace
}  // namespace systole
