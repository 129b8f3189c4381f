// SPDX-License-Identifier: Apache-2.0
// `systole memories` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "synth/liberty/library.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

nlohmann::json Report(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "memories");
  arguments.insert(arguments.end(), {"--json", "-"});
  const Outcome outcome = RunCommand(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  const auto schema =
      nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/memories.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  return json;
}

double Typical(const nlohmann::json& json, int cache, const char* what) {
  return json.at("caches").at(static_cast<std::size_t>(cache)).at(what).at("typical");
}

TEST(MemoriesCommand, SetsTheNullCacheBesideALargerCache) {
  const Outcome outcome = RunCommand({"memories"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("with null cache: 16 KiB 4-way 32 B lru + 148 null entries"),
                    HasSubstr("of twice the size: 32 KiB"), HasSubstr("load that hits, pJ")));
  const auto json = Report({});
  ASSERT_THAT(json.at("caches"), SizeIs(3));
  EXPECT_EQ(json.at("feature"), 0.18);
  EXPECT_EQ(Typical(json, 0, "tcam_area"), 0);
  EXPECT_GT(Typical(json, 1, "tcam_area"), 0);
  EXPECT_LT(Typical(json, 1, "l1_area") + Typical(json, 1, "tcam_area"),
            Typical(json, 2, "l1_area"));
  EXPECT_TRUE(json.at("sources").contains("tcam.pagiamtzis"));
}

TEST(MemoriesCommand, PutsRealMacrosTogether) {
  const auto json = Report({"--feature", "0.13", "--voltage", "1.2", "--sram", "real"});
  EXPECT_NEAR(Typical(json, 0, "l1_area"), 4 * (150102.4032 + 70849.8944), 1e-6);
  EXPECT_EQ(json.at("caches").at(0).at("data").at("macro"),
            "1 x 1 RM_IHPSG13_1P_512x64_c2_bm_bist");
}

TEST(MemoriesCommand, TheLargestCacheHasNoneOfTwiceItsSize) {
  EXPECT_THAT(Report({"--size", "1M"}).at("caches"), SizeIs(2));
}

TEST(MemoriesCommand, TakesTheNodeOfALibrary) {
  const std::filesystem::path folder = TestFolder(), known = folder / "a.lib",
                              unknown = folder / "b.lib";
  WriteFile(known, "library (osu035_stdcells) { nom_voltage : 3.3; }\n");
  WriteFile(unknown, "library (mine) { nom_voltage : 2.5; }\n");
  const auto json = Report({"--liberty", known.string()});
  EXPECT_EQ(json.at("feature"), 0.35);
  EXPECT_EQ(json.at("voltage"), 3.3);
  const Outcome outcome = RunCommand({"memories", "--liberty", unknown.string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("feature size of library mine"), HasSubstr("--feature")));
  const auto given = Report({"--liberty", unknown.string(), "--feature", "0.25"});
  EXPECT_EQ(given.at("feature"), 0.25);
  EXPECT_EQ(given.at("voltage"), 2.5);
}

TEST(MemoriesCommand, WritesTheRamsAsALibertyFile) {
  const std::filesystem::path file = TestFolder() / "rams.lib";
  ASSERT_EQ(RunCommand({"memories", "--size", "1K", "--rams", file.string()}).status, 0);
  const Library library = ReadLiberty(file);
  EXPECT_THAT(library.cells, SizeIs(2));
  EXPECT_NE(library.Find("cache_ram_Depth8_Width25"), nullptr);
  EXPECT_NE(library.Find("cache_ram_Depth32_Width64"), nullptr);
  EXPECT_EQ(RunCommand({"memories", "--rams", (file / "below-a-file").string()}).status, 1);
}

TEST(MemoriesCommand, SaysWhatIsWrong) {
  const Outcome real = RunCommand({"memories", "--sram", "real"});
  EXPECT_EQ(real.status, 2);
  EXPECT_THAT(real.err, HasSubstr("there are no SRAM macros of 0.18 um and 1.8 V"));
  const Outcome missing = RunCommand({"memories", "--liberty", "no-such.lib"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("no-such.lib"));
  const Outcome bad = RunCommand({"memories", "--ways", "3", "--feature", "0", "--sram", "best"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("--ways 3"), HasSubstr("--feature 0"), HasSubstr("best")));
}

}  // namespace
}  // namespace systole
