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
