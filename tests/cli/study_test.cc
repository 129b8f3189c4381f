// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(StudyCommand, WritesTheSchemasJsonCsvAndPictures) {
  const std::filesystem::path folder = TestFolder();
  const Outcome outcome = RunCommand({"study",      "fuseconv",
                                      "--networks", "mobilenet-v3-small",
                                      "--variants", "baseline,half",
                                      "--rows",     "16",
                                      "--cols",     "8",
                                      "--size",     "64",
                                      "--layers",   "mobilenet-v3-small/half",
                                      "--json",     (folder / "study.json").string(),
                                      "--csv",      (folder / "study.csv").string(),
                                      "--svg",      (folder / "svg").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("FuSeConv on a 16x8 array, inputs of 64x64"));
  EXPECT_THAT(outcome.out, HasSubstr("Layers of mobilenet-v3-small, half"));
  const auto json = nlohmann::json::parse(ReadFile(folder / "study.json"));
  const auto schema =
      nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/study.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  const nlohmann::json& variants = json["networks"][0]["variants"];
  EXPECT_FALSE(variants[0].contains("layers"));
  EXPECT_GT(variants[1]["layers"].size(), 50u);
  EXPECT_TRUE(variants[0]["published"]["printed_cycles"].is_null());  // not 64x64
  EXPECT_THAT(FilesIn(folder),
              ElementsAre("study.csv", "study.json", "svg/fuseconv-baselines.svg",
                          "svg/fuseconv-blocks-mobilenet-v3-small.svg", "svg/fuseconv-kinds.svg",
                          "svg/fuseconv-sizes.svg", "svg/fuseconv-speedup.svg"));
  const std::string csv = ReadFile(folder / "study.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 3);
}

TEST(StudyCommand, NamesEveryBadWord) {
  const Outcome outcome = RunCommand({"study", "fuseconv", "--networks", "mobilenet-v9,resnet-50",
                                      "--variants", "quarter", "--rows", "257", "--layers", "x"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("mobilenet-v9"));
  EXPECT_THAT(outcome.err, HasSubstr("resnet-50 has no depthwise layers to replace"));
  EXPECT_THAT(outcome.err, HasSubstr("\"quarter\" is no variant"));
  EXPECT_THAT(outcome.err, HasSubstr("--rows 257 is out of range: 1 to 256"));
  EXPECT_THAT(outcome.err, HasSubstr("--layers x names no variant"));
}

TEST(StudyCommand, TakesTheArrayOfAConfigurationFile) {
  const std::filesystem::path file = TestFolder() / "scale.cfg";
  WriteFile(file, "ArrayHeight: 12\nArrayWidth: 20\nDataflow: os\n");
  const Outcome outcome = RunCommand({"study", "fuseconv", "--config", file.string(), "--cols", "8",
                                      "--networks", "mobilenet-v3-small", "--variants", "half"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("FuSeConv on a 12x8 array"));
}

TEST(StudyCommand, LayersAreOfANetworkInTheStudy) {
  const Outcome outcome =
      RunCommand({"study", "fuseconv", "--variants", "half", "--layers", "mobilenet-v2/full"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--layers mobilenet-v2/full is not in this study"));
}

TEST(StudyCommand, PicturesNeedTheBaseline) {
  const Outcome outcome =
      RunCommand({"study", "fuseconv", "--variants", "half", "--svg", TestFolder().string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--svg needs the baseline"));
}

TEST(StudyCommand, RunsTheVariantsOnTheRtlAndFindsTheirResultsAgain) {
  const std::filesystem::path folder = TestFolder();
  const std::vector<std::string> words = {"study",
                                          "fuseconv",
                                          "--networks",
                                          "mobilenet-v3-small",
                                          "--variants",
                                          "baseline,half",
                                          "--rows",
                                          "8",
                                          "--cols",
                                          "8",
                                          "--size",
                                          "32",
                                          "--rtl",
                                          "--machines",
                                          "os+stos",
                                          "--store",
                                          (folder / "store").string(),
                                          "--cache-dir",
                                          SYSTOLE_BINARY_DIR "/test-cache",
                                          "--json",
                                          (folder / "study.json").string()};
  for (const bool again : {false, true}) {
    const Outcome outcome = RunCommand(words);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("121 of 121 layers verified"));
    const auto json = nlohmann::json::parse(ReadFile(folder / "study.json"));
    const auto schema =
        nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/study.schema.json"));
    EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
    ASSERT_EQ(json["rtl"].size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      const nlohmann::json& row = json["rtl"][i];
      EXPECT_EQ(row["machine"], "os+stos");
      EXPECT_EQ(row["verified"], row["layers"]);
      EXPECT_EQ(row["from_store"], again ? row["layers"] : nlohmann::json(0));
      const nlohmann::json& core = json["networks"][0]["variants"][i]["core"][2];
      EXPECT_EQ(core["machine"], "os+stos");
      EXPECT_EQ(row["cycles"], core["cycles"]);
    }
  }
}

TEST(StudyCommand, OptionsOfTheRtlNeedIt) {
  const Outcome outcome = RunCommand({"study", "fuseconv", "--store", "x", "--machines", "tpu"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--store x needs --rtl"));
  EXPECT_THAT(outcome.err, HasSubstr("--machines tpu is unknown"));
}

}  // namespace
}  // namespace systole
